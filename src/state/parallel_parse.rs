//! Reads a large state file in pieces on all cores, without holding all its bytes in memory.
//!
//! In a file as certctl writes it, every row begins and ends on lines of its own, so the file can be cut between rows
//! and each piece parsed alone. Files in any other form, and damaged ones, are left to the parser of the whole text,
//! which also reports the damage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::Path;

use rayon::iter::{ParallelBridge as _, ParallelIterator as _};
use serde::Deserialize;

use super::blob_id::IdentifyingBlob;
use super::document::EachRow;
use super::mark::MarkBeside;
use super::outline::{HEAD, TAIL, templates_begin, templates_end};
use super::own_file::{self, MAX_BYTES};
use super::{BlobId, Document, FORMAT, Marks, Row};
use crate::model::{Digest, Digesting, Key};

/// The minimum size of a file to cut, in bytes.
const WORTH_CUTTING: u64 = 256 << 10;
/// The approximate size of a piece, in bytes.
const PIECE: usize = 256 << 10;

/// A document that was read from a file.
pub(super) struct ReadDocument {
    pub(super) document: Document,
    /// The digest of the file.
    pub(super) digest: Digest,
    /// Git's id of the file's content, in a repository.
    pub(super) blob: Option<BlobId>,
}

/// The document in a state file; `None` if it has to be parsed as a whole. Its mark is compared with it on the way.
pub(super) fn read_in_pieces(path: &Path, marks: Option<&Marks>) -> Option<ReadDocument> {
    let mut file = own_file::open_to_read(path).ok()?;
    let length = file.metadata().ok()?.len();
    if !(WORTH_CUTTING..=MAX_BYTES).contains(&length) {
        return None;
    }
    let end = end_of_rows(&mut file, length)?;
    let mut pieces = Pieces::begin(&mut file, end, PIECE)?;
    let mark = marks.zip(lineage_in(&pieces.head)).and_then(|(marks, lineage)| marks.beside(&lineage));
    pieces.compare_with(mark, IdentifyingBlob::begin(path, length));
    let (read, mark) = parse(pieces)?;
    if let Some((marks, mark)) = marks.zip(mark) {
        marks.remember(mark, &read.digest);
    }
    Some(read)
}

/// The lineage of a state whose text begins like this, up to the templates.
fn lineage_in(head: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Begin {
        lineage: String,
    }
    serde_json::from_slice::<Begin>(&[head, b"}}"].concat()).ok().map(|begin| begin.lineage)
}

/// The position where the templates end.
fn end_of_rows(file: &mut File, length: u64) -> Option<u64> {
    let from = length.saturating_sub(TAIL as u64);
    let mut tail = Vec::with_capacity(TAIL);
    file.seek(SeekFrom::Start(from)).ok()?;
    file.take(TAIL as u64).read_to_end(&mut tail).ok()?;
    file.rewind().ok()?;
    Some(from + templates_end(&tail)? as u64)
}

/// Parses a text. Returns what was read, and the mark that was compared with it.
fn parse(mut pieces: Pieces<impl Read + Send>) -> Option<(ReadDocument, Option<MarkBeside>)> {
    let rows: Vec<Vec<(Key, Row)>> = (&mut pieces).par_bridge().map(parse_rows).collect::<Option<_>>()?;
    let (mut read, mark) = pieces.finish()?;
    let document = &mut read.document;
    let mut rows: Vec<(Key, Row)> = rows.into_iter().flatten().collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    // A duplicate key is damage.
    let is_twice = rows.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other));
    if is_twice || !document.templates.is_empty() || document.format != FORMAT {
        return None;
    }
    document.templates = BTreeMap::from_iter(rows);
    Some((read, mark))
}

fn parse_rows(piece: Option<Vec<u8>>) -> Option<Vec<(Key, Row)>> {
    // Checked at once, which is faster than checking each string.
    let piece = String::from_utf8(piece?).ok()?;
    serde_json::from_str::<EachRow>(&piece).ok().map(|rows| rows.0)
}

/// The rows in pieces, each a JSON object. A piece is `None` if the text cannot be read or cut.
struct Pieces<R> {
    text: R,
    /// The text before the rows.
    head: Vec<u8>,
    taken: TakenIn,
    /// Bytes that were read but are not yet in a piece.
    rest: Vec<u8>,
    /// How many bytes of rows are left to read.
    left: u64,
    size: usize,
    has_failed: bool,
}

/// The end of a row and the separator before the next.
const BETWEEN: &[u8] = b"\n    },";

impl<R: Read> Pieces<R> {
    fn begin(mut text: R, end: u64, size: usize) -> Option<Self> {
        let mut head = Vec::with_capacity(HEAD);
        (&mut text).take(HEAD as u64).read_to_end(&mut head).ok()?;
        let begin = templates_begin(&head)?;
        // Templates that end within the head are not worth cutting.
        let left = end.checked_sub(head.len() as u64)?;
        let mut rest = vec![b'{'];
        rest.extend_from_slice(head.get(begin..)?);
        head.truncate(begin);
        let mut taken = TakenIn::default();
        taken.add(&head);
        taken.add(&rest[1..]);
        Some(Self { text, head, taken, rest, left, size, has_failed: false })
    }

    /// The document without its rows, and the mark that was compared with the text.
    fn finish(mut self) -> Option<(ReadDocument, Option<MarkBeside>)> {
        let from = self.head.len();
        self.text.take(MAX_BYTES).read_to_end(&mut self.head).ok()?;
        self.taken.add(&self.head[from..]);
        let document = serde_json::from_slice(&self.head).ok()?;
        let TakenIn { digest, blob, mark } = self.taken;
        let (digest, blob) = (digest.finish(), blob.map(IdentifyingBlob::finish));
        Some((ReadDocument { document, digest, blob }, mark))
    }

