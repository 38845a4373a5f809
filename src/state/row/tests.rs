//! The consequences for a row, case by case. `tests/properties/rows.rs` compares them with a model.

use serde_json::json;

use super::*;
use crate::state::{RecordedOutcome, Resolution};

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + second)
}

fn attributes(course: &str, more: &serde_json::Value) -> Attributes {
    let mut map = json!({"resourceType": "course", "resourceId": course, "title": "T"});
    map.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(map).unwrap()
}

fn attempt(second: i64, operation: Operation, attributes: Attributes) -> Attempt {
    Attempt {
        possibly_set_fields: BTreeSet::new(),
        at: at(second),
        digest: attributes.digest(),
        attributes,
        batch: format!("1-{second}"),
        candidate_ids: Vec::new(),
        operation,
        job: None,
        requested_by_user: false,
        sent_by: None,
    }
}

fn id(number: u8) -> TemplateId {
    TemplateId::parse_uuid(&format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f{number:02}")).unwrap()
}

fn lost() -> RecordedOutcome {
    RecordedOutcome::InDoubt { message: "lost".to_owned() }
}

fn refused() -> RecordedOutcome {
    RecordedOutcome::Failed { message: "no such course".to_owned(), record: None, perhaps_applied: false }
}

fn accepted(number: u8) -> RecordedOutcome {
    RecordedOutcome::Applied { id: Some((id(number), IdSource::Exact)) }
}

impl Row {
    fn then(
        self,
        second: i64,
        operation: Operation,
        attributes: &Attributes,
        result: &RecordedOutcome,
    ) -> Self {
        self.sent(attempt(second, operation, attributes.clone()), result, at(second)).row
    }
}

fn x() -> Attributes {
    attributes("r", &json!({"expirationDays": 1}))
}

fn y() -> Attributes {
    attributes("r", &json!({"customCss": "y"}))
}

/// A create that was sent twice and never answered.
fn twice(first: &Attributes, second: &Attributes) -> Row {
    Row::default().then(1, Operation::Create, first, &lost()).then(2, Operation::Create, second, &lost())
}

fn contents(row: &Row) -> Option<&Attributes> {
    row.confirmed.as_ref().map(|known| &known.attributes)
}

mod refusals {
    use super::*;

    #[test]
    fn settle_no_earlier_attempt() {
        let row = Row::default().then(1, Operation::Create, &x(), &lost()).then(
            2,
            Operation::Create,
            &x(),
            &refused(),
        );
        assert_eq!((row.status(), row.attempts.as_slice().len()), (RowStatus::InDoubt, 1));
        assert!(!row.attempts.allow_another(false));
        let why = &row.failure().unwrap().message;
        assert!(why.starts_with("sent again and refused: no such course"), "{why}");
        // The reason does not grow with repetitions.
        let again = row.clone().then(3, Operation::Create, &x(), &refused());
        assert_eq!(again.failure().map(|failure| &failure.message), Some(why));
    }

    #[test]
    fn use_an_order_up() {
        let row = Row::default().then(1, Operation::Create, &x(), &lost());
        let ordered = row.resolved_as(&Resolution::Resend, at(2)).row;
        assert_eq!(ordered.status(), RowStatus::InDoubt);
        assert!(ordered.attempts.allow_another(false));
        let not_sent = ordered.clone().then(3, Operation::Create, &x(), &RecordedOutcome::NotSent);
        assert!(not_sent.attempts.allow_another(false), "it was not carried out");
        assert!(!ordered.then(3, Operation::Create, &x(), &refused()).attempts.allow_another(false));
    }
}

mod words {
    use super::*;

    #[test]
    fn confirm_only_what_all_attempts_would_have_left() {
        for word in [Resolution::Created { id: id(1) }, Resolution::Applied] {
            let same = twice(&x(), &x()).resolved_as(&word, at(3)).row;
            assert_eq!((same.status(), contents(&same)), (RowStatus::Applied, Some(&x())));
            let row = twice(&x(), &y()).resolved_as(&word, at(3)).row;
            assert_eq!((row.status(), contents(&row), row.exists()), (RowStatus::Failed, None, true));
            let set = row.possibly_set_fields(Operation::Update);
            assert!(set.contains("expirationDays") && set.contains("customCss"));
            assert!(row.attempts.allow_another(false) && row.operation() == Some(Operation::Update));
        }
    }

    #[test]
    fn deny_every_create_at_once() {
        let row = twice(&x(), &y()).resolved_as(&Resolution::NotCreated, at(3)).row;
        assert_eq!((row.status(), row.exists(), row.attempts.is_empty()), (RowStatus::Failed, false, true));
    }

    #[test]
    fn never_deny_what_is_known_to_exist() {
        let there = twice(&x(), &y()).resolved_as(&Resolution::Applied, at(3)).row;
        let row =
            there.then(4, Operation::Update, &x(), &lost()).resolved_as(&Resolution::NotCreated, at(5)).row;
        assert!(row.exists() && contents(&row).is_none());
    }

    #[test]
    fn of_updates_leave_the_old_contents() {
        let row = Row::default().then(1, Operation::Create, &x(), &accepted(1)).then(
            2,
            Operation::Update,
            &y(),
            &lost(),
        );
        let row = row.resolved_as(&Resolution::NotCreated, at(3)).row;
        assert_eq!((row.status(), contents(&row)), (RowStatus::Applied, Some(&x())));
    }
}

mod acceptance {
    use super::*;

    /// A template that a person named was deleted by hand, and an update made another one.
    #[test]
    fn of_an_update_that_created_brings_its_id() {
        let named =
            Row { identity: Some(Identity { id: id(1), source: IdSource::Imported }), ..Row::default() };
        let row = named.then(1, Operation::Update, &y(), &accepted(2));
        assert_eq!(row.identity, Some(Identity { id: id(2), source: IdSource::Exact }));
        assert_eq!(contents(&row), Some(&y()));
        let row = row.then(2, Operation::Update, &x(), &RecordedOutcome::Applied { id: None });
        assert_eq!(row.identity.map(|identity| identity.id), Some(id(2)));
    }

    #[test]
    fn settles_what_was_sent_before() {
        let row = twice(&x(), &y()).then(3, Operation::Create, &x(), &accepted(1));
        assert_eq!(
            (row.status(), contents(&row), row.attempts.is_empty()),
            (RowStatus::Applied, Some(&x()), true)
        );
    }

    #[test]
    fn of_another_course_leaves_the_old_template() {
        let row = Row::default().then(1, Operation::Create, &x(), &accepted(1)).then(
            2,
            Operation::Update,
            &y(),
            &lost(),
        );
        let elsewhere = attributes("s", &json!({}));
        let created = row.sent(attempt(3, Operation::Create, elsewhere.clone()), &accepted(2), at(3));
        assert_eq!(contents(&created.row), Some(&elsewhere));
        assert_eq!(created.row.identity.map(|identity| identity.id), Some(id(2)));
        // The outcome of the update on it is still unknown.
        let old = created.left_behind.unwrap();
        assert_eq!((old.status(), contents(&old)), (RowStatus::InDoubt, Some(&x())));
        assert_eq!(old.identity.map(|identity| identity.id), Some(id(1)));
        assert_eq!(old.attempts.as_slice().len(), 1);
    }
}

mod jobs {
    use super::*;

    fn waiting() -> Row {
        let job = RecordedOutcome::Pending { job: "j".to_owned() };
        Row::default().then(1, Operation::Create, &x(), &lost()).then(2, Operation::Create, &y(), &job)
    }

    #[test]
    fn do_not_hide_an_earlier_create() {
        let row = waiting();
        assert_eq!((row.status(), row.job()), (RowStatus::InDoubt, Some("j")));
        assert!(!row.attempts.allow_another(true), "the job may still make it");
    }

    #[test]
    fn settle_it_when_they_end_well() {
        let row = waiting().answered("1-2", &RecordedOutcome::Applied { id: None }, at(9)).row;
        assert_eq!((row.status(), contents(&row)), (RowStatus::Applied, Some(&y())));
    }

    #[test]
    fn leave_both_when_they_fail() {
        let row = waiting().answered("1-2", &lost(), at(9)).row;
        assert_eq!((row.status(), row.attempts.as_slice().len(), row.job()), (RowStatus::InDoubt, 2, None));
    }

    #[test]
    fn of_other_requests_say_nothing() {
        let row = waiting();
        assert_eq!(row.clone().answered("1-7", &RecordedOutcome::Applied { id: None }, at(9)).row, row);
    }
}

mod files {
    use super::*;

    fn read(row: serde_json::Value) -> Row {
        serde_json::from_value(row).unwrap()
    }

    fn old(status: &str, known: Option<&Attributes>, id: Option<&str>) -> serde_json::Value {
        let sent = attempt(1, Operation::Create, x());
        json!({"status": status, "attributes": known, "digest": known.map(Attributes::digest), "id": id,
            "idSource": id.map(|_| "imported"), "error": {"at": at(1), "message": "no", "record": null},
            "attempt": {"at": sent.at, "batch": "1-1", "attributes": sent.attributes, "digest": sent.digest,
                "candidateIds": [], "deed": "create"}})
    }

    /// A row as a rejected repetition left it.
    #[test]
    fn of_earlier_versions_hide_no_create() {
        let row = read(old("failed", None, None));
        assert_eq!((row.status(), row.operation()), (RowStatus::InDoubt, Some(Operation::Create)));
        assert_eq!(read(old("failed", Some(&y()), None)).status(), RowStatus::InDoubt);
    }

    /// A row as an export left it.
    #[test]
    fn of_earlier_versions_know_what_exists() {
        let row = read(old("failed", None, Some("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01")));
        assert_eq!((row.status(), row.operation()), (RowStatus::Failed, Some(Operation::Update)));
    }

    #[test]
    fn of_earlier_versions_name_the_job_once() {
        let mut file = old("pending", None, None);
        file["job"] = json!("j");
        let row = read(file);
        assert_eq!((row.status(), row.job()), (RowStatus::Pending, Some("j")));
        let text = serde_json::to_value(&row).unwrap();
        assert_eq!((&text["job"], &text["attempt"]["job"]), (&json!("j"), &json!("j")));
    }

    #[test]
    fn keep_the_order_of_attempts() {
        let row = twice(&x(), &y());
        let text = serde_json::to_value(&row).unwrap();
        assert_eq!(
            (&text["attempt"]["batch"], &text["earlierAttempts"][0]["batch"]),
            (&json!("1-2"), &json!("1-1"))
        );
        assert_eq!(read(text), row);
    }
}

#[test]
fn repeated_updates_do_not_grow_without_end() {
    let mut row = Row::default().then(0, Operation::Create, &x(), &accepted(1));
    for second in 1..60 {
        let sent = if second == 1 { x() } else { y() };
        row = row.then(second, Operation::Update, &sent, &lost());
    }
    assert_eq!(row.attempts.as_slice().len(), 20);
    assert_eq!(row.attempts.as_slice()[0].attributes, x(), "what no other attempt repeats stays");
}

mod possibilities {
    use super::*;

    #[test]
    fn are_every_course_that_an_attempt_was_for() {
        let row = Row::default()
            .then(1, Operation::Create, &x(), &accepted(1))
            .then(2, Operation::Update, &attributes("s", &json!({})), &lost())
            .then(3, Operation::Update, &attributes("t", &json!({})), &lost());
        let courses: Vec<String> = row.natural_keys().map(|key| key.to_string()).collect();
        assert_eq!(courses, ["course r", "course s", "course t"]);
    }

    #[test]
    fn of_a_second_template_are_its_own() {
        let row = Row::default().then(1, Operation::Create, &x(), &accepted(1));
        let elsewhere = attributes("s", &json!({"customCss": "y"}));
        let row = row.then(2, Operation::Create, &elsewhere, &lost());
        let set = row.possibly_set_fields(Operation::Create);
        assert!(set.contains("customCss") && !set.contains("expirationDays"), "{set:?}");
    }
}
