//! Tests resolutions of attempts without an outcome.

use super::*;

#[test]
fn a_refusal_leaves_an_earlier_doubt() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let mut doubtful = attributes("r", "B").to_map();
    doubtful.insert("customCss".to_owned(), "x".into());
    ledger.record(&intent("2-1", "a", Operation::Update, &doubtful.into())).unwrap();
    ledger.record(&outcome("2-1", "a", RecordedOutcome::InDoubt { message: "?".to_owned() })).unwrap();
    ledger.record(&intent("2-2", "a", Operation::Update, &attributes("r", "C"))).unwrap();
    ledger.record(&outcome("2-2", "a", RecordedOutcome::InDoubt { message: "?".to_owned() })).unwrap();
    ledger.record(&intent("2-3", "a", Operation::Update, &attributes("r", "D"))).unwrap();
    let refused = RecordedOutcome::Failed { message: "no".to_owned(), record: None, perhaps_applied: false };
    ledger.record(&outcome("2-3", "a", refused)).unwrap();
    let document = ledger.checkpoint().unwrap();
    let row = &document.templates[&key("a")];
    assert_eq!(row.status(), RowStatus::Failed);
    assert_eq!(row.attempt().and_then(|attempt| attempt.attributes.title()), Some("C"));
    assert_eq!(row.attempts.earlier().len(), 1);
    assert!(
        row.possibly_set_fields(Operation::Update).contains("customCss"),
        "an earlier attempt may have set it"
    );
    assert_eq!(row.confirmed.as_ref().and_then(|known| known.attributes.title()), Some("A"));
}

#[test]
fn each_resolution_has_its_effect() {
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02").unwrap();
    for (resolution, status, known) in [
        (Resolution::Created { id: id.clone() }, RowStatus::Applied, true),
        (Resolution::Exists { id }, RowStatus::Failed, false),
        (Resolution::Applied, RowStatus::Applied, true),
        (Resolution::NotCreated, RowStatus::Failed, false),
        (Resolution::Resend, RowStatus::InDoubt, false),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", RecordedOutcome::InDoubt { message: "?".to_owned() })).unwrap();
        let mut document = ledger.document().clone();
        let mut ids = IdIndex::of(&document);
        document.resolve(&mut ids, &key("b"), &resolution, at()).unwrap();
        let row = &document.templates[&key("b")];
        assert_eq!((row.status(), row.confirmed.is_some()), (status, known), "{resolution:?}");
        // What may be on the server is kept until it is overwritten.
        let kept = matches!(resolution, Resolution::Resend | Resolution::Exists { .. });
        assert_eq!(row.attempt().is_some(), kept, "{resolution:?}");
        let [said] = &row.resolutions[..] else { panic!("{:?}", row.resolutions) };
        assert_eq!((said.at, said.id.as_ref()), (at(), row.identity.as_ref().map(|identity| &identity.id)));
        let again = document.resolve(&mut ids, &key("b"), &resolution, at());
        // A requested resend may turn out to be unnecessary.
        let ordered = resolution == Resolution::Resend;
        assert_eq!(again, if ordered { Ok(()) } else { Err(EditError::NotInDoubt { key: key("b") }) });
        let taken = Resolution::Created { id: document.templates[&key("a")].identity.clone().unwrap().id };
        assert!(matches!(
            ledger.document().clone().resolve(&mut IdIndex::of(ledger.document()), &key("b"), &taken, at()),
            Err(EditError::IdTaken { .. })
        ));
    }
}

#[test]
fn the_last_twenty_resolutions_are_kept() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    for round in 1..=25 {
        let batch = format!("2-{round}");
        ledger.record(&intent(&batch, "b", Operation::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome(&batch, "b", RecordedOutcome::InDoubt { message: "?".to_owned() })).unwrap();
        let at = Timestamp::from_unix_seconds(round);
        ledger.record(&Record::Resolve { at, key: key("b"), resolution: Resolution::NotCreated }).unwrap();
        let kept = &ledger.document().templates[&key("b")].resolutions;
        assert_eq!(kept.len(), usize::try_from(round).unwrap().min(20));
        assert_eq!(kept.last().unwrap().at, at);
    }
    let text = ledger.checkpoint().unwrap().to_text().unwrap();
    let read = crate::state::parse_state(std::path::Path::new("s.json"), text.as_bytes()).unwrap();
    assert_eq!(read.templates[&key("b")].resolutions[0].at, Timestamp::from_unix_seconds(6));
}

#[test]
fn a_single_resolution_is_read() {
    let read = |settled: serde_json::Value| {
        let row = serde_json::json!({ "status": "applied", "settled": settled });
        serde_json::from_value::<crate::state::Row>(row).map(|row| row.resolutions.len())
    };
    let one = serde_json::json!({ "as": "resend", "at": "2026-11-23T10:00:00Z" });
    assert_eq!(read(one.clone()).unwrap(), 1);
    assert_eq!(read(serde_json::json!([one, one])).unwrap(), 2);
    assert_eq!(read(serde_json::Value::Null).unwrap(), 0);
    assert!(read(serde_json::json!([{ "as": "guessed", "at": "2026-11-23T10:00:00Z" }])).is_err());
}

