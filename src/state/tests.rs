//! A state in a folder: what is kept, what is refused, and what a run that was cut off leaves behind.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::model::{Attributes, Key, NaturalKey, TemplateId, Timestamp};

fn at() -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000)
}

fn owner() -> Owner {
    Owner { environment: "test".to_owned(), url: "sandbox".to_owned() }
}

fn holder() -> Holder {
    Holder { who: "ada".to_owned(), host: "h".to_owned(), pid: 7, operation: "apply".to_owned(), since: at() }
}

fn open(store: &FileStore) -> Result<(Ledger<'_, FileStore>, bool), StateError> {
    let (owner, holder) = (owner(), holder());
    let write = || WriteId::new(uuid::Uuid::new_v4());
    let (lineage, wait) = ("l".to_owned(), Duration::ZERO);
    let opening = Opening { owner: &owner, holder: &holder, lineage, write: write(), wait };
    Ledger::open(store, &opening)
}

struct Place {
    folder: tempfile::TempDir,
    store: FileStore,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(&folder.path().join("state/test.json"), owner());
        Self { folder, store }
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.folder.path().join(format!("state/test.json{suffix}"))
    }

    fn serial(&self) -> u64 {
        self.store.read().unwrap().document.map_or(0, |document| document.serial)
    }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn attributes(resource: &str, title: &str) -> Attributes {
    let value = serde_json::json!({"resourceType": "course", "resourceId": resource, "title": title});
    serde_json::from_value(value).unwrap()
}

fn intent(batch: &str, name: &str, deed: Deed, attributes: &Attributes) -> Record {
    let row = IntentRow {
        action: deed,
        attributes: attributes.clone(),
        digest: attributes.digest(),
        key: key(name),
        natural_key: NaturalKey::of(attributes),
        ordered: false,
    };
    Record::Intent { at: at(), batch: batch.to_owned(), rows: vec![row] }
}

fn outcome(batch: &str, name: &str, result: RowResult) -> Record {
    let rows = vec![SettledRow { key: key(name), result }];
    Record::Outcome {
        at: at(),
        batch: batch.to_owned(),
        candidate_ids: Vec::new(),
        rows,
        warnings: Vec::new(),
    }
}

/// A place where `a` was applied for the resource `r`.
fn applied() -> Place {
    let place = Place::new();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("1-1", "a", Deed::Create, &attributes("r", "A"))).unwrap();
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01").unwrap();
    ledger.record(&outcome("1-1", "a", RowResult::Applied { id: Some((id, IdSource::Exact)) })).unwrap();
    ledger.fold().unwrap();
    place
}

#[test]
fn a_run_leaves_a_state_and_a_backup_and_no_journal() {
    let place = applied();
    assert_eq!(place.serial(), 1);
    assert!(!place.file(".journal").exists() && !place.file(".backup").exists());
    let first = fs::read(place.file("")).unwrap();
    let (mut ledger, recovered) = open(&place.store).unwrap();
    assert!(!recovered);
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    ledger.fold().unwrap();
    assert_eq!(fs::read(place.file(".backup")).unwrap(), first);
    assert_eq!(place.serial(), 2);
}

#[test]
fn a_write_is_named_in_the_state_and_in_the_rows_it_changes() {
    let place = applied();
    let first = place.store.read().unwrap().document.unwrap();
    assert_eq!(first.writes.as_slice(), &[first.templates[&key("a")].write.unwrap()]);
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
    let second = ledger.fold().unwrap();
    assert_eq!(first.relation_to(&second), Some(Relation::Older));
    assert_eq!(second.templates[&key("a")], first.templates[&key("a")], "it did not change");
    assert_eq!(second.templates[&key("b")].write, second.writes.newest());
    // A row under another key is another row.
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&Record::Move { from: key("a"), to: key("c") }).unwrap();
    let third = ledger.fold().unwrap();
    assert_eq!(third.templates[&key("c")].write, third.writes.newest());
    assert_eq!(third.templates[&key("b")].write, second.writes.newest());
}

#[test]
fn a_recovered_journal_is_a_write_of_its_own() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
    drop(ledger);
    let (mut ledger, _) = open(&place.store).unwrap();
    let recovered = ledger.document().clone();
    assert_eq!(recovered.templates[&key("b")].write, recovered.writes.newest());
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    let folded = ledger.fold().unwrap();
    // The first run's, what the journal recorded, its recovery, and this run's.
    assert_eq!(folded.writes.as_slice().len(), 4);
    assert_eq!(recovered.relation_to(&folded), Some(Relation::Older));
}

