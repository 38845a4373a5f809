//! Converts character positions to bytes: the marked parser counts characters, and texts are sliced by bytes.

/// The distance between stored positions, in characters.
const STEP: usize = 256;

/// The byte offset of every 256th character.
pub(super) enum Offsets {
    /// Every character is one byte.
    Same,
    Noted(Vec<usize>),
}

impl Offsets {
    pub(super) fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self::Same;
        }
        Self::Noted(text.char_indices().step_by(STEP).map(|(byte, _)| byte).collect())
    }

    /// The byte at which a character begins; the text's end where it has no such character. `text` is the one that
    /// was counted.
    pub(super) fn byte(&self, text: &str, character: usize) -> usize {
        match self {
            Self::Same => character.min(text.len()),
            Self::Noted(noted) => {
                let Some(from) = noted.get(character / STEP) else { return text.len() };
                let rest = text.get(*from..).unwrap_or_default();
                rest.char_indices().nth(character % STEP).map_or(text.len(), |(byte, _)| from + byte)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_character_is_where_it_is(text in "([a-zé日😀\n]{0,9}){0,90}", character in 0_usize..900) {
            let expected = text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte);
            prop_assert_eq!(Offsets::of(&text).byte(&text, character), expected);
        }
    }
}
