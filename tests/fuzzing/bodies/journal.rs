//! The journal: any bytes, as a crash, a full disk or a person may leave them. A state may precede it.

use std::path::Path;

use certctl::model::Digest;
use certctl::state::{
    Document, JournalFit, Record, Replay, Snapshot, parse_journal, parse_state, whole_length,
};

/// At how many positions a journal is cut.
const CUTS: usize = 24;

/// A line with only this ends the state that precedes the journal.
const JOURNAL_BEGINS: &[u8] = b"\n%%%%\n";

pub(crate) fn journal(bytes: &[u8]) {
    let begins = bytes.windows(JOURNAL_BEGINS.len()).position(|window| window == JOURNAL_BEGINS);
    let (state, bytes) = match begins {
        Some(end) => (&bytes[..end], &bytes[end + JOURNAL_BEGINS.len()..]),
        None => (&[][..], bytes),
    };
    let state = parse_state(Path::new("state.json"), state).ok();
    let whole = whole_length(bytes);
    assert!(whole <= bytes.len());
    assert!(whole == 0 || bytes[whole - 1] == b'\n', "what is kept ends with a line");
    let parsed = parse_journal(bytes);
    for cut in (0..=CUTS).map(|part| bytes.len() * part / CUTS) {
        let prefix = parse_journal(&bytes[..cut]);
        if let Ok(records) = &parsed {
            let lines = bytes[..cut].split(|&byte| byte == b'\n').count() - 1;
            let kept = &records[..lines.min(records.len())];
            assert_eq!(prefix.as_deref(), Ok(kept), "cut off at {cut}, every whole line is kept");
        }
    }
    match parsed {
        Err(damage) => {
            assert!(!damage.message.is_empty());
            let lines = bytes.split_inclusive(|&byte| byte == b'\n').count();
            assert!((1..=lines).contains(&damage.line), "{damage:?} of {lines} lines");
        }
        Ok(records) => {
            assert_eq!(parse_journal(&bytes[..whole]).as_ref(), Ok(&records), "what is torn is passed over");
            let text: String = records.iter().map(|record| record.to_line().unwrap()).collect();
            assert_eq!(
                parse_journal(text.as_bytes()).as_ref(),
                Ok(&records),
                "written and read again: {text}"
            );
            assert_eq!(whole_length(text.as_bytes()), text.len());
            folded(state.as_ref(), &records);
        }
    }
}

/// The resulting state can be written, and read by the next command, however often the records are replayed.
fn folded(state: Option<&Document>, records: &[Record]) {
    let Some((open, rest)) = records.split_first() else { return };
    let replay = |document: Option<Document>| {
        let mut replay = Replay::begin(document, open);
        for record in rest {
            replay.record(record);
        }
        replay.finish()
    };
    let document = replay(state.cloned());
    let text = readable(&document);
    assert_eq!(replay(state.cloned()), document, "replaying is a function");
    if let Some(state) = state {
        nothing_is_forgotten(state, rest, &document);
    }
    readable(&replay(Some(document.clone())));

    let journal = records.to_vec();
    if let Record::Open { base, .. } = open {
        let unfolded = Snapshot {
            document: state.cloned(),
            version: base.clone(),
            journal: journal.clone(),
            ..Snapshot::default()
        };
        let seen = unfolded.effective();
        assert_eq!(seen.as_ref(), Ok(&Some(document.clone())), "a plan sees what a fold makes");
    }
    // Killed between writing the state and removing the journal: the records are not applied twice.
    let digest = Digest::of(text.as_bytes());
    let fold = Record::Checkpoint { digest: digest.clone(), serial: document.serial, write: None };
    let journal = journal.into_iter().chain([fold]).collect();
    let folded =
        Snapshot { document: Some(document.clone()), version: Some(digest), journal, ..Snapshot::default() };
    assert_eq!(folded.fit(), JournalFit::Checkpointed);
    assert_eq!(folded.effective(), Ok(Some(document)));
}

/// A run that only sends and receives may learn what is on the server, and never forgets that something is.
fn nothing_is_forgotten(before: &Document, records: &[Record], after: &Document) {
    let of_a_run = |record: &Record| {
        matches!(
            record,
            Record::Intent { .. } | Record::Retry { .. } | Record::Outcome { .. } | Record::Checkpoint { .. }
        )
    };
    if !records.iter().all(of_a_run) {
        return;
    }
    for (key, row) in &before.templates {
        let now = after.templates.get(key).unwrap_or_else(|| panic!("{key} is gone"));
        assert!(now.exists() || !row.exists(), "{key} was on the server, and now is not: {row:?}");
        assert_eq!(now.protect, row.protect, "{key}");
    }
}

fn readable(document: &Document) -> String {
    let text = document.to_text().unwrap();
    let read = parse_state(Path::new("state.json"), text.as_bytes());
    let read =
        read.unwrap_or_else(|error| panic!("the state that it leads to cannot be read: {error}\n{text}"));
    assert_eq!(read, *document);
    text
}
