//! Turns warnings about the configuration into warnings of a plan.

use super::{Scope, Warned};
use crate::desired::Desired;
use crate::model::{Finding, Key, Warning};

/// The most templates that a warning names.
const NAMED: usize = 5;

/// Returns the warnings about a template in this scope, and those about no particular template.
pub(super) fn warnings(desired: &Desired, scope: &Scope) -> Vec<Warned> {
    desired.warnings.iter().filter_map(|warning| warned(warning, scope)).collect()
}

fn warned(warning: &Warning, scope: &Scope) -> Option<Warned> {
    let finding = &warning.finding;
    if warning.keys.is_empty() {
        return Some(Warned::of(finding.rule, &finding.message, Vec::new(), finding.sentences()));
    }
    let keys: Vec<Key> = warning.keys.iter().filter(|key| scope.contains(key)).cloned().collect();
    let named = keys.iter().take(NAMED).map(Key::as_str).collect::<Vec<_>>().join(", ");
    let who = match keys.len() {
        0 => return None,
        count if count > NAMED => format!("{named} and {} more", count - NAMED),
        _ => named,
    };
    // The templates come first: after the sentence, a key could be read as its last word.
    let text = Finding { message: format!("{who}: {}", finding.message), ..finding.clone() }.sentences();
    Some(Warned::of(finding.rule, &finding.message, keys, text))
}
