//! Sentences as data: which words are certctl's own, and which are names and texts of others. The views compose them;
//! each printer escapes and marks up the parts in its own way.

use std::borrow::Cow;

use crate::model::{Advice, Help, Key, RunOption, TemplateId};

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordsPart {
    /// Words of certctl.
    Own(Cow<'static, str>),
    /// A name that others chose: a key, an id, a path, a job.
    Name(String),
    /// The title of a certificate. It is quoted, and shortened where it is long.
    Title(String),
    /// A text that others wrote, such as a server's message. It can have several lines.
    Text(String),
    /// A message of certctl that can contain names of others, and commands at the ends of its lines.
    Message(String),
    /// The name of an option.
    Option(RunOption),
}

/// A sentence or a phrase. Phrases begin with a lower-case letter and have no full stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<WordsPart>);

impl Words {
    /// Words of certctl alone.
    pub fn own(words: impl Into<Cow<'static, str>>) -> Self {
        Self::default().and(words)
    }

    /// A text that others wrote.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![WordsPart::Text(text.into())])
    }

    /// A message of certctl, which can contain names and commands.
    pub fn message(text: impl Into<String>) -> Self {
        Self(vec![WordsPart::Message(text.into())])
    }

    /// Appends words of certctl.
    #[must_use]
    pub fn and(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(WordsPart::Own(words.into()));
        self
    }

    /// Appends a name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(WordsPart::Name(name.into()));
        self
    }

    /// Appends the key of a template.
    #[must_use]
    pub fn key(self, key: &Key) -> Self {
        self.name(key.as_str())
    }

    /// Appends the title of a certificate.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.0.push(WordsPart::Title(title.to_owned()));
        self
    }

    /// Appends a text that others wrote.
    #[must_use]
    pub fn quoting(mut self, text: &str) -> Self {
        self.0.push(WordsPart::Text(text.to_owned()));
        self
    }

    /// Appends the name of an option.
    #[must_use]
    pub fn option(mut self, option: RunOption) -> Self {
        self.0.push(WordsPart::Option(option));
        self
    }

    /// Appends `"Cloud 101" (id …)`; without a title, `otherwise` in its place.
    #[must_use]
    pub fn template(self, title: Option<&str>, id: Option<&TemplateId>, otherwise: Self) -> Self {
        let words = match title {
            Some(title) => self.title(title),
            None => self.with(otherwise),
        };
        match id {
            Some(id) => words.and(" (id ").name(id.as_str()).and(")"),
            None => words,
        }
    }

    /// Appends other words.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[WordsPart] {
        &self.0
    }
}

/// Words, and the command that they introduce. The command ends the line, so that it can be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine {
    /// The words; empty for one of several commands that belong together.
    pub words: Words,
    /// The command.
    pub command: Option<Advice>,
}

/// What is said about something: a reason or an advice, of one line or of several that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note(Vec<NoteLine>);

impl Note {
    /// A note of one line.
    pub fn of(words: Words) -> Self {
        Self::default().say(words)
    }

    /// An advice of one line.
    pub fn run(words: impl Into<Cow<'static, str>>, command: Advice) -> Self {
        Self(vec![NoteLine { words: Words::own(words), command: Some(command) }])
    }

    /// Appends a line.
    #[must_use]
    pub fn say(mut self, words: Words) -> Self {
        self.0.push(NoteLine { words, command: None });
        self
    }

    /// Appends a line with a command.
    #[must_use]
    pub fn then(mut self, words: Words, command: Advice) -> Self {
        self.0.push(NoteLine { words, command: Some(command) });
        self
    }

    /// Appends advice of another module, whose words can contain names.
    #[must_use]
    pub fn below(mut self, help: &Help) -> Self {
        self.0.extend(help.steps().map(|(words, command)| NoteLine {
            words: if words.is_empty() { Words::default() } else { Words::text(words) },
            command: command.cloned(),
        }));
        self
    }

    /// The lines, in order.
    pub fn lines(&self) -> &[NoteLine] {
        &self.0
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
