//! A text as the marked parser can read it, each character in its place. It refuses some texts that the other parser
//! reads, and then nothing behind the first of these would have a place.

use std::borrow::Cow;

use saphyr_parser::Parser;

use super::surrogates;

/// The text itself wherever that can be read.
pub(super) fn marked_text(text: &str) -> Cow<'_, str> {
    let joined = surrogates::disguised(text).map_or(Cow::Borrowed(text), Cow::Owned);
    // A tab behind a colon, or before what stands in brackets.
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
