//! The document on the server: the text of the state with four more members, each on lines of its own.
//!
//! | member | holds |
//! |---|---|
//! | `epoch` | which run wrote it; its nonce is new for each write |
//! | `holder` | that run, for people |
//! | `journal` | the records that the state does not have yet, one a line |
//! | `serial` | a number that rises with every write: GitLab keeps one version for each |
//! | `state_serial` | the state's own serial |

use memchr::memmem;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::model::{Digest, sorted_pretty_json};
use crate::state::shared::Epoch;
use crate::state::{Holder, StateError};

const EPOCH: &str = "epoch";
const HOLDER: &str = "holder";
const JOURNAL: &str = "journal";
const SERIAL: &str = "serial";
const OWN_SERIAL: &str = "state_serial";

/// What is at the state's address, as far as it tells writes apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SeenWrite {
    /// Nothing.
    Nothing,
    /// The write with this nonce.
    Write(Uuid),
    /// Something that no run of certctl wrote there.
    Other(Digest),
}

/// What a document says: a state and the journal that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DocumentContents {
    /// The text of the state.
    pub(super) text: Vec<u8>,
    /// The records, one a line, without line breaks.
    pub(super) journal: Vec<String>,
}

/// Which write a document is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WriteMark {
    pub(super) epoch: Epoch,
    pub(super) holder: Option<Holder>,
    /// The document's serial.
    pub(super) serial: u64,
}

/// A document as read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ServerDocument {
    pub(super) seen: SeenWrite,
    pub(super) mark: WriteMark,
    pub(super) contents: DocumentContents,
}

#[derive(Deserialize)]
struct NonceOnly {
    epoch: Epoch,
}

impl SeenWrite {
    /// What a body is.
    pub(super) fn of(body: Option<&[u8]>) -> Self {
        let Some(body) = body else { return Self::Nothing };
        match serde_json::from_slice::<NonceOnly>(body) {
            Ok(NonceOnly { epoch }) => Self::Write(epoch.nonce),
            Err(_) => Self::Other(Digest::of(body)),
        }
    }
}

impl ServerDocument {
    /// Takes a body apart. One that is not a document of certctl is a text alone; whoever reads it says what is wrong.
    pub(super) fn read(body: Vec<u8>) -> Self {
        let seen = SeenWrite::of(Some(&body));
        let parts = by_layout(&body).or_else(|| by_members(&body));
        let (mark, contents) = parts.unwrap_or_else(|| {
            let serial = serde_json::from_slice::<Value>(&body).ok();
            let serial = serial.and_then(|value| value.get(SERIAL)?.as_u64()).unwrap_or_default();
            let mark = WriteMark { epoch: Epoch::none(), holder: None, serial };
            (mark, DocumentContents { text: body, journal: Vec::new() })
        });
        Self { seen, mark, contents }
    }
}

/// Whether a text may be a whole document of a server: a copy that a person took there.
pub(in crate::state) fn has_state_serial(text: &[u8]) -> bool {
    memmem::find(text, b"\"state_serial\":").is_some()
}

/// The text of the state in a document, and whether there is a journal with it.
pub(in crate::state) fn state_in(document: &[u8]) -> (Vec<u8>, bool) {
    let stored = ServerDocument::read(document.to_vec());
    (stored.contents.text, !stored.contents.journal.is_empty())
}

/// Takes a document apart that is laid out as it was written: the text of the state then is, byte for byte, as in a file.
fn by_layout(body: &[u8]) -> Option<(WriteMark, DocumentContents)> {
    let mut text = body.to_vec();
    let epoch = cut(&mut text, EPOCH)?;
    let holder = cut(&mut text, HOLDER)?;
    let journal = cut(&mut text, JOURNAL)?;
    let own: u64 = cut(&mut text, OWN_SERIAL)?;
    let (serial, digits) = number(&text)?;
    text.splice(digits, own.to_string().into_bytes());
    Some((WriteMark { epoch, holder, serial }, DocumentContents { text, journal }))
}

/// Takes a document apart that the server laid out anew.
fn by_members(body: &[u8]) -> Option<(WriteMark, DocumentContents)> {
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let members = value.as_object_mut()?;
    let epoch = serde_json::from_value(members.remove(EPOCH)?).ok()?;
    let holder = serde_json::from_value(members.remove(HOLDER)?).ok()?;
    let journal = serde_json::from_value(members.remove(JOURNAL)?).ok()?;
    let own = members.remove(OWN_SERIAL)?;
    let serial = members.insert(SERIAL.to_owned(), own)?.as_u64()?;
    let text = canonical(&value)?;
    Some((WriteMark { epoch, holder, serial }, DocumentContents { text, journal }))
}

impl WriteMark {
    /// The document with these contents, and its serial, which is higher than that of this mark and at least the state's
    /// own.
    pub(super) fn joined(&self, contents: &DocumentContents) -> Result<(Vec<u8>, u64), StateError> {
        let unwritable = |message: &str| StateError::Unwritable { message: message.to_owned() };
        let not_laid_out = || {
            let value = serde_json::from_slice(&contents.text).ok()?;
            self.laid_out(&canonical(&value)?, &contents.journal)
        };
        self.laid_out(&contents.text, &contents.journal)
            .or_else(not_laid_out)
            .ok_or_else(|| unwritable("it has no serial"))
    }

