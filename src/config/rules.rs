//! The rules for certctl.toml: their ids, what they require, and an example of each. `certctl explain` and docs/findings.md
//! show them; a rule keeps its id for good. The id of a rule that template files have as well is in both tables.

use crate::model::RuleExample;

/// Every rule for certctl.toml: its id, and what it requires.
pub const RULES: [(&str, &str); 20] = [
    ("duplicate-key", "a setting is written once in its table"),
    (
        "environment-name",
        "an environment's name has only letters, digits, `-`, `_` and `.`, as its state file is named after it",
    ),
    ("glob", "a glob is one that certctl understands, and it names files below the folder of certctl.toml"),
    ("key-as-name", "no name looks like an API key, because names are shown"),
    ("key-in-variable", "a variable's value is no API key: keys never belong into a file of the project"),
    ("missing-setting", "a table has the settings without which it means nothing"),
    (
        "no-template",
        "the files that `templates` leads to hold a template, unless the command is told that there may be none",
    ),
    ("observer", "the table of an observer has the `email` that it logs in with"),
    ("shared-state", "each environment has a state of its own"),
    ("too-much", "the file and what its variables lead to stay within what can be read"),
    ("toml-syntax", "the file is TOML"),
    ("undefined-variable", "a variable that another one uses has a value in the same environment"),
    ("unfinished-merge", "the file holds no markers of an unfinished git merge"),
    ("unknown-environment", "`default_environment` is an environment that the file defines"),
    (
        "unknown-field",
        "`[fields]` names variables or ids of certificate fields, `[drift] ignore` attributes that exist",
    ),
    ("unknown-setting", "a setting is one that certctl knows"),
    ("url", "an environment has the address of its academy: https, or http on this machine, or `sandbox`"),
    ("variable", "`${var.NAME}` is the only form of a variable"),
    ("variable-cycle", "no variable uses itself, not even through others"),
    ("wrong-setting", "a setting has a value that it can have"),
];

/// Of each rule that a few lines can break.
pub const EXAMPLES: [RuleExample; 15] = [
    RuleExample::settings(
        "duplicate-key",
        "default_environment = \"sandbox\"\ndefault_environment = \"sandbox\"",
        "default_environment = \"sandbox\"",
    ),
    RuleExample::settings(
        "environment-name",
        "[environments.\"pro/duction\"]\nurl = \"https://academy.example.com\"",
        "[environments.production]\nurl = \"https://academy.example.com\"",
    ),
    RuleExample::settings(
        "glob",
        "templates = [\"templates/[a-z.yaml\"]",
        "templates = [\"templates/*.yaml\"]",
    ),
    RuleExample::settings(
        "missing-setting",
        "[drift]\nignore = [{ key = \"cloud-*\" }]",
        "[drift]\nignore = [{ key = \"cloud-*\", reason = \"the design team tries new styles\" }]",
    ),
    RuleExample::settings(
        "observer",
        "[environments.production]\nurl = \"https://academy.example.com\"\n[environments.production.observer]\nuser_id = \"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02\"",
        "[environments.production]\nurl = \"https://academy.example.com\"\n[environments.production.observer]\nemail = \"observer@example.com\"",
    ),
    RuleExample::settings(
        "shared-state",
        "[environments.a]\nurl = \"sandbox\"\nstate = \"state/one.json\"\n[environments.b]\nurl = \"sandbox\"\nstate = \"state/one.json\"",
        "[environments.a]\nurl = \"sandbox\"\n[environments.b]\nurl = \"sandbox\"",
    ),
    RuleExample::settings(
        "toml-syntax",
        "default_environment = sandbox",
        "default_environment = \"sandbox\"",
    ),
    RuleExample::settings(
        "undefined-variable",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\nasset = \"${var.cdn}/cloud.png\"",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\ncdn = \"https://cdn.example.com\"\nasset = \"${var.cdn}/cloud.png\"",
    ),
    RuleExample::settings(
        "unknown-environment",
        "default_environment = \"porduction\"\n[environments.production]\nurl = \"https://academy.example.com\"",
        "default_environment = \"production\"\n[environments.production]\nurl = \"https://academy.example.com\"",
    ),
    RuleExample::settings(
        "unknown-field",
        "[drift]\nignore = [{ attribute = \"colour\", reason = \"new colours\" }]",
        "[drift]\nignore = [{ attribute = \"labels\", reason = \"new colours\" }]",
    ),
    RuleExample::settings(
        "unknown-setting",
        "default_enviroment = \"sandbox\"",
        "default_environment = \"sandbox\"",
    ),
    RuleExample::settings(
        "url",
        "[environments.production]\nurl = \"http://academy.example.com\"",
        "[environments.production]\nurl = \"https://academy.example.com\"",
    ),
    RuleExample::settings(
        "variable",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\na = \"${b}\"",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\na = \"$${b}\" # the text ${b}",
    ),
    RuleExample::settings(
        "variable-cycle",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\na = \"${var.b}\"\nb = \"${var.a}\"",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.vars]\na = \"${var.b}\"\nb = \"x\"",
    ),
    RuleExample::settings(
        "wrong-setting",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.api]\ntimeout = 30",
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.api]\ntimeout = \"30s\"",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use crate::model::SourceText;

    /// The rules that this text breaks.
    fn broken(text: &str) -> Vec<&'static str> {
        let source = SourceText::new("certctl.toml", &format!("{text}\n"));
        match parse(&source, std::path::Path::new(".")) {
            Err(findings) => findings.iter().map(|finding| finding.rule).collect(),
            Ok(config) => config
                .environments
                .values()
                .flat_map(|environment| {
                    crate::config::resolve_variables::resolve(environment.vars.clone()).findings
                })
                .map(|finding| finding.rule)
                .collect(),
        }
    }

    #[test]
    fn wrong_example_breaks_its_rule() {
        let missed: Vec<_> = EXAMPLES
            .iter()
            .map(|example| (example.rule, broken(example.wrong)))
            .filter(|(rule, broken)| !broken.contains(rule))
            .collect();
        assert!(missed.is_empty(), "{missed:#?}");
    }

    #[test]
    fn right_example_breaks_no_rule() {
        let broken: Vec<_> = EXAMPLES
            .iter()
            .map(|example| (example.rule, broken(example.right)))
            .filter(|(_, broken)| !broken.is_empty())
            .collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }

    #[test]
    fn each_rule_has_an_example_or_a_reason() {
        // About keys, which belong in no example, or about more than a few lines of certctl.toml.
        let without = ["key-as-name", "key-in-variable", "no-template", "too-much", "unfinished-merge"];
        let mut shown: Vec<&str> = EXAMPLES.iter().map(|example| example.rule).chain(without).collect();
        let mut listed: Vec<&str> = RULES.iter().map(|(rule, _)| *rule).collect();
        shown.sort_unstable();
        listed.sort_unstable();
        assert_eq!(shown, listed);
    }
}
