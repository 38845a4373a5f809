//! Makes one version of a state the newest at a person's request. A pure function.

use std::collections::{BTreeMap, BTreeSet};

use super::{DeletedIds, Document, Record, Row, join_writes};
use crate::model::{Key, Timestamp};

/// The record that makes `present` the newest of these versions. A row on which the others differ becomes in doubt:
/// everything that any version considers possible stays possible.
pub fn accept(present: &Document, others: &[Document], at: Timestamp) -> Record {
    let mut rows: BTreeMap<Key, Row> = BTreeMap::new();
    let mut writes = present.writes.clone();
    let mut serial = present.serial;
    let mut deleted_ids = DeletedIds::default();
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
        deleted_ids.remember(other.deletions().map(|(id, at)| (id.clone(), at)));
    }
    Record::Accept { at, deleted_ids, rows, serial, writes }
}

/// This version as it is once it is accepted over the others.
pub fn accepted(present: &Document, others: &[Document], at: Timestamp) -> Document {
    let mut document = present.clone();
    if let Record::Accept { deleted_ids, rows, serial, writes, .. } = accept(present, others, at) {
        document.deleted_ids = document.deleted_ids.joined(&deleted_ids);
        document.templates.extend(rows);
        (document.serial, document.writes) = (serial, writes);
    }
    document
}