    fn laid_out(&self, text: &[u8], journal: &[String]) -> Option<(Vec<u8>, u64)> {
        let (own, digits) = number(text)?;
        let serial = self.serial.saturating_add(1).max(own);
        let before_format = memmem::find(text, line("format").as_bytes())?;
        let before_lineage = memmem::find(text, line("lineage").as_bytes())?;
        if !(before_format < before_lineage && before_lineage < digits.start) {
            return None;
        }
        let mut whole = Vec::with_capacity(text.len() + 1024);
        whole.extend_from_slice(&text[..before_format]);
        add(&mut whole, EPOCH, &self.epoch)?;
        whole.extend_from_slice(&text[before_format..before_lineage]);
        add(&mut whole, HOLDER, &self.holder)?;
        add_lines(&mut whole, journal)?;
        whole.extend_from_slice(&text[before_lineage..digits.start]);
        whole.extend_from_slice(format!("{serial},{}{own}", line(OWN_SERIAL)).as_bytes());
        whole.extend_from_slice(&text[digits.end..]);
        Some((whole, serial))
    }
}

/// The beginning of a member at the top of a document. A JSON string has no line break, and members of members are
/// indented further.
fn line(name: &str) -> String {
    format!("\n  \"{name}\": ")
}

fn add(text: &mut Vec<u8>, name: &str, value: &impl Serialize) -> Option<()> {
    text.extend_from_slice(line(name).as_bytes());
    serde_json::to_writer(&mut *text, value).ok()?;
    text.push(b',');
    Some(())
}

fn add_lines(text: &mut Vec<u8>, journal: &[String]) -> Option<()> {
    text.extend_from_slice(line(JOURNAL).as_bytes());
    text.push(b'[');
    for (number, record) in journal.iter().enumerate() {
        text.extend_from_slice(if number == 0 { b"\n    " } else { b",\n    " });
        serde_json::to_writer(&mut *text, record).ok()?;
    }
    text.extend_from_slice(if journal.is_empty() { b"]," } else { b"\n  ]," });
    Some(())
}

/// Cuts a member out of a text that certctl laid out.
fn cut<T: DeserializeOwned>(text: &mut Vec<u8>, name: &str) -> Option<T> {
    let line = line(name);
    let start = memmem::find(text, line.as_bytes())?;
    let value = start + line.len();
    let mut values = serde_json::Deserializer::from_slice(text.get(value..)?).into_iter();
    let read = values.next()?.ok()?;
    let end = value + values.byte_offset();
    if text.get(end) != Some(&b',') {
        return None;
    }
    text.drain(start..=end);
    Some(read)
}

/// The serial at the top of a text, and where its digits are.
fn number(text: &[u8]) -> Option<(u64, std::ops::Range<usize>)> {
    let line = line(SERIAL);
    let start = memmem::find(text, line.as_bytes())? + line.len();
    let length = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = start..start + length;
    let number = std::str::from_utf8(text.get(digits.clone())?).ok()?.parse().ok()?;
    (text.get(digits.end) == Some(&b',')).then_some((number, digits))
}

fn canonical(value: &Value) -> Option<Vec<u8>> {
    Some((sorted_pretty_json(value).ok()? + "\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::state::{Document, StateIdentity};

    fn mark(serial: u64) -> WriteMark {
        let epoch = Epoch { nonce: Uuid::new_v4(), number: 3, run: Uuid::new_v4(), sealed: 2, left: None };
        WriteMark { epoch, holder: None, serial }
    }

    proptest! {
        #[test]
        fn document_and_state_come_apart_again(
            name in "(\\PC|\n  \"serial\": 3,|\n  \"format\": |\n  \"journal\": \\[|\"){0,6}",
            journal in prop::collection::vec("(\\PC|\n|\"){0,9}", 0..3),
            own in 0_u64..9, before in 0_u64..20,
        ) {
            let identity = StateIdentity { environment: name.clone(), url: name.clone() };
            let mut state = Document::empty(&identity, name);
            state.serial = own;
            let contents = DocumentContents { text: state.to_text().unwrap().into_bytes(), journal };
            let mark = mark(before);
            let (document, serial) = mark.joined(&contents).unwrap();
            prop_assert!(serial > before && serial >= own);
            let value: Value = serde_json::from_slice(&document).unwrap();
            prop_assert_eq!(value["serial"].as_u64(), Some(serial));
            let expected = ServerDocument {
                seen: SeenWrite::Write(mark.epoch.nonce),
                mark: WriteMark { serial, ..mark.clone() },
                contents: contents.clone(),
            };
            prop_assert_eq!(&ServerDocument::read(document), &expected);
            // A server that lays the document out anew.
            prop_assert_eq!(&ServerDocument::read(value.to_string().into_bytes()), &expected);
            // A state that came there in another layout.
            let compact: Value = serde_json::from_slice(&contents.text).unwrap();
            let compact = DocumentContents { text: compact.to_string().into_bytes(), ..contents };
            prop_assert_eq!(&ServerDocument::read(mark.joined(&compact).unwrap().0), &expected);
        }
    }

    #[test]
    fn other_texts_are_taken_as_they_are() {
        for text in ["", "{}", "[1]", "{\"version\": 4, \"serial\": 7}", "<html>"] {
            let stored = ServerDocument::read(text.as_bytes().to_vec());
            assert_eq!(stored.contents.text, text.as_bytes());
            assert!(matches!(stored.seen, SeenWrite::Other(_)), "{text}");
        }
        assert_eq!(ServerDocument::read(b"{\"serial\": 7}".to_vec()).mark.serial, 7);
    }
}
