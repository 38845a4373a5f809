//! A state that a person makes the newest, whatever other versions of it say. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::{Document, Record, Row, join_writes};
use crate::model::{Key, Timestamp};

/// The record that makes `present` the newest of these versions. Of a row on which the others differ, what any of them
/// holds possible stays possible: it becomes in doubt.
pub fn accept(present: &Document, others: &[Document], at: Timestamp) -> Record {
    let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
    let mut writes = present.writes.clone();
    let mut serial = present.serial;
    for other in others {
        let keys: BTreeSet<&Key> = present.templates.keys().chain(other.templates.keys()).collect();
        for key in keys {
            let own = rows.get(key).or(present.templates.get(key));
            if let Some(row) = Row::doubted(own, other.templates.get(key), at) {
                rows.insert(key.clone(), row);
            }
        }
        writes = join_writes(&writes, &other.writes);
        serial = serial.max(other.serial);
    }
    Record::Accept { at, rows, serial, writes }
}
