//! Pairs templates with rows of the state. Both are sorted by key, so that one walk over both finds every pair, and no key
//! is looked up. `build` calls it.

use std::collections::BTreeMap;

use crate::desired::Template;
use crate::model::Key;
use crate::state::Row;

/// What a walk over templates and rows finds.
pub(super) struct Pairs<'a> {
    /// The row of each template, in the order of the templates.
    pub(super) rows: Vec<Option<&'a Row>>,
    /// The rows without a template.
    pub(super) left: Vec<(&'a Key, &'a Row)>,
}

impl<'a> Pairs<'a> {
    pub(super) fn of(templates: &BTreeMap<Key, Template>, rows: &BTreeMap<&'a Key, &'a Row>) -> Self {
        let mut rows = rows.iter().map(|(key, row)| (*key, *row)).peekable();
        let mut pairs = Self { rows: Vec::with_capacity(templates.len()), left: Vec::new() };
        for key in templates.keys() {
            while let Some(left) = rows.next_if(|(other, _)| *other < key) {
                pairs.left.push(left);
            }
            pairs.rows.push(rows.next_if(|(other, _)| *other == key).map(|(_, row)| row));
        }
        pairs.left.extend(rows);
        pairs
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::desired::WrittenPlaces;
    use crate::model::Attributes;

    proptest! {
        #[test]
        fn pairs_are_those_of_lookups(
            templates in prop::collection::btree_set("[a-d]{1,2}", 0..9),
            in_state in prop::collection::btree_set("[a-d]{1,2}", 0..9),
        ) {
            let key = |text: &String| Key::new(text.as_str()).unwrap();
            let file: Arc<Path> = Arc::from(Path::new("a.yaml"));
            let template = |text: &String| {
                let attributes = Attributes::default();
                let file = Arc::clone(&file);
                (key(text), Template { attributes, protect: false, written: WrittenPlaces::default(), canvas: None, file })
            };
            let templates: BTreeMap<Key, Template> = templates.iter().map(template).collect();
            let keys: Vec<Key> = in_state.iter().map(key).collect();
            let of_key: Vec<Row> = keys.iter().map(|_| Row::default()).collect();
            let rows: BTreeMap<&Key, &Row> = keys.iter().zip(&of_key).collect();
            let pairs = Pairs::of(&templates, &rows);
            let address = |row: Option<&Row>| row.map(std::ptr::from_ref);
            let expected: Vec<_> = templates.keys().map(|key| address(rows.get(key).copied())).collect();
            prop_assert_eq!(pairs.rows.into_iter().map(address).collect::<Vec<_>>(), expected);
            let left: Vec<&Key> = rows.keys().filter(|key| !templates.contains_key(**key)).copied().collect();
            prop_assert_eq!(pairs.left.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), left);
        }
    }
}
