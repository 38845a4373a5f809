//! Prepares a text for the marked parser, without moving any character. That parser rejects some texts that
//! `serde_yaml` reads, and then everything after the rejected character would have no place.

use std::borrow::Cow;

use saphyr_parser::Parser;

use super::surrogates;

/// Returns the text unchanged wherever the parser accepts it.
pub(super) fn marked_text(text: &str) -> Cow<'_, str> {
    let joined = surrogates::masked(text).map_or(Cow::Borrowed(text), Cow::Owned);
    // A tab after a colon, or before the contents of brackets.
    if joined.contains('\t') && is_refused(&joined) {
        let blanks = joined.replace('\t', " ");
        if !is_refused(&blanks) {
            return Cow::Owned(blanks);
        }
    }
    joined
}

fn is_refused(text: &str) -> bool {
    Parser::new_from_str(text).any(|event| event.is_err())
}
