//! Turns phrases of certctl into lines and sentences.

/// A phrase as a sentence.
pub(super) fn sentence(words: &str) -> String {
    capitalised(words) + "."
}

/// A phrase at the beginning of a line. It must not begin with a name, whose letters would change.
pub(super) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
