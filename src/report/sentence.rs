//! Words of ours, as a line or a sentence of their own.

/// Words as a sentence of their own.
pub(super) fn sentence(words: &str) -> String {
    capitalised(words) + "."
}

/// Words that begin a line. They begin with a word of ours: a name keeps its letters.
pub(super) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
