//! A wrong and a right example for a rule. `certctl explain` and docs/findings.md show them; the modules that check the
//! rules hold them, and their tests see that the one breaks the rule and the other does not.

/// The smallest text that breaks a rule, and one that keeps it.
#[derive(Clone, Copy, Debug)]
pub struct RuleExample {
    /// The id of the rule.
    pub rule: &'static str,
    /// The part of a project that both are.
    pub part: ExamplePart,
    /// Breaks the rule.
    pub wrong: &'static str,
    /// Keeps it.
    pub right: &'static str,
}

/// The part of a project that an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExamplePart {
    /// Lines of one template, beside its title, resource type and resource id.
    TemplateLines,
    /// A whole template file.
    TemplateFile,
    /// A whole certctl.toml.
    Settings,
}

impl RuleExample {
    /// An example of lines of one template.
    pub const fn lines(rule: &'static str, wrong: &'static str, right: &'static str) -> Self {
        Self { rule, part: ExamplePart::TemplateLines, wrong, right }
    }

    /// An example of a template file.
    pub const fn file(rule: &'static str, wrong: &'static str, right: &'static str) -> Self {
        Self { rule, part: ExamplePart::TemplateFile, wrong, right }
    }

    /// An example of certctl.toml.
    pub const fn settings(rule: &'static str, wrong: &'static str, right: &'static str) -> Self {
        Self { rule, part: ExamplePart::Settings, wrong, right }
    }
}
