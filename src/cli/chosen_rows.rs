//! Selects the rows of a state that names on the command line select: keys, or patterns. Called by the commands that
//! edit or settle rows.

use super::failure::Failure;
use crate::model::Key;
use crate::plan::Scope;
use crate::state::Document;

/// Returns the selected rows, sorted. A key selects its row in any status; a pattern selects among the keys that are
/// open to patterns. `nothing` makes the failure for a pattern that matches none of them.
pub(super) fn chosen_rows<'d, I>(
    document: &'d Document,
    names: &[String],
    open_to_patterns: impl Fn() -> I,
    nothing: impl Fn(&str) -> Failure,
) -> Result<Vec<Key>, Failure>
where
    I: Iterator<Item = &'d Key>,
{
    let mut keys = Vec::new();
    for name in names {
        let key = Key::new(name.as_str()).map_err(|error| Failure::error(error.to_string()))?;
        if document.templates.contains_key(&key) || !name.contains(['*', '?', '[']) {
            document.row(&key)?;
            keys.push(key);
            continue;
        }
        let pattern = Scope::parse(std::slice::from_ref(name), &[])?;
        let before = keys.len();
        keys.extend(open_to_patterns().filter(|key| pattern.contains(key)).cloned());
        if keys.len() == before {
            return Err(nothing(name));
        }
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}
