//! What is odd in the configuration, as a plan's warnings.

use super::Scope;
use crate::desired::Desired;
use crate::model::{Finding, Key, Warning};

/// So many templates are named.
const NAMED: usize = 5;

/// Each warning that concerns a template of this scope, or none in particular.
pub(super) fn warnings(desired: &Desired, scope: &Scope) -> Vec<String> {
    desired.warnings.iter().filter_map(|warning| sentences(warning, scope)).collect()
}

fn sentences(warning: &Warning, scope: &Scope) -> Option<String> {
    let finding = &warning.finding;
    if warning.keys.is_empty() {
        return Some(finding.sentences());
    }
    let keys: Vec<&str> = warning.keys.iter().filter(|key| scope.contains(key)).map(Key::as_str).collect();
    let named = keys.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let who = match keys.len() {
        0 => return None,
        count if count > NAMED => format!("{named} and {} more", count - NAMED),
        _ => named,
    };
    Some(Finding { message: format!("{} ({who})", finding.message), ..finding.clone() }.sentences())
}
