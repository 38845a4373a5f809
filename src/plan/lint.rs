//! What is odd in the configuration, as a plan's warnings.

use super::Scope;
use crate::desired::Desired;
use crate::model::{Key, Warning};

/// So many templates are named.
const NAMED: usize = 5;

/// A sentence for each warning that concerns a template of this scope.
pub(super) fn warnings(desired: &Desired, scope: &Scope) -> Vec<String> {
    desired.warnings.iter().filter_map(|warning| sentence(warning, scope)).collect()
}

fn sentence(warning: &Warning, scope: &Scope) -> Option<String> {
    let keys: Vec<&str> = warning.keys.iter().filter(|key| scope.contains(key)).map(Key::as_str).collect();
    let named = keys.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let who = match keys.len() {
        0 => return None,
        count if count > NAMED => format!("{named} and {} more", count - NAMED),
        _ => named,
    };
    let finding = &warning.finding;
    let help = finding.help.iter().map(|help| format!("; {help}")).collect::<String>();
    Some(format!("{who}: {}{help} ({}, {})", finding.message, finding.place, finding.rule))
}
