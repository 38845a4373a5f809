//! Answers of the bulk endpoint and of jobs. The first four bytes select the rows that were sent; the rest is a body, or a
//! recipe for one with the right structure and arbitrary contents.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use certctl::api::wire::{BackgroundJob, BulkResult, CREATE_ENVELOPE, RowError};
use certctl::api::{error_message, read_bulk, read_job};
use certctl::apply::{JobState, OutgoingRow, Reading, after_failed_job, reconcile};
use certctl::model::{Attributes, Key, TemplateId, Timestamp};
use certctl::state::{
    IdSource, JOURNAL_FORMAT, KeyedOutcome, Operation, Record, RecordedOutcome, Replay, Writes,
    parse_journal, parse_state,
};
use serde_json::{Value, json};

use super::worlds::{Fate, may_be_of, worlds};

pub(crate) fn response(bytes: &[u8]) {
    let Some((head, rest)) = bytes.split_first_chunk::<4>() else { return };
    let (rows, known) = request(*head);
    read_other_bodies(rest);
    let response = if head[1] & 8 > 0 {
        let composed = Recipe(rest).response(&rows);
        let bare = serde_json::to_vec(&composed).unwrap();
        let wrapped = json!({"data": {CREATE_ENVELOPE: composed}}).to_string();
        assert_eq!(read_bulk(&bare).as_ref(), Ok(&composed));
        assert_eq!(read_bulk(wrapped.as_bytes()).as_ref(), Ok(&composed));
        composed
    } else {
        match read_bulk(rest) {
            Ok(response) => response,
            Err(error) => return assert!(!error.to_string().is_empty()),
        }
    };
    let reading = reconcile(&rows, &response, &known);
    assert_eq!(reconcile(&rows, &response, &known), reading);
    let worlds = worlds(&rows, &response);
    ids(&response, &known, &reading, &worlds);
    results(&rows, &response, &reading, &worlds);
    kept(&rows, reading);
}

fn uuid(number: usize) -> String {
    format!("2000000a-0000-4000-8000-{number:012}")
}

/// Up to five rows, creates or updates, with partly equal titles and courses, and the ids that the state
/// knows.
fn request([count, kinds, titles, more_titles]: [u8; 4]) -> (Vec<OutgoingRow>, HashSet<TemplateId>) {
    let deed = if kinds & 1 > 0 { Operation::Update } else { Operation::Create };
    let row = |number: usize| {
        let title = (usize::from(titles) | usize::from(more_titles) << 8) >> (2 * number) & 3;
        // One course, two audiences: the course's id alone does not distinguish these two.
        let shared = kinds & 4 > 0 && number < 2;
        let resource = if shared { 0 } else { number };
        let mut fields = json!({
            "resourceType": if kinds & 32 > 0 { "learningPath" } else { "course" },
            "resourceId": format!("00000000-0000-4000-8000-{resource:012}"),
        });
        // No title if the bits are 3.
        if title < 3 {
            fields["title"] = json!(format!("Title {title}"));
        }
        if shared {
            fields["userCustomFieldSlug"] = json!("team");
            fields["userCustomFieldValue"] = json!(format!("t{number}"));
        }
        let after: Attributes = serde_json::from_value(fields).unwrap();
        let has_id = deed == Operation::Update && kinds & 2 > 0;
        let id = has_id.then(|| TemplateId::from_server(&uuid(50 + number)).unwrap());
        OutgoingRow { id, ..OutgoingRow::whole(Key::new(format!("k{number}")).unwrap(), deed, after) }
    };
    let rows: Vec<OutgoingRow> = (0..usize::from(count) % 6).map(row).collect();
    let mut known: HashSet<TemplateId> = rows.iter().filter_map(|row| row.id.clone()).collect();
    if kinds & 16 > 0 {
        known.extend(TemplateId::from_server(&uuid(0)));
    }
    (rows, known)
}

/// A response with the right structure, byte by byte; zeros after the end of the bytes.
struct Recipe<'b>(&'b [u8]);