#[test]
fn a_state_that_does_not_name_its_writes_is_read_and_written_on() {
    let place = applied();
    let mut old = place.store.read().unwrap().document.unwrap();
    old.writes = Writes::default();
    old.templates.values_mut().for_each(|row| row.write = None);
    fs::write(place.file(""), old.to_text().unwrap()).unwrap();
    assert_eq!(place.store.read().unwrap().document.as_ref(), Some(&old));
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
    let new = ledger.fold().unwrap();
    assert_eq!(old.relation_to(&new), Some(Relation::Older));
    assert_eq!(new.templates[&key("a")].write, None, "who wrote it last is not known");
}

#[test]
fn a_run_that_changes_nothing_writes_nothing() {
    let place = Place::new();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("1-1", "a", Deed::Create, &attributes("r", "A"))).unwrap();
    ledger.record(&outcome("1-1", "a", RowResult::NotSent)).unwrap();
    ledger.fold().unwrap();
    assert!(!place.file("").exists() && !place.file(".journal").exists());
}

#[test]
fn what_was_cut_off_is_folded_once_and_in_doubt() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
    drop(ledger);
    let planned = place.store.read().unwrap().effective().unwrap().unwrap();
    assert_eq!(planned.templates[&key("b")].status(), Status::InDoubt);
    assert_eq!(place.serial(), 1, "reading changes nothing");
    let (ledger, recovered) = open(&place.store).unwrap();
    assert!(recovered);
    ledger.fold().unwrap();
    assert_eq!(place.serial(), 2);
    assert!(!open(&place.store).unwrap().1);
}

#[test]
fn a_crash_between_state_and_journal_folds_nothing_twice() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&Record::Move { from: key("a"), to: key("b") }).unwrap();
    let mut journal = fs::read_to_string(place.file(".journal")).unwrap();
    let document = ledger.fold().unwrap();
    // The journal as it was when the state had just been written.
    let digest = crate::model::Digest::of(document.to_text().unwrap().as_bytes());
    journal.push_str(&Record::Fold { digest, serial: document.serial, write: None }.to_line().unwrap());
    fs::write(place.file(".journal"), journal).unwrap();
    assert_eq!(place.store.read().unwrap().fit(), JournalFit::Folded);
    let (ledger, recovered) = open(&place.store).unwrap();
    assert!(!recovered);
    ledger.fold().unwrap();
    assert_eq!(place.serial(), 2);
}

#[test]
fn a_state_that_was_replaced_under_a_journal_is_refused() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
    let text = fs::read_to_string(place.file("")).unwrap().replace("\"serial\": 1", "\"serial\": 5");
    fs::write(place.file(""), &text).unwrap();
    assert!(matches!(ledger.fold(), Err(StateError::Replaced { expected: 1, .. })));
    assert_eq!(fs::read_to_string(place.file("")).unwrap(), text, "nobody's work is overwritten");
    assert!(matches!(open(&place.store), Err(StateError::Replaced { .. })));
    assert!(place.file(".journal").exists());
}

#[test]
fn one_writer_at_a_time_and_the_other_is_told_who() {
    let place = applied();
    let ledger = open(&place.store).unwrap();
    assert_eq!(place.store.writer(), Writer::Known(holder()));
    let error = open(&place.store).err().unwrap().to_string();
    assert!(error.contains("ada") && error.contains("process 7"), "{error}");
    drop(ledger);
    assert_eq!(place.store.writer(), Writer::Absent);
    assert!(open(&place.store).is_ok());
}

#[test]
fn a_template_that_gets_another_course_leaves_its_old_self() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    ledger.record(&intent("2-1", "a", Deed::Create, &attributes("s", "A"))).unwrap();
    ledger.record(&outcome("2-1", "a", RowResult::Applied { id: None })).unwrap();
    let document = ledger.fold().unwrap();
    let old = &document.templates[&key("a.replaced-1")];
    assert!(
        old.identity.is_some()
            && old.known.as_ref().is_some_and(|known| known.attributes.text("resourceId") == Some("r"))
    );
    assert!(document.templates[&key("a")].identity.is_none());
}

#[test]
fn a_refusal_does_not_settle_an_earlier_doubt() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let mut doubtful = attributes("r", "B").to_map();
    doubtful.insert("customCss".to_owned(), "x".into());
    ledger.record(&intent("2-1", "a", Deed::Update, &doubtful.into())).unwrap();
    ledger.record(&outcome("2-1", "a", RowResult::InDoubt { message: "?".to_owned() })).unwrap();
    ledger.record(&intent("2-2", "a", Deed::Update, &attributes("r", "C"))).unwrap();
    ledger.record(&outcome("2-2", "a", RowResult::InDoubt { message: "?".to_owned() })).unwrap();
    ledger.record(&intent("2-3", "a", Deed::Update, &attributes("r", "D"))).unwrap();
    let refused = RowResult::Failed { message: "no".to_owned(), record: None, perhaps_applied: false };
    ledger.record(&outcome("2-3", "a", refused)).unwrap();
    let document = ledger.fold().unwrap();
    let row = &document.templates[&key("a")];
    assert_eq!(row.status(), Status::Failed);
    assert_eq!(row.attempt().and_then(|attempt| attempt.attributes.title()), Some("C"));
    assert_eq!(row.attempts.earlier().len(), 1);
    assert!(
        row.possibly_set_fields(Deed::Update).contains("customCss"),
        "an earlier attempt may have set it"
    );
    assert_eq!(row.known.as_ref().and_then(|known| known.attributes.title()), Some("A"));
}

