//! What to do now, for the person who reads a failure: sentences, and commands as data.

use super::{Advice, Commands};

/// Steps to take, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help(Vec<Step>);

/// A sentence, and the command that it is about. A command ends its line, so that it can be copied whole.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    words: String,
    command: Option<Advice>,
}

impl Help {
    /// Nothing to do, or nothing that is known.
    pub fn none() -> Self {
        Self::default()
    }

    /// A step that is no command.
    #[must_use]
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.0.push(Step { words: words.into(), command: None });
        self
    }

    /// A step with the command that does it; `words` say when or what for, and end without a full stop.
    #[must_use]
    pub fn run(mut self, words: impl Into<String>, command: Advice) -> Self {
        self.0.push(Step { words: words.into(), command: Some(command) });
        self
    }

    /// One of several commands that belong together, on a line of its own.
    #[must_use]
    pub fn line(self, command: Advice) -> Self {
        self.run("", command)
    }

    /// These steps, then those.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every step: its words, and its command if it has one.
    pub fn steps(&self) -> impl Iterator<Item = (&str, Option<&Advice>)> {
        self.0.iter().map(|step| (step.words.as_str(), step.command.as_ref()))
    }

    /// Every step for itself.
    pub fn into_steps(self) -> impl Iterator<Item = Self> {
        self.0.into_iter().map(|step| Self(vec![step]))
    }

    /// The steps in words, one a line.
    pub fn lines(&self, commands: &dyn Commands) -> Vec<String> {
        let line = |step: &Step| match &step.command {
            Some(command) if step.words.is_empty() => format!("  {}", commands.command(command)),
            Some(command) => format!("{}: {}", step.words, commands.command(command)),
            None => step.words.clone(),
        };
        self.0.iter().map(line).collect()
    }

    /// What was said, and the steps below it.
    pub fn below(&self, said: &str, commands: &dyn Commands) -> String {
        let mut lines = vec![said.to_owned()];
        lines.extend(self.lines(commands));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_its_line() {
        let help =
            Help::none().run("To see all keys", Advice::StateList).and(Help::none().say("Then try again."));
        let commands = |advice: &Advice| format!("certctl {advice:?}");
        assert_eq!(
            help.below("there is no a", &commands),
            "there is no a\nTo see all keys: certctl StateList\nThen try again."
        );
        let steps = [("To see all keys", Some(&Advice::StateList)), ("Then try again.", None)];
        assert_eq!(help.steps().collect::<Vec<_>>(), steps);
        assert_eq!(Help::none().below("there is no a", &commands), "there is no a");
    }
}