impl Recipe<'_> {
    fn next(&mut self, choices: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % choices
    }

    fn count(&mut self) -> u64 {
        match self.next(8) {
            7 => u64::MAX,
            count => u64::from(count),
        }
    }

    fn response(mut self, rows: &[OutgoingRow]) -> BulkResult {
        BulkResult {
            created_count: self.count(),
            updated_count: self.count(),
            background_job: (self.next(3) == 2).then(|| self.job()),
            created_ids: (0..self.next(6)).map(|_| self.id()).collect(),
            errors: (0..self.next(6)).map(|_| self.error(rows)).collect(),
            warnings: (0..self.next(2)).map(|_| "odd".to_owned()).collect(),
        }
    }

    fn id(&mut self) -> String {
        match self.next(15) {
            10 => String::new(),
            11 => "no id".to_owned(),
            // The last two are those of the updated rows.
            number @ 8..=9 => uuid(usize::from(number) + 42),
            // The same id in upper case.
            12 => uuid(0).to_uppercase(),
            13 => uuid(1).to_uppercase(),
            14 => uuid(50).to_uppercase(),
            number => uuid(usize::from(number)),
        }
    }

    fn job(&mut self) -> BackgroundJob {
        let statuses = ["queued", "processing", "complete", "failed", "Complete"];
        let status = statuses.get(usize::from(self.next(6))).map(|&status| status.to_owned());
        let id = [None, Some(String::new()), Some("job-1".to_owned())][usize::from(self.next(3))].clone();
        BackgroundJob { id, status, ..BackgroundJob::default() }
    }

    fn error(&mut self, rows: &[OutgoingRow]) -> RowError {
        let (one, other) = (self.row(rows), self.row(rows));
        let resource_id = match (self.next(6), one) {
            (1, Some(row)) => Some(row.natural_key.resource_id.clone()),
            (2, Some(row)) => row.id.as_ref().map(|id| id.as_str().to_uppercase()),
            (3, _) => Some(uuid(99)),
            (4, _) => Some(String::new()),
            _ => None,
        };
        let title = match (self.next(5), one, other) {
            (1, Some(row), _) | (2, _, Some(row)) => row.title().map(str::to_owned),
            (3, ..) => Some("Title of nobody".to_owned()),
            _ => None,
        };
        let record = match (self.next(7), one, other) {
            (1, Some(row), _) | (2, _, Some(row)) => Some(row.payload().to_value()),
            (3, Some(row), _) => Some(Value::from(row.payload().to_value().to_string())),
            (4, Some(row), _) => Some(Value::from(format!("#<Record {}>", row.natural_key.resource_id))),
            (5, _, Some(row)) => Some(json!({ "title": row.title() })),
            (6, ..) => Some(json!([1.5])),
            _ => None,
        };
        RowError { resource_id, title, error: Some("no".to_owned()), record }
    }

    fn row<'r>(&mut self, rows: &'r [OutgoingRow]) -> Option<&'r OutgoingRow> {
        let at = usize::from(self.next(5));
        rows.get(at)
    }
}

/// The same bytes as the answer to a job query, and as the body of a rejection.
fn read_other_bodies(body: &[u8]) {
    if let Ok(job) = read_job(body) {
        let state = JobState::of(&job);
        let finished = job.status.as_deref() == Some("complete");
        assert_eq!(state == JobState::Complete, finished, "only `complete` is success: {job:?}");
        let create = after_failed_job(&job, Operation::Create);
        assert!(
            matches!(create, RecordedOutcome::InDoubt { .. }),
            "a create that may have happened: {create:?}"
        );
        let update = after_failed_job(&job, Operation::Update);
        assert!(matches!(update, RecordedOutcome::Failed { perhaps_applied: true, .. }), "{update:?}");
    }
    let message = error_message(body);
    assert!(message.is_some() || body.iter().all(u8::is_ascii_whitespace), "the server's text is reported");
}

/// An id is assigned to one row at most, belongs to no other template, is exact only if it must be, and none is lost.
fn ids(response: &BulkResult, known: &HashSet<TemplateId>, reading: &Reading, worlds: &[Vec<Fate>]) {
    let (mut given, mut folded) = (Vec::new(), BTreeSet::new());
    for (position, row) in reading.rows.iter().enumerate() {
        let RecordedOutcome::Applied { id: Some((id, source)) } = &row.result else { continue };
        let is_known = known.iter().any(|known| known.as_str().eq_ignore_ascii_case(id.as_str()));
        assert!(!is_known, "{} gets the id of another template", row.key);
        assert!(folded.insert(id.as_str().to_lowercase()), "{id} is two rows'");
        assert!(*source != IdSource::Imported, "no person gave {id}");
        assert!(!worlds.is_empty(), "an id out of a response that contradicts itself: {response:?}");
        for world in worlds {
            assert_eq!(world[position], Fate::Created, "{} may not have been created", row.key);
            if *source == IdSource::Exact {
                let created = world.iter().filter(|fate| **fate == Fate::Created).count();
                assert_eq!(created, 1, "{id} may be another row's");
            }
        }
        given.push(id.clone());
    }
    let distinct: BTreeSet<&TemplateId> = given.iter().collect();
    assert_eq!(distinct.len(), given.len(), "one id for two rows");
    let mut told: Vec<TemplateId> =
        response.created_ids.iter().filter_map(|text| TemplateId::from_server(text)).collect();
    given.extend(reading.candidate_ids.iter().cloned());
    given.sort();
    told.sort();
    assert_eq!(given, told, "every id is given to a row or kept as a candidate");
}

