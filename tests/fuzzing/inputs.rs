//! Inputs: unchanged seeds, mutated seeds, and noise.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

/// The material for the inputs of one target.
pub(crate) struct Material {
    /// The committed seeds with their names, sorted.
    pub(crate) seeds: Vec<(String, Vec<u8>)>,
    /// The words of its format.
    tokens: Vec<Vec<u8>>,
}

impl Material {
    /// Reads the corpus and the optional dictionary of a target.
    pub(crate) fn read(folder: &Path, target: &str) -> Self {
        let corpus = fs::read_dir(folder.join("corpus").join(target)).unwrap();
        let named = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let seed = |path: &Path| (named(path), fs::read(path).unwrap());
        let mut seeds: Vec<_> = corpus.map(|entry| seed(&entry.unwrap().path())).collect();
        seeds.sort();
        let dictionary =
            fs::read_to_string(folder.join(format!("dictionary/{target}.dict"))).unwrap_or_default();
        let quoted = |line: &str| line.strip_prefix('"')?.strip_suffix('"').map(unescape);
        let tokens = dictionary.lines().filter_map(quoted).chain([b"\n".to_vec()]).collect();
        Self { seeds, tokens }
    }
}

/// A dictionary's own escapes: `\\`, `\"` and `\xAB`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' if rest.starts_with('x') => {
                bytes.push(u8::from_str_radix(&rest[1..3], 16).unwrap());
                rest = &rest[3..];
            }
            '\\' => {
                bytes.push(rest.as_bytes()[0]);
                rest = &rest[1..];
            }
            _ => bytes.extend(first.to_string().as_bytes()),
        }
    }
    bytes
}

/// Bytes, shown as text.
#[derive(Clone)]
pub(crate) struct Input(pub(crate) Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// How a seed is mutated.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Truncate(Index),
    Remove(Index, u8),
    Repeat(Index, u8),
    /// Insert a piece of another seed.
    Splice(Index, Index, Index, u8),
    Token(Index, Index),
    /// Change the number at or after this position.
    Number(Index, u64),
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let number = prop_oneof![0..6_u64, Just(u64::MAX), any::<u64>()];
    prop_oneof![
        3 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        1 => at().prop_map(Change::Truncate),
        2 => (at(), any::<u8>()).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (at(), any::<u8>()).prop_map(|(at, length)| Change::Repeat(at, length)),
        2 => (at(), at(), at(), any::<u8>())
            .prop_map(|(at, seed, from, length)| Change::Splice(at, seed, from, length)),
        3 => (at(), at()).prop_map(|(at, token)| Change::Token(at, token)),
        1 => (at(), number).prop_map(|(at, number)| Change::Number(at, number)),
    ]
}

/// Mostly mutated seeds, sometimes random bytes.
pub(crate) fn any_input(material: Material) -> impl Strategy<Value = Input> {
    let material = Arc::new(material);
    let changed =
        (any::<Index>(), prop::collection::vec(any_change(), 0..5)).prop_map(move |(seed, changes)| {
            let (_, seed) = seed.get(&material.seeds);
            let mut bytes = seed.clone();
            for change in &changes {
                apply(change, &mut bytes, &material);
            }
            Input(bytes)
        });
    let noise = prop::collection::vec(any::<u8>(), 0..200).prop_map(Input);
    let text = "[ -~\n]{0,80}".prop_map(|text| Input(text.into_bytes()));
    prop_oneof![14 => changed, 1 => noise, 1 => text]
}

fn apply(change: &Change, bytes: &mut Vec<u8>, material: &Material) {
    // One more position than there are bytes, because the end counts too.
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    let piece = |at: &Index, length: u8, bytes: &[u8]| {
        let start = place(at, bytes);
        start..bytes.len().min(start + usize::from(length))
    };
    match change {
        Change::Flip(at, with) => {
            let at = place(at, bytes);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= with;
            }
        }
        Change::Truncate(at) => bytes.truncate(place(at, bytes)),
        Change::Remove(at, length) => drop(bytes.drain(piece(at, *length, bytes))),
        Change::Repeat(at, length) => {
            let piece = piece(at, *length, bytes);
            let copy = bytes[piece.clone()].to_vec();
            bytes.splice(piece.end..piece.end, copy);
        }
        Change::Splice(at, seed, from, length) => {
            let (_, other) = seed.get(&material.seeds);
            let copy = other[piece(from, *length, other)].to_vec();
            let at = place(at, bytes);
            bytes.splice(at..at, copy);
        }
        Change::Token(at, token) => {
            let at = place(at, bytes);
            bytes.splice(at..at, token.get(&material.tokens).iter().copied());
        }
        Change::Number(at, number) => {
            let from = place(at, bytes);
            let digit = |bytes: &[u8], at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
            let Some(start) = (from..bytes.len()).find(|&at| digit(bytes, at)) else { return };
            let end = (start..=bytes.len()).find(|&at| !digit(bytes, at)).unwrap_or(start);
            bytes.splice(start..end, number.to_string().into_bytes());
        }
    }
}