#[test]
fn a_resend_counts_once_carried_out() {
    let doubt = || RecordedOutcome::InDoubt { message: "?".to_owned() };
    let not_sent = || RecordedOutcome::NotSent;
    let applied_now = || RecordedOutcome::Applied { id: None };
    for (result, status, resolutions) in [
        (Some(not_sent()), RowStatus::InDoubt, 0),
        (Some(doubt()), RowStatus::InDoubt, 1),
        (None, RowStatus::InDoubt, 1),
        (Some(applied_now()), RowStatus::Applied, 1),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", doubt())).unwrap();
        let mut again = intent("3-1", "b", Operation::Create, &attributes("s", "B"));
        if let Record::Intent { rows, .. } = &mut again {
            rows[0].requested_by_user = true;
        }
        ledger.record(&again).unwrap();
        if let Some(result) = &result {
            ledger.record(&outcome("3-1", "b", result.clone())).unwrap();
        }
        let document = ledger.checkpoint().unwrap();
        let row = &document.templates[&key("b")];
        assert_eq!((row.status(), row.resolutions.len()), (status, resolutions), "{result:?}");
        assert_eq!(
            row.operation(),
            (status == RowStatus::InDoubt).then_some(Operation::Create),
            "{result:?}"
        );
    }
}

#[test]
fn a_pending_row_is_resolved_but_not_resent() {
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02").unwrap();
    for (resolution, status) in [
        (Resolution::Created { id: id.clone() }, Some(RowStatus::Applied)),
        (Resolution::Applied, Some(RowStatus::Applied)),
        (Resolution::NotCreated, Some(RowStatus::Failed)),
        (Resolution::Resend, None),
        (Resolution::Exists { id }, None),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Operation::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", RecordedOutcome::Pending { job: "j".to_owned() })).unwrap();
        let mut document = ledger.document().clone();
        let mut ids = IdIndex::of(&document);
        let result = document.resolve(&mut ids, &key("b"), &resolution, at());
        let refused = EditError::AtWork { key: key("b"), job: "j".to_owned() };
        assert_eq!(result, status.map(|_| ()).ok_or(refused), "{resolution:?}");
        assert_eq!(document.templates[&key("b")].status(), status.unwrap_or(RowStatus::Pending));
    }
}

/// The server did not match by natural key after all, and changed the existing template.
#[test]
fn changing_the_old_template_leaves_no_orphan() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let had = ledger.document().templates[&key("a")].identity.clone().unwrap();
    ledger.record(&intent("2-1", "a", Operation::Create, &attributes("s", "B"))).unwrap();
    ledger.record(&outcome("2-1", "a", RecordedOutcome::InDoubt { message: "?".to_owned() })).unwrap();
    let resolution = Resolution::Created { id: had.id.clone() };
    ledger.record(&Record::Resolve { at: at(), key: key("a"), resolution }).unwrap();
    let document = ledger.checkpoint().unwrap();
    assert_eq!(document.templates.keys().collect::<Vec<_>>(), [&key("a")]);
    assert_eq!(document.templates[&key("a")].identity.as_ref().map(|identity| &identity.id), Some(&had.id));
}

/// An id that a row got by its position in a response was a guess; two rows may have each other's.
#[test]
fn a_positional_id_yields_to_an_imported_one() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let ids = ["8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0b"]
        .map(|id| TemplateId::parse_uuid(id).unwrap());
    for (name, id) in [("b", &ids[0]), ("c", &ids[1])] {
        ledger.record(&intent("2-1", name, Operation::Create, &attributes(name, "B"))).unwrap();
        let id = Some((id.clone(), IdSource::Positional));
        ledger.record(&outcome("2-1", name, RecordedOutcome::Applied { id })).unwrap();
    }
    let import = |name, id: &TemplateId| Record::Import { at: at(), id: id.clone(), key: key(name) };
    let records = vec![import("b", &ids[1]), import("c", &ids[0])];
    ledger.record(&Record::Transaction { records }).unwrap();
    let document = ledger.checkpoint().unwrap();
    for (name, id) in [("b", &ids[1]), ("c", &ids[0])] {
        let identity = document.templates[&key(name)].identity.clone().unwrap();
        assert_eq!((&identity.id, identity.source), (id, IdSource::Imported));
    }
}

/// The confirmed contents of one template say nothing about the other.
#[test]
fn an_import_of_another_template_confirms_nothing() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let row = ledger.document().templates[&key("a")].clone();
    let import = |id: TemplateId| Record::Import { at: at(), id, key: key("a") };
    ledger.record(&import(row.identity.unwrap().id)).unwrap();
    assert_eq!(ledger.document().templates[&key("a")].confirmed, row.confirmed);
    let another = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0f").unwrap();
    ledger.record(&import(another)).unwrap();
    assert_eq!(ledger.document().templates[&key("a")].confirmed, None);
}
