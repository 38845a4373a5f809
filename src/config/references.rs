//! Splits a text into plain parts and `${var.NAME}`. Used for values in certctl.toml and in the YAML; it resolves
//! nothing.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPiece<'t> {
    /// Plain text.
    Text(&'t str),
    /// A reference to a variable.
    Variable {
        /// The name of the variable.
        name: &'t str,
        /// The whole reference, as written.
        written: &'t str,
    },
    /// `${…}` that is not a variable.
    Other {
        /// The whole expression, as written.
        written: &'t str,
    },
    /// `${` without a closing brace.
    Unclosed,
}

/// Splits a text into its parts, in order. `$${` is plain text for `${`.
pub fn pieces(text: &str) -> TextPieces<'_> {
    TextPieces { rest: text }
}

/// The iterator that [`pieces`] returns.
#[derive(Clone, Debug)]
pub struct TextPieces<'t> {
    rest: &'t str,
}

impl<'t> Iterator for TextPieces<'t> {
    type Item = TextPiece<'t>;

    fn next(&mut self) -> Option<TextPiece<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(rest) = self.rest.strip_prefix("$${") {
            // A slice of the text itself, to keep its lifetime.
            let literal = &self.rest[1..3];
            self.rest = rest;
            return Some(TextPiece::Text(literal));
        }
        if let Some(inside) = self.rest.strip_prefix("${") {
            let Some((name, after)) = inside.split_once('}') else {
                self.rest = inside;
                return Some(TextPiece::Unclosed);
            };
            let written = &self.rest[..self.rest.len() - after.len()];
            self.rest = after;
            return Some(match name.trim().strip_prefix("var.") {
                Some(name) if !name.is_empty() => TextPiece::Variable { name, written },
                _ => TextPiece::Other { written },
            });
        }
        // Any other `$` is a plain character.
        let first = self.rest.chars().next().map_or(1, char::len_utf8);
        let end = self.rest[first..].find('$').map_or(self.rest.len(), |at| at + first);
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(TextPiece::Text(piece))
    }
}

/// Returns the names of the variables that a text mentions.
pub fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        TextPiece::Variable { name, .. } => Some(name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<TextPiece<'_>> {
        pieces(text).collect()
    }

    #[test]
    fn texts_are_split_into_pieces() {
        let a = TextPiece::Variable { name: "a", written: "${var.a}" };
        assert_eq!(of("x ${var.a}$"), [TextPiece::Text("x "), a, TextPiece::Text("$")]);
        assert_eq!(of("${var.a}${ var.b }"), [a, TextPiece::Variable { name: "b", written: "${ var.b }" }]);
        assert_eq!(of("$${var.a}"), [TextPiece::Text("${"), TextPiece::Text("var.a}")]);
        assert_eq!(
            of("é$5 ${y} ${"),
            [
                TextPiece::Text("é"),
                TextPiece::Text("$5 "),
                TextPiece::Other { written: "${y}" },
                TextPiece::Text(" "),
                TextPiece::Unclosed
            ]
        );
        assert_eq!(of("${ var. }"), [TextPiece::Other { written: "${ var. }" }], "a name has a letter");
        assert_eq!(mentioned("${var.a} $${var.b} ${c} ${var.d}").collect::<Vec<_>>(), ["a", "d"]);
    }

    proptest! {
        #[test]
        fn no_piece_is_lost(text in "[a${}.vé]{0,20}|.{0,20}") {
            let back: String = pieces(&text)
                .map(|piece| match piece {
                    TextPiece::Text("${") => "$${",
                    TextPiece::Text(text) => text,
                    TextPiece::Variable { written, .. } | TextPiece::Other { written } => written,
                    TextPiece::Unclosed => "${",
                })
                .collect();
            prop_assert_eq!(back, text);
        }
    }
}
