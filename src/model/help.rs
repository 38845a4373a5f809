//! The steps to take after a failure, for the person who reads it: sentences, and commands as data ([`Advice`]). Every
//! module may build it; only `cli` knows how a command is typed.

use super::{Advice, Commands};

/// Steps to take, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help(Vec<HelpStep>);

/// A sentence, and the command it is about. The command ends its line, so that it can be copied whole.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HelpStep {
    words: String,
    command: Option<Advice>,
}

impl Help {
    /// No steps.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a step without a command.
    #[must_use]
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.0.push(HelpStep { words: words.into(), command: None });
        self
    }

    /// Adds a step with its command; `words` state when or why to run it, without a full stop.
    #[must_use]
    pub fn run(mut self, words: impl Into<String>, command: Advice) -> Self {
        self.0.push(HelpStep { words: words.into(), command: Some(command) });
        self
    }

    /// Adds a command on its own line, one of several that belong together.
    #[must_use]
    pub fn line(self, command: Advice) -> Self {
        self.run("", command)
    }

    /// Appends the steps of `other`.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a step has a command that can be pasted; an option alone does not count.
    pub fn has_command(&self) -> bool {
        let is_command = |step: &HelpStep| {
            step.command.as_ref().is_some_and(|command| !matches!(command, Advice::AddOption(_)))
        };
        self.0.iter().any(is_command)
    }

    /// The words of each step, with its command if it has one.
    pub fn steps(&self) -> impl Iterator<Item = (&str, Option<&Advice>)> {
        self.0.iter().map(|step| (step.words.as_str(), step.command.as_ref()))
    }

    /// The steps as text, one per line.
    pub fn lines(&self, commands: &dyn Commands) -> Vec<String> {
        let line = |step: &HelpStep| match &step.command {
            Some(command) if step.words.is_empty() => format!("  {}", commands.command(command)),
            Some(command) => format!("{}: {}", step.words, commands.command(command)),
            None => step.words.clone(),
        };
        self.0.iter().map(line).collect()
    }

    /// A message with the steps below it.
    pub fn below(&self, message: &str, commands: &dyn Commands) -> String {
        let mut lines = vec![message.to_owned()];
        lines.extend(self.lines(commands));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_their_line() {
        let help =
            Help::none().run("To see all keys", Advice::StateList).and(Help::none().say("Then try again."));
        let commands = |advice: &Advice| format!("certctl {advice:?}");
        assert_eq!(
            help.below("a does not exist", &commands),
            "a does not exist\nTo see all keys: certctl StateList\nThen try again."
        );
        let steps = [("To see all keys", Some(&Advice::StateList)), ("Then try again.", None)];
        assert_eq!(help.steps().collect::<Vec<_>>(), steps);
        assert_eq!(Help::none().below("a does not exist", &commands), "a does not exist");
    }
}