    /// Compares this mark with the text, from its beginning on, and computes its id for git.
    fn compare_with(&mut self, mark: Option<MarkBeside>, blob: Option<IdentifyingBlob>) {
        self.taken = TakenIn { blob, mark, ..TakenIn::default() };
        self.taken.add(&self.head);
        self.taken.add(&self.rest[1..]);
    }

    /// Reads more bytes; `None` if the file ends too early.
    fn fill(&mut self) -> Option<()> {
        let wanted = self.left.min(self.size as u64);
        let from = self.rest.len();
        let read = (&mut self.text).take(wanted).read_to_end(&mut self.rest).ok()? as u64;
        self.taken.add(&self.rest[from..]);
        self.left -= read;
        (read == wanted).then_some(())
    }

    fn cut(&mut self) -> Option<Vec<u8>> {
        loop {
            if self.left == 0 {
                let mut last = std::mem::take(&mut self.rest);
                last.push(b'}');
                return Some(last);
            }
            self.fill()?;
            let between = self.rest.windows(BETWEEN.len()).rposition(|window| window == BETWEEN);
            if let Some(between) = between.filter(|_| self.left > 0) {
                let end = between + BETWEEN.len();
                let mut next = Vec::with_capacity(self.size + self.rest.len() - end);
                next.push(b'{');
                next.extend_from_slice(&self.rest[end..]);
                let mut piece = std::mem::replace(&mut self.rest, next);
                piece.truncate(end - 1);
                piece.push(b'}');
                return Some(piece);
            }
        }
    }
}

/// What is computed of all bytes of the text while they are read.
#[derive(Default)]
struct TakenIn {
    digest: Digesting,
    blob: Option<IdentifyingBlob>,
    mark: Option<MarkBeside>,
}

impl TakenIn {
    /// Takes bytes of the text into account.
    fn add(&mut self, bytes: &[u8]) {
        self.digest.add(bytes);
        if let Some(blob) = &mut self.blob {
            blob.add(bytes);
        }
        if let Some(mark) = &mut self.mark {
            mark.compare(bytes);
        }
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = Option<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_failed || self.rest.is_empty() {
            return None;
        }
        let piece = self.cut();
        self.has_failed = piece.is_none();
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Attributes;
    use crate::state::{Confirmed, StateIdentity, parse_state};

    fn document(templates: usize, css: &str) -> Document {
        let identity = StateIdentity { environment: "e".to_owned(), url: "https://a.example.com".to_owned() };
        let mut document = Document::empty(&identity, "l".to_owned());
        document.serial = 3;
        for number in 0..templates {
            let value =
                serde_json::json!({"title": format!("T {number}"), "customCss": css, "labels": [{"x": 1}]});
            let attributes: Attributes = serde_json::from_value(value).unwrap();
            let known = Confirmed {
                digest: attributes.digest(),
                attributes,
                applied_at: None,
                applied_by: None,
                seen_in: None,
            };
            let key = Key::new(format!("t-{number}")).unwrap();
            document.templates.insert(key, Row { confirmed: Some(known), ..Row::default() });
        }
        document
    }

    fn in_pieces(text: &str, size: usize) -> Option<(Document, Digest)> {
        let end = templates_end(text.as_bytes())? as u64;
        parse_text(text.as_bytes(), end, size)
    }

    fn parse_text(text: &[u8], end: u64, size: usize) -> Option<(Document, Digest)> {
        parse(Pieces::begin(text, end, size)?).map(|(read, _)| (read.document, read.digest))
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole(templates in 1_usize..60, size in 1_usize..20_000, css in ".{0,80}") {
            // Long enough for the templates to end after the head.
            let css = format!("{}{css}", "\n    },\n  },\n".repeat(400 / templates + 1));
            let text = document(templates, &css).to_text().unwrap();
            let whole = parse_state(Path::new("s"), text.as_bytes()).unwrap();
            if let Some((read, digest)) = in_pieces(&text, size) {
                prop_assert_eq!(read, whole);
                prop_assert_eq!(digest, Digest::of(text.as_bytes()));
            } else {
                prop_assert!(text.len() < HEAD + 1000, "{}", text.len());
            }
        }

        #[test]
        fn what_is_damaged_is_left_to_the_whole(at in 0.0..1.0_f64, byte in prop::sample::select(b"\n{}\",x ".to_vec())) {
            let mut bytes = document(40, "a { }\n").to_text().unwrap().into_bytes();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a small number")]
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
            let whole = parse_state(Path::new("s"), &bytes).ok();
            let end = templates_end(&bytes).map(|end| end as u64);
            if let Some((read, digest)) = end.and_then(|end| parse_text(&bytes, end, 3000)) {
                prop_assert_eq!(Some(read), whole);
                prop_assert_eq!(digest, Digest::of(&bytes));
            }
        }
    }

    #[test]
    fn a_key_in_two_pieces_is_damage() {
        let text = document(40, "a").to_text().unwrap().replace("\"t-39\": {", "\"t-1\": {");
        assert!(in_pieces(&text, 2000).is_none());
    }

    #[test]
    fn a_state_is_read_in_pieces() {
        let text = document(40, "a").to_text().unwrap();
        assert_eq!(in_pieces(&text, 2000).unwrap().0.templates.len(), 40);
        let short = &text[..text.len() - 700];
        assert!(parse_text(short.as_bytes(), text.len() as u64 - 100, 2000).is_none());
    }
}