/// Each row has one outcome, and only what the response proves.
fn results(rows: &[OutgoingRow], response: &BulkResult, reading: &Reading, worlds: &[Vec<Fate>]) {
    let sent: Vec<&Key> = rows.iter().map(|row| &row.key).collect();
    let settled: Vec<&Key> = reading.rows.iter().map(|row| &row.key).collect();
    assert_eq!(settled, sent, "one result for each row, in order");

    let done = response.created_count.saturating_add(response.updated_count);
    let job = response.background_job.as_ref().filter(|job| **job != BackgroundJob::default());
    let status = job.map(|job| job.status.as_deref().unwrap_or_default());
    let by_counts = !worlds.is_empty() && matches!(status, None | Some("complete"));
    let by_job = status == Some("complete") && done == 0;
    let failed =
        reading.rows.iter().filter(|row| matches!(row.result, RecordedOutcome::Failed { .. })).count();
    for (position, (row, settled)) in rows.iter().zip(&reading.rows).enumerate() {
        let own = response.errors.iter().any(|error| may_be_of(error, row));
        match &settled.result {
            RecordedOutcome::Applied { .. } => {
                assert!(by_counts || by_job, "applied although the counts do not add up: {response:?}");
                let may_have_failed = worlds.iter().any(|world| world[position] == Fate::Failed);
                assert!(!by_counts || !may_have_failed, "{} may have failed: {response:?}", row.key);
            }
            RecordedOutcome::Failed { perhaps_applied, .. } if row.operation == Operation::Create => {
                assert!(own && !perhaps_applied, "{} failed without a reason: {response:?}", row.key);
                let told = done.max(response.created_ids.len() as u64);
                let most = (rows.len() - failed) as u64;
                assert!(told <= most, "a create that may have happened: {response:?}");
                let may_be_done = worlds.iter().any(|world| world[position] != Fate::Failed);
                assert!(!may_be_done, "{} may have been done: {response:?}", row.key);
            }
            RecordedOutcome::Failed { .. } => {
                assert!(own || status.is_some(), "{} failed without a reason: {response:?}", row.key);
            }
            RecordedOutcome::Pending { job } => {
                assert!(matches!(status, Some("queued" | "processing")) && !job.is_empty(), "{response:?}");
            }
            RecordedOutcome::InDoubt { message } => assert!(!message.is_empty()),
            RecordedOutcome::NotSent => panic!("an answer came: {} was sent", row.key),
        }
    }
}

/// Whatever a server says, the journal and the state can store it.
fn kept(rows: &[OutgoingRow], reading: Reading) {
    let at = Timestamp::from_unix_seconds(1_800_000_000);
    let open = Record::Open {
        at,
        base: None,
        by: None,
        environment: "test".to_owned(),
        format: JOURNAL_FORMAT.to_owned(),
        lineage: "lineage".to_owned(),
        operation: "apply".to_owned(),
        serial: 0,
        url: "https://academy.example.com".to_owned(),
        write: None,
        writes: Writes::default(),
    };
    let batch = "1-1".to_owned();
    let intents = rows.iter().map(OutgoingRow::intent).collect();
    let intent = Record::Intent { at, batch: batch.clone(), rows: intents };
    let Reading { rows: settled, candidate_ids, warnings, .. } = reading;
    let applied = |row: &KeyedOutcome| matches!(row.result, RecordedOutcome::Applied { .. });
    let sure: BTreeSet<Key> = settled.iter().filter(|row| applied(row)).map(|row| row.key.clone()).collect();
    let outcome = Record::Outcome { at, batch, candidate_ids, rows: settled, warnings };
    let records = [open, intent, outcome];
    let text: String = records.iter().map(|record| record.to_line().unwrap()).collect();
    let read = parse_journal(text.as_bytes());
    let read = read.unwrap_or_else(|damage| panic!("a journal that cannot be read: {damage:?}\n{text}"));
    assert_eq!(read, records);

    let mut replay = Replay::begin(None, &records[0]);
    records[1..].iter().for_each(|record| replay.record(record));
    let document = replay.finish();
    assert_eq!(document.templates.len(), rows.len(), "no row is lost or doubled");
    for (key, row) in &document.templates {
        assert_eq!(row.confirmed.is_some(), sure.contains(key), "known is what was applied: {key}");
    }
    let text = document.to_text().unwrap();
    let read = parse_state(Path::new("state.json"), text.as_bytes());
    assert_eq!(read.unwrap_or_else(|error| panic!("{error}\n{text}")), document);
}
