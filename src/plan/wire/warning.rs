//! The warnings of a plan's document: a list of texts, and beside it what programs need of them.

use serde::{Deserialize, Serialize};

use crate::model::Key;
use crate::plan::{Warned, WarningKind};

/// The structured part of a warning, for programs.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct WarningDetail {
    /// The templates that it concerns; empty if it concerns none in particular.
    keys: Vec<Key>,
    /// What it has in common with others; null for a warning about one template alone.
    kind: Option<WarningKind>,
    /// The lines at the end of the text that are to be pasted into the YAML. Absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paste: Option<String>,
}

/// Returns the details, or an empty list if the texts say everything.
pub(super) fn warning_details(warnings: &[Warned]) -> Vec<WarningDetail> {
    if warnings.iter().all(Warned::has_only_text) {
        return Vec::new();
    }
    let detail = |warned: &Warned| WarningDetail {
        keys: warned.keys.clone(),
        kind: warned.kind.clone(),
        paste: warned.paste.clone(),
    };
    warnings.iter().map(detail).collect()
}

/// Returns the warnings of these texts and details.
pub(super) fn warned(texts: Vec<String>, details: Vec<WarningDetail>) -> Vec<Warned> {
    let details = details.into_iter().chain(std::iter::repeat_with(WarningDetail::default));
    let warned = |(whole, detail): (String, WarningDetail)| {
        let WarningDetail { keys, kind, paste } = detail;
        Warned::from_whole(whole, kind, keys, paste)
    };
    texts.into_iter().zip(details).map(warned).collect()
}
