//! Decides on colour and width from values that [`super::output`] reads once. Pure.

use super::args::Colour;

/// Looks up an environment variable of the process.
pub(super) type EnvironmentLookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Returns whether to use colour: as the flag says; otherwise by the conventions of no-color.org and
/// bixense.com/clicolors, with `NO_COLOR` first; otherwise if the terminal can. (The crate anstream decides almost the
/// same, but takes `CLICOLOR_FORCE=0` for yes.)
pub(super) fn colour(choice: Colour, is_terminal: bool, variable: EnvironmentLookup<'_>) -> bool {
    let is = |name: &str, meant: fn(&str) -> bool| variable(name).is_some_and(|value| meant(&value));
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if is("NO_COLOR", |value| !value.is_empty()) => false,
        Colour::Auto if is("CLICOLOR_FORCE", |value| !value.is_empty() && value != "0") => true,
        Colour::Auto if is("CLICOLOR", |value| value == "0") => false,
        Colour::Auto => is_terminal && !is_dumb(variable),
    }
}

/// Returns whether the terminal can only print text. Windows sets no `TERM`; elsewhere a terminal without one is
/// unknown.
pub(super) fn is_dumb(variable: EnvironmentLookup<'_>) -> bool {
    variable("TERM").map_or(!cfg!(windows), |term| term.is_empty() || term == "dumb")
}

/// Returns the width in columns. `COLUMNS` counts even without a terminal, because the user set it. Without both, no
/// line is wrapped, so that programs find whole sentences.
pub(super) fn columns(terminal: Option<usize>, variable: EnvironmentLookup<'_>) -> Option<usize> {
    let asked = variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    asked.or(terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |wanted| variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn colour_sources_have_their_order() {
        type Variables<'a> = &'a [(&'a str, &'a str)];
        let term = ("TERM", "xterm");
        let cases: [(Colour, bool, Variables<'_>, bool); 13] = [
            (Colour::Auto, true, &[term], true),
            (Colour::Auto, false, &[term], false),
            (Colour::Auto, true, &[("TERM", "dumb")], false),
            (Colour::Auto, true, &[], cfg!(windows)),
            (Colour::Auto, true, &[term, ("NO_COLOR", "1")], false),
            (Colour::Auto, true, &[term, ("NO_COLOR", "")], true),
            (Colour::Auto, true, &[term, ("CLICOLOR", "0")], false),
            (Colour::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (Colour::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (Colour::Auto, true, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true),
            (Colour::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (Colour::Always, false, &[("NO_COLOR", "1")], true),
            (Colour::Never, true, &[term, ("CLICOLOR_FORCE", "1")], false),
        ];
        for (choice, terminal, variables, expected) in cases {
            assert_eq!(
                colour(choice, terminal, &with(variables)),
                expected,
                "{choice:?} {terminal} {variables:?}"
            );
        }
    }

    #[test]
    fn columns_variable_beats_the_terminal() {
        assert_eq!(columns(Some(80), &with(&[])), Some(80));
        assert_eq!(columns(Some(80), &with(&[("COLUMNS", "50")])), Some(50));
        assert_eq!(columns(None, &with(&[("COLUMNS", "50")])), Some(50));
        assert_eq!(columns(None, &with(&[("COLUMNS", "wide")])), None);
        assert_eq!(columns(None, &with(&[])), None);
    }
}
