//! Short commands for printed texts, shared by the tests of all formats.

use crate::model::{Advice, Commands, Key, RunOption};

/// Commands without a folder, for an environment that is not named.
pub(crate) struct SpecimenCommands;

impl Commands for SpecimenCommands {
    fn command(&self, advice: &Advice) -> String {
        command(advice)
    }

    fn option(&self, option: &RunOption) -> String {
        match option {
            RunOption::Verbose => "-v".to_owned(),
            RunOption::MaxChanges => "--max-changes".to_owned(),
            RunOption::DenyWarnings => "--deny-warnings".to_owned(),
            other => format!("--{other:?}").to_lowercase(),
        }
    }
}

fn command(advice: &Advice) -> String {
    let key = |key: &Key| {
        let is_plain = key.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let quote = if is_plain { "" } else { "'" };
        format!("{quote}{}{quote}", crate::report::safe_text(key.as_str()))
    };
    match advice {
        Advice::Apply | Advice::ApplyRest { .. } => "certctl apply -e test".to_owned(),
        Advice::ApplyOnly { keys } => keys
            .iter()
            .fold("certctl apply -e test".to_owned(), |line, one| format!("{line} --target {}", key(one))),
        Advice::Recover { keys } => {
            keys.iter().fold("certctl recover".to_owned(), |line, one| format!("{line} {}", key(one)))
        }
        Advice::StateRm { keys } => {
            let names = keys.iter().map(key).collect::<Vec<_>>().join(" ");
            format!("certctl state rm {names} -e test")
        }
        Advice::AddOption(option) => SpecimenCommands.option(option),
        other => format!("certctl {other:?}"),
    }
}