#[test]
fn each_settlement_does_what_it_says() {
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02").unwrap();
    for (settlement, status, known) in [
        (Settlement::Created { id: id.clone() }, Status::Applied, true),
        (Settlement::Exists { id }, Status::Failed, false),
        (Settlement::Applied, Status::Applied, true),
        (Settlement::NotCreated, Status::Failed, false),
        (Settlement::Resend, Status::InDoubt, false),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", RowResult::InDoubt { message: "?".to_owned() })).unwrap();
        let mut document = ledger.document().clone();
        let mut owners = Owners::of(&document);
        document.settle(&mut owners, &key("b"), &settlement, at()).unwrap();
        let row = &document.templates[&key("b")];
        assert_eq!((row.status(), row.known.is_some()), (status, known), "{settlement:?}");
        // What may be on the server is kept until it is overwritten.
        let kept = matches!(settlement, Settlement::Resend | Settlement::Exists { .. });
        assert_eq!(row.attempt().is_some(), kept, "{settlement:?}");
        let [said] = &row.settled[..] else { panic!("{:?}", row.settled) };
        assert_eq!((said.at, said.id.as_ref()), (at(), row.identity.as_ref().map(|identity| &identity.id)));
        let again = document.settle(&mut owners, &key("b"), &settlement, at());
        // An order may turn out to be needless.
        let ordered = settlement == Settlement::Resend;
        assert_eq!(again, if ordered { Ok(()) } else { Err(EditError::NotInDoubt { key: key("b") }) });
        let taken = Settlement::Created { id: document.templates[&key("a")].identity.clone().unwrap().id };
        assert!(matches!(
            ledger.document().clone().settle(&mut Owners::of(ledger.document()), &key("b"), &taken, at()),
            Err(EditError::IdTaken { .. })
        ));
    }
}

#[test]
fn every_settlement_of_a_row_is_kept_up_to_the_last_twenty() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    for round in 1..=25 {
        let batch = format!("2-{round}");
        ledger.record(&intent(&batch, "b", Deed::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome(&batch, "b", RowResult::InDoubt { message: "?".to_owned() })).unwrap();
        let at = Timestamp::from_unix_seconds(round);
        ledger.record(&Record::Settle { at, key: key("b"), settlement: Settlement::NotCreated }).unwrap();
        let kept = &ledger.document().templates[&key("b")].settled;
        assert_eq!(kept.len(), usize::try_from(round).unwrap().min(20));
        assert_eq!(kept.last().unwrap().at, at);
    }
    let text = ledger.fold().unwrap().to_text().unwrap();
    let read = crate::state::parse_state(std::path::Path::new("s.json"), text.as_bytes()).unwrap();
    assert_eq!(read.templates[&key("b")].settled[0].at, Timestamp::from_unix_seconds(6));
}

#[test]
fn a_state_that_kept_only_the_last_settlement_is_read() {
    let read = |settled: serde_json::Value| {
        let row = serde_json::json!({ "status": "applied", "settled": settled });
        serde_json::from_value::<crate::state::Row>(row).map(|row| row.settled.len())
    };
    let one = serde_json::json!({ "as": "resend", "at": "2026-11-23T10:00:00Z" });
    assert_eq!(read(one.clone()).unwrap(), 1);
    assert_eq!(read(serde_json::json!([one, one])).unwrap(), 2);
    assert_eq!(read(serde_json::Value::Null).unwrap(), 0);
    assert!(read(serde_json::json!([{ "as": "guessed", "at": "2026-11-23T10:00:00Z" }])).is_err());
}

#[test]
fn an_order_to_send_again_is_a_settlement_only_once_it_was_carried_out() {
    let doubt = || RowResult::InDoubt { message: "?".to_owned() };
    let not_sent = || RowResult::NotSent;
    let applied_now = || RowResult::Applied { id: None };
    for (result, status, settlements) in [
        (Some(not_sent()), Status::InDoubt, 0),
        (Some(doubt()), Status::InDoubt, 1),
        (None, Status::InDoubt, 1),
        (Some(applied_now()), Status::Applied, 1),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", doubt())).unwrap();
        let mut again = intent("3-1", "b", Deed::Create, &attributes("s", "B"));
        if let Record::Intent { rows, .. } = &mut again {
            rows[0].ordered = true;
        }
        ledger.record(&again).unwrap();
        if let Some(result) = &result {
            ledger.record(&outcome("3-1", "b", result.clone())).unwrap();
        }
        let document = ledger.fold().unwrap();
        let row = &document.templates[&key("b")];
        assert_eq!((row.status(), row.settled.len()), (status, settlements), "{result:?}");
        assert_eq!(row.deed(), (status == Status::InDoubt).then_some(Deed::Create), "{result:?}");
    }
}

