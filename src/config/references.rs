//! `${var.NAME}` in a text, piece by piece.

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// What counts as it is.
    Text(&'t str),
    /// A variable of this name.
    Variable {
        /// Its name.
        name: &'t str,
        /// All of it, as it is written.
        written: &'t str,
    },
    /// `${…}` that is no variable.
    Other {
        /// All of it, as it is written.
        written: &'t str,
    },
    /// `${` that is not closed.
    Unclosed,
}

/// The pieces of a text, in its order. `$${` stands for the text `${`.
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text }
}

/// The iterator of [`pieces`].
#[derive(Clone, Debug)]
pub struct Pieces<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some(rest) = self.rest.strip_prefix("$${") {
            // A slice of the text itself, so that it lives as long.
            let literal = &self.rest[1..3];
            self.rest = rest;
            return Some(Piece::Text(literal));
        }
        if let Some(inside) = self.rest.strip_prefix("${") {
            let Some((name, after)) = inside.split_once('}') else {
                self.rest = inside;
                return Some(Piece::Unclosed);
            };
            let written = &self.rest[..self.rest.len() - after.len()];
            self.rest = after;
            return Some(match name.trim().strip_prefix("var.") {
                Some(name) if !name.is_empty() => Piece::Variable { name, written },
                _ => Piece::Other { written },
            });
        }
        // A `$` that begins neither is a letter like any other.
        let first = self.rest.chars().next().map_or(1, char::len_utf8);
        let end = self.rest[first..].find('$').map_or(self.rest.len(), |at| at + first);
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Piece::Text(piece))
    }
}

/// The names of the variables that a text mentions.
pub fn mentioned(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Variable { name, .. } => Some(name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<Piece<'_>> {
        pieces(text).collect()
    }

    #[test]
    fn a_text_is_taken_apart() {
        let a = Piece::Variable { name: "a", written: "${var.a}" };
        assert_eq!(of("x ${var.a}$"), [Piece::Text("x "), a, Piece::Text("$")]);
        assert_eq!(of("${var.a}${ var.b }"), [a, Piece::Variable { name: "b", written: "${ var.b }" }]);
        assert_eq!(of("$${var.a}"), [Piece::Text("${"), Piece::Text("var.a}")]);
        assert_eq!(
            of("é$5 ${y} ${"),
            [
                Piece::Text("é"),
                Piece::Text("$5 "),
                Piece::Other { written: "${y}" },
                Piece::Text(" "),
                Piece::Unclosed
            ]
        );
        assert_eq!(of("${ var. }"), [Piece::Other { written: "${ var. }" }], "a name has a letter");
        assert_eq!(mentioned("${var.a} $${var.b} ${c} ${var.d}").collect::<Vec<_>>(), ["a", "d"]);
    }

    proptest! {
        #[test]
        fn no_piece_is_lost(text in "[a${}.vé]{0,20}|.{0,20}") {
            let back: String = pieces(&text)
                .map(|piece| match piece {
                    Piece::Text("${") => "$${",
                    Piece::Text(text) => text,
                    Piece::Variable { written, .. } | Piece::Other { written } => written,
                    Piece::Unclosed => "${",
                })
                .collect();
            prop_assert_eq!(back, text);
        }
    }
}
