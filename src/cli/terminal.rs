//! What the terminal can: colour and columns, decided from values that are read once at the edge.

use super::args::Colour;

/// Reads a variable of the environment.
pub(super) type EnvironmentLookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether to write in colour: what the flag says, else the conventions of no-color.org and bixense.com/clicolors,
/// of which `NO_COLOR` comes first; else where there is a terminal that can. (The crate anstream decides nearly the same, but
/// takes `CLICOLOR_FORCE=0` for a yes.)
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

/// Whether the terminal can do nothing but print. Windows sets no `TERM`; elsewhere a terminal without one is unknown.
pub(super) fn is_dumb(variable: EnvironmentLookup<'_>) -> bool {
    variable("TERM").map_or(!cfg!(windows), |term| term.is_empty() || term == "dumb")
}

/// For how many columns to write. `COLUMNS` counts also where there is no terminal: somebody asked for it. Without
/// both no line is broken, so that programs find whole sentences.
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
    fn the_flag_comes_first_then_no_color_then_clicolor_force_then_the_terminal() {
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
    fn columns_are_what_was_asked_for_or_what_there_is() {
        assert_eq!(columns(Some(80), &with(&[])), Some(80));
        assert_eq!(columns(Some(80), &with(&[("COLUMNS", "50")])), Some(50));
        assert_eq!(columns(None, &with(&[("COLUMNS", "50")])), Some(50));
        assert_eq!(columns(None, &with(&[("COLUMNS", "wide")])), None);
        assert_eq!(columns(None, &with(&[])), None);
    }
}