#[test]
fn a_pending_row_is_settled_by_a_person_but_never_sent_again() {
    let id = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02").unwrap();
    for (settlement, status) in [
        (Settlement::Created { id: id.clone() }, Some(Status::Applied)),
        (Settlement::Applied, Some(Status::Applied)),
        (Settlement::NotCreated, Some(Status::Failed)),
        (Settlement::Resend, None),
        (Settlement::Exists { id }, None),
    ] {
        let place = applied();
        let (mut ledger, _) = open(&place.store).unwrap();
        ledger.record(&intent("2-1", "b", Deed::Create, &attributes("s", "B"))).unwrap();
        ledger.record(&outcome("2-1", "b", RowResult::Pending { job: "j".to_owned() })).unwrap();
        let mut document = ledger.document().clone();
        let mut owners = Owners::of(&document);
        let settled = document.settle(&mut owners, &key("b"), &settlement, at());
        let refused = EditError::AtWork { key: key("b"), job: "j".to_owned() };
        assert_eq!(settled, status.map(|_| ()).ok_or(refused), "{settlement:?}");
        assert_eq!(document.templates[&key("b")].status(), status.unwrap_or(Status::Pending));
    }
}

/// The server did not match by natural key after all, and changed the template that it had.
#[test]
fn a_create_that_turns_out_to_have_changed_the_old_template_leaves_no_orphan() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let had = ledger.document().templates[&key("a")].identity.clone().unwrap();
    ledger.record(&intent("2-1", "a", Deed::Create, &attributes("s", "B"))).unwrap();
    ledger.record(&outcome("2-1", "a", RowResult::InDoubt { message: "?".to_owned() })).unwrap();
    let settlement = Settlement::Created { id: had.id.clone() };
    ledger.record(&Record::Settle { at: at(), key: key("a"), settlement }).unwrap();
    let document = ledger.fold().unwrap();
    assert_eq!(document.templates.keys().collect::<Vec<_>>(), [&key("a")]);
    assert_eq!(document.templates[&key("a")].identity.as_ref().map(|identity| &identity.id), Some(&had.id));
}

/// An id that a row has only by its place in an answer was a guess; two rows may have got each other's.
#[test]
fn a_positional_id_yields_to_an_imported_one() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let ids = ["8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0a", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0b"]
        .map(|id| TemplateId::parse_uuid(id).unwrap());
    for (name, id) in [("b", &ids[0]), ("c", &ids[1])] {
        ledger.record(&intent("2-1", name, Deed::Create, &attributes(name, "B"))).unwrap();
        let id = Some((id.clone(), IdSource::Positional));
        ledger.record(&outcome("2-1", name, RowResult::Applied { id })).unwrap();
    }
    let import = |name, id: &TemplateId| Record::Import { at: at(), id: id.clone(), key: key(name) };
    let records = vec![import("b", &ids[1]), import("c", &ids[0])];
    ledger.record(&Record::Together { records }).unwrap();
    let document = ledger.fold().unwrap();
    for (name, id) in [("b", &ids[1]), ("c", &ids[0])] {
        let identity = document.templates[&key(name)].identity.clone().unwrap();
        assert_eq!((&identity.id, identity.source), (id, IdSource::Imported));
    }
}

/// What was confirmed of the one says nothing of the other.
#[test]
fn an_import_of_another_template_confirms_nothing() {
    let place = applied();
    let (mut ledger, _) = open(&place.store).unwrap();
    let row = ledger.document().templates[&key("a")].clone();
    let import = |id: TemplateId| Record::Import { at: at(), id, key: key("a") };
    ledger.record(&import(row.identity.unwrap().id)).unwrap();
    assert_eq!(ledger.document().templates[&key("a")].known, row.known);
    let another = TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f0f").unwrap();
    ledger.record(&import(another)).unwrap();
    assert_eq!(ledger.document().templates[&key("a")].known, None);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_followed_and_kept() {
    let place = applied();
    let link = place.folder.path().join("link.json");
    std::os::unix::fs::symlink(place.file(""), &link).unwrap();
    let store = FileStore::new(&link, owner());
    let (mut ledger, _) = open(&store).unwrap();
    ledger.record(&Record::Protect { key: key("a"), protect: true }).unwrap();
    ledger.fold().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(place.serial(), 2);
}
