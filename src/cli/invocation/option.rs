//! Spells the options that other modules advise as data ([`RunOption`]). Called by [`super`] for advice, and by
//! `failure` for findings.

use super::line::GivenFlag;
use crate::model::{Finding, RunOption};

/// Sets a variable of the YAML.
pub(in crate::cli) const VAR: &str = "--var";
/// Selects templates.
pub(in crate::cli) const TARGET: &str = "--target";
/// Leaves templates out.
pub(in crate::cli) const EXCLUDE: &str = "--exclude";

/// Returns the name of an option as it is typed.
pub(super) fn name(option: &RunOption) -> &'static str {
    match option {
        RunOption::Directory => "--chdir",
        RunOption::Environment => "--env",
        RunOption::Variable { .. } => VAR,
        RunOption::Target => TARGET,
        RunOption::Exclude => EXCLUDE,
        RunOption::MaxChanges => "--max-changes",
        RunOption::Verbose => "-v",
        RunOption::Compact => "--compact",
        RunOption::Json => "--json",
        RunOption::DenyWarnings => "--deny-warnings",
        RunOption::OutFolder => "--out",
        RunOption::AllowEmpty => "--allow-empty",
        RunOption::LockTimeout => "--lock-timeout",
        RunOption::TakenAt => "--taken-at",
    }
}

/// Returns an option as it is typed, with a placeholder for its value if the reader has to choose one.
pub(super) fn with_placeholder(option: &RunOption) -> String {
    let value = match option {
        RunOption::Directory | RunOption::OutFolder => Some("DIR".to_owned()),
        RunOption::Environment => Some("NAME".to_owned()),
        RunOption::Variable { name } => Some(format!("{name}=VALUE")),
        RunOption::Target | RunOption::Exclude => Some("KEY".to_owned()),
        RunOption::MaxChanges => Some("N".to_owned()),
        RunOption::LockTimeout => Some("10m".to_owned()),
        RunOption::TakenAt => Some("TIME".to_owned()),
        RunOption::Verbose
        | RunOption::Compact
        | RunOption::Json
        | RunOption::DenyWarnings
        | RunOption::AllowEmpty => None,
    };
    GivenFlag(name(option), value.map(Into::into)).to_string().trim_start().to_owned()
}

/// Adds the option that a finding advises to its help.
pub(in crate::cli) fn in_help(mut finding: Finding) -> Finding {
    let words = match &finding.option {
        None => return finding,
        // The name that is typed ends at the first `=`.
        Some(RunOption::Variable { name }) if name.contains('=') => return finding,
        Some(RunOption::Variable { .. }) => "for one run, give it with",
        Some(RunOption::AllowEmpty) => "if there really are no templates, say",
        Some(_) => "or say",
    };
    if let Some(option) = finding.option.take() {
        let help = finding.help.take().map(|help| format!("{help}; ")).unwrap_or_default();
        finding.help = Some(format!("{help}{words} {}", with_placeholder(&option)));
    }
    finding
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Cli;
    use crate::model::SourceLocation;

    fn help(option: RunOption) -> Option<String> {
        let finding = Finding {
            place: SourceLocation::no_line("a"),
            rule: "a",
            message: String::new(),
            help: Some("do this".to_owned()),
            related: Vec::new(),
            option: Some(option),
        };
        in_help(finding).help
    }

    #[test]
    fn options_can_be_given() {
        let variable = RunOption::Variable { name: "a".to_owned() };
        for option in [
            RunOption::Directory,
            RunOption::Environment,
            variable,
            RunOption::Target,
            RunOption::AllowEmpty,
            RunOption::LockTimeout,
        ] {
            let typed = with_placeholder(&option);
            let words = ["certctl", "plan"].into_iter().chain(typed.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{typed}");
        }
    }

    #[test]
    fn findings_name_the_option() {
        let variable = |name: &str| help(RunOption::Variable { name: name.to_owned() });
        assert_eq!(variable("a b").as_deref(), Some("do this; for one run, give it with --var 'a b=VALUE'"));
        assert_eq!(variable("-a").as_deref(), Some("do this; for one run, give it with --var=-a=VALUE"));
        assert_eq!(variable("a=b").as_deref(), Some("do this"), "no option can name it");
        assert_eq!(
            help(RunOption::AllowEmpty).as_deref(),
            Some("do this; if there really are no templates, say --allow-empty")
        );
    }
}
