//! The state file: any text.

use std::path::Path;

use certctl::apply::OutgoingRow;
use certctl::desired::Desired;
use certctl::model::{Addressing, Timestamp};
use certctl::plan::{Inputs, Plan, Scope, build};
use certctl::report::state_list;
use certctl::state::{
    Document, JOURNAL_FORMAT, KeyedOutcome, Record, RecordedOutcome, Replay, RowStatus, StateIdentity,
    Writes, parse_state,
};

pub(crate) fn state(bytes: &[u8]) {
    let path = Path::new("state.json");
    let document = match parse_state(path, bytes) {
        Ok(document) => document,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let text = document.to_text().unwrap();
    let again = parse_state(path, text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, document, "what is written is what was read");
    assert_eq!(again.to_text().unwrap(), text, "writing is a fixpoint");
    assert_eq!(
        state_list(&document, certctl::report::Style::default()).lines().count(),
        document.templates.len().max(1)
    );

    // Whatever the state, it can be planned, and with an empty configuration nothing in it is sent.
    let owner = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
    let (desired, scope) = (Desired::default(), Scope::default());
    for addressing in [Addressing::Resource, Addressing::Id] {
        let state = Some(&document);
        let inputs = Inputs {
            desired: &desired,
            state,
            identity: &owner,
            addressing,
            trust_upsert: false,
            scope: &scope,
        };
        let plan = build(&inputs).unwrap();
        assert_eq!(plan.submissions(), 0);
        let listed = plan.summary.orphan + plan.summary.in_doubt + plan.summary.pending;
        // A create that the server rejected never existed.
        let may_exist = document.templates.values().filter(|row| row.exists() || row.attempt().is_some());
        let at_rest =
            document.templates.values().filter(|row| row.status() == RowStatus::Applied && !row.exists());
        assert_eq!(
            listed,
            may_exist.count() + at_rest.count(),
            "every row that the server may hold is named"
        );
        assert_eq!(Plan::from_text(&plan.to_text().unwrap()).unwrap(), plan);
    }
}

/// The state after a run of this plan: killed before the answer, or with everything confirmed.
pub(crate) fn after(plan: &Plan, owner: &StateIdentity, applied: bool) -> Document {
    let at = Timestamp::from_unix_seconds(1_800_000_000);
    let open = Record::Open {
        at,
        base: None,
        by: None,
        environment: owner.environment.clone(),
        format: JOURNAL_FORMAT.to_owned(),
        lineage: "lineage".to_owned(),
        operation: "apply".to_owned(),
        serial: 0,
        url: owner.url.clone(),
        write: None,
        writes: Writes::default(),
    };
    let mut replay = Replay::begin(None, &open);
    for (key, protect) in &plan.protect {
        replay.record(&Record::Protect { key: key.clone(), protect: *protect });
    }
    let rows = OutgoingRow::of_plan(plan);
    let batch = "1-1".to_owned();
    let intents = rows.iter().map(OutgoingRow::intent).collect();
    replay.record(&Record::Intent { at, batch: batch.clone(), rows: intents });
    if applied {
        let result = || RecordedOutcome::Applied { id: None };
        let rows = rows.iter().map(|row| KeyedOutcome { key: row.key.clone(), result: result() }).collect();
        replay.record(&Record::Outcome { at, batch, candidate_ids: Vec::new(), rows, warnings: Vec::new() });
        for (key, protect) in &plan.protect {
            replay.record(&Record::Protect { key: key.clone(), protect: *protect });
        }
    }
    replay.finish()
}
