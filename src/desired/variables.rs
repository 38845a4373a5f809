//! Substitutes `${var.NAME}` in texts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use memchr::memmem;

use crate::config::{TextPiece, Variable, VariableValue, mentioned, pieces};
use crate::model::SharedValue;

/// Substitutes variables in a text. `$${` yields a literal `${`. The error lists each problem once.
pub(super) fn substitute<'t>(
    text: &'t str,
    variables: &BTreeMap<String, Variable>,
) -> Result<String, Vec<SubstitutionError<'t>>> {
    let mut result = String::with_capacity(text.len());
    let mut problems = Vec::new();
    for piece in pieces(text) {
        match piece {
            TextPiece::Text(part) => result.push_str(part),
            TextPiece::Variable { name, written } => match variables.get(name) {
                Some(variable) => {
                    // Writing to a String cannot fail.
                    let _ = write!(result, "{}", variable.value);
                }
                None => problems.push(SubstitutionError::Undefined { name, written }),
            },
            TextPiece::Other { written } => problems.push(SubstitutionError::NotAVariable { written }),
            TextPiece::Unclosed => problems.push(SubstitutionError::Unclosed),
        }
    }
    if problems.is_empty() { Ok(result) } else { Err(problems) }
}

/// The name of the variable, if the text consists of nothing else.
pub(super) fn alone(text: &str) -> Option<&str> {
    match pieces(text).next()? {
        TextPiece::Variable { name, written } if written == text => Some(name),
        _ => None,
    }
}

/// How much variables lengthen texts.
pub(super) struct Growth<'v> {
    variables: &'v BTreeMap<String, Variable>,
    longest: u64,
}

impl<'v> Growth<'v> {
    pub(super) fn new(variables: &'v BTreeMap<String, Variable>) -> Self {
        let longest = variables.values().map(|variable| length(&variable.value)).max().unwrap_or(0);
        Self { variables, longest }
    }

    /// An upper bound of the bytes that variables add to a file.
    pub(super) fn at_most(&self, text: &str) -> u64 {
        // Most files mention few variables, and variables are short.
        let mentions = memmem::find_iter(text.as_bytes(), "${").count() as u64;
        mentions.saturating_mul(self.longest)
    }

    /// The bytes they add to a file at most, with each mention counted.
    pub(super) fn named(&self, text: &str) -> u64 {
        let value = |name: &str| self.variables.get(name).map_or(0, |variable| length(&variable.value));
        mentioned(text).map(value).fold(0, u64::saturating_add)
    }

    /// The bytes they add to one text. A long value that is a whole text is stored once, however often it is used.
    pub(super) fn of(&self, text: &str) -> u64 {
        let longer = |name: &str| self.variables.get(name).map_or(0, |variable| length(&variable.value));
        let value = alone(text).map_or(0, longer);
        if value >= SharedValue::LONG as u64 {
            return 0;
        }
        let put_in = mentioned(text).map(longer).fold(0, u64::saturating_add);
        if put_in == 0 { 0 } else { put_in.saturating_sub(mentions(text) as u64) }
    }
}

/// The number of bytes in a text that are mentions of variables.
fn mentions(text: &str) -> usize {
    let written = pieces(text).map(|piece| match piece {
        TextPiece::Variable { written, .. } => written.len(),
        _ => 0,
    });
    written.sum()
}

fn length(value: &VariableValue) -> u64 {
    match value {
        VariableValue::Text(text) => text.len() as u64,
        VariableValue::Integer(_) | VariableValue::Boolean(_) => 20,
    }
}

/// A problem with a variable; `written` is the whole `${…}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubstitutionError<'t> {
    /// It has no value.
    Undefined { name: &'t str, written: &'t str },
    /// `${…}` without `var.`.
    NotAVariable { written: &'t str },
    /// `${` without `}`.
    Unclosed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn with(text: &str) -> Result<String, Vec<SubstitutionError<'_>>> {
        substitute(
            text,
            &BTreeMap::from([
                ("a".to_owned(), Variable::flag("1")),
                ("b-c".to_owned(), Variable::flag("${var.a}")),
            ]),
        )
    }

    #[test]
    fn variables_are_put_in_once() {
        assert_eq!(with("x ${var.a} y ${ var.a }$"), Ok("x 1 y 1$".to_owned()));
        assert_eq!(with("${var.b-c}"), Ok("${var.a}".to_owned()), "a value is not looked through again");
        assert_eq!(with("$${var.a} costs 5$ $x"), Ok("${var.a} costs 5$ $x".to_owned()));
    }

    #[test]
    fn every_problem_is_named() {
        assert_eq!(
            with("${var.x} ${y} ${"),
            Err(vec![
                SubstitutionError::Undefined { name: "x", written: "${var.x}" },
                SubstitutionError::NotAVariable { written: "${y}" },
                SubstitutionError::Unclosed
            ])
        );
    }

    #[test]
    fn a_text_that_is_one_variable_is_known() {
        assert_eq!(alone("${var.a}"), Some("a"));
        assert_eq!(alone("${ var.a }"), Some("a"));
        for text in ["x${var.a}", "${var.a} ", "${var.a}${var.b}", "$${var.a}", "${a}", "${var.a"] {
            assert_eq!(alone(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_text_comes_out_as_it_was(text in "[a${}.v]*") {
            prop_assert_eq!(with(&text.replace("${", "$${")).ok().map(|out| out.replace("$$", "$")),
                            Some(text.replace("$$", "$")));
        }
    }
}
