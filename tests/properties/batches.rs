//! Every row is in exactly one request, and no request contains rows that could be confused.

use std::collections::{BTreeMap, BTreeSet};

use certctl::apply::OutgoingRow;
use certctl::apply::batch::{BatchPolicy, compose};
use certctl::model::Addressing;
use certctl::state::Operation;
use proptest::prelude::*;

use crate::world::{any_parts, desired, plan};

fn rows(parts: &crate::world::Parts, updates: &[bool]) -> Vec<OutgoingRow> {
    let mut rows = OutgoingRow::of_plan(&plan(&desired(parts), None, Addressing::Resource));
    for (row, update) in rows.iter_mut().zip(updates) {
        row.operation = if *update { Operation::Update } else { Operation::Create };
    }
    rows
}

proptest! {
    #[test]
    fn each_row_is_sent_once_without_collisions(
        parts in any_parts(12),
        updates in prop::collection::vec(any::<bool>(), 12),
        size in 1..6_usize,
        separate_titles: bool,
        by_id: bool,
    ) {
        let rows = rows(&parts, &updates);
        let addressing = if by_id { Addressing::Id } else { Addressing::Resource };
        let requests = compose(rows.clone(), BatchPolicy { addressing, size, separate_titles });
        let mut sent: Vec<_> = requests.iter().flatten().map(|row| row.key.clone()).collect();
        sent.sort();
        let mut all: Vec<_> = rows.iter().map(|row| row.key.clone()).collect();
        all.sort();
        prop_assert_eq!(sent, all);
        for request in &requests {
            let creates = request.iter().filter(|row| row.operation == Operation::Create).count();
            prop_assert!(creates == 0 || creates == request.len(), "creates and updates go apart");
            prop_assert!(request.len() <= size && (!by_id || creates <= 1));
            let natural_keys: BTreeSet<_> = request.iter().map(|row| &row.natural_key).collect();
            prop_assert_eq!(natural_keys.len(), request.len());
            if separate_titles {
                let titles: BTreeSet<_> = request.iter().map(OutgoingRow::title).collect();
                prop_assert_eq!(titles.len(), request.len());
            }
        }
        if !separate_titles && !by_id {
            let updating = rows.iter().filter(|row| row.operation == Operation::Update).count();
            let fewest = updating.div_ceil(size) + (rows.len() - updating).div_ceil(size);
            prop_assert_eq!(requests.len(), fewest, "spreading titles costs no request");
        }
    }

    #[test]
    fn equal_titles_are_spread_over_requests(parts in any_parts(12), size in 1..6_usize) {
        let rows = rows(&parts, &[]);
        let policy = BatchPolicy { addressing: Addressing::Resource, size, separate_titles: false };
        let requests = compose(rows.clone(), policy);
        let mut frequency: BTreeMap<_, usize> = BTreeMap::new();
        for row in &rows {
            *frequency.entry(row.title()).or_default() += 1;
        }
        for (title, count) in frequency {
            let most = requests.iter().map(|request| request.iter().filter(|row| row.title() == title).count()).max();
            prop_assert!(most.unwrap_or(0) <= count.div_ceil(requests.len().max(1)));
        }
    }
}
