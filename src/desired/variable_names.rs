//! Which variable has an id as its value. Messages name a label by it.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use crate::config::Variable;

/// The variables by their values. certctl.toml can have one for each of 100,000 courses, so this is made once, for the first
/// message that needs it.
#[derive(Debug, Default)]
pub(super) struct VariableNames(OnceLock<HashMap<String, String>>);

impl VariableNames {
    /// The first variable with this id, which may be written in other case.
    pub(super) fn of(&self, id: &str, variables: &BTreeMap<String, Variable>) -> Option<&str> {
        let by_id = self.0.get_or_init(|| {
            let mut by_id: HashMap<String, String> = HashMap::with_capacity(variables.len());
            for (name, variable) in variables {
                by_id.entry(variable.value.to_string().to_ascii_lowercase()).or_insert_with(|| name.clone());
            }
            by_id
        });
        by_id.get(&id.to_ascii_lowercase()).map(String::as_str)
    }
}
