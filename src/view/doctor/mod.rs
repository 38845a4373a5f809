//! What `doctor` tells: for each thing that it looks at, whether it is right, worth a look or wrong, and what to do. Each
//! file here judges facts that `cli` has gathered, and knows no file, network or clock.

mod clock;
mod editors;
mod machine;
mod observer;
mod project;
mod server;
mod state;
mod store;
mod versions;

#[cfg(test)]
mod tests;

pub use editors::{SchemaFacts, diagnose_schema};
pub use machine::{AuthorityFile, GitFound, MachineFacts, diagnose_machine};
pub use observer::{ObserverFacts, diagnose_observer};
pub use project::{ProjectFacts, TemplateFacts, diagnose_project, diagnose_templates};
pub use server::{ServerFacts, diagnose_server};
pub use state::{
    HistoryFacts, LockFacts, MergeFacts, RowCounts, StateFacts, diagnose_merging, diagnose_state,
};
pub use store::{StoreFacts, StoreVariables, diagnose_store};

use std::borrow::Cow;

use super::{Note, Words};
use crate::model::{Advice, Help};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Right,
    /// It may be meant, and can get in the way.
    WorthALook,
    /// It is in the way.
    Wrong,
}

impl Health {
    /// The name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::WorthALook => "look",
            Self::Wrong => "wrong",
        }
    }
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The thing. Programs read its name, so it stays as it is.
    pub subject: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found, without a full stop.
    pub words: Words,
    /// What to do about it; empty if nothing. Private, so that what is wrong always has a command: see [`Wrong`].
    remedy: Note,
}

impl Diagnosis {
    fn new(subject: &'static str, health: Health, words: Words) -> Self {
        Self { subject, health, words, remedy: Note::default() }
    }

    fn right(subject: &'static str, words: Words) -> Self {
        Self::new(subject, Health::Right, words)
    }

    fn look(subject: &'static str, words: Words) -> Self {
        Self::new(subject, Health::WorthALook, words)
    }

    fn wrong(subject: &'static str, words: Words) -> Wrong {
        Wrong(Self::new(subject, Health::Wrong, words))
    }

    /// What to do about it; empty if nothing. What is wrong has a command that can be pasted.
    pub fn remedy(&self) -> &Note {
        &self.remedy
    }

    /// Adds what to do, in words.
    fn say(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.remedy = self.remedy.say(Words::own(words));
        self
    }

    /// Adds a command, and what it is for.
    fn run(mut self, words: impl Into<Cow<'static, str>>, command: Advice) -> Self {
        self.remedy = self.remedy.then(Words::own(words), command);
        self
    }

    /// Adds the advice of another module.
    fn help(mut self, help: &Help) -> Self {
        self.remedy = self.remedy.below(help);
        self
    }
}

/// Something wrong, without a command yet. Only with one is it a diagnosis, so that a person always knows how to go on.
struct Wrong(Diagnosis);

impl Wrong {
    /// Adds what to do, in words.
    fn say(self, words: impl Into<Cow<'static, str>>) -> Self {
        Self(self.0.say(words))
    }

    /// Adds a command, and what it is for.
    fn run(self, words: impl Into<Cow<'static, str>>, command: Advice) -> Diagnosis {
        self.0.run(words, command)
    }

    /// Adds what to do, in words, and the command that looks again.
    fn then_look_again(self, words: impl Into<Cow<'static, str>>) -> Diagnosis {
        self.say(words).look_again()
    }

    /// Adds the command that looks again.
    fn look_again(self) -> Diagnosis {
        self.run("Then look again", Advice::Doctor)
    }

    /// Adds the advice of another module, which need not have a command.
    fn help(self, help: &Help) -> Diagnosis {
        let helped = Self(self.0.help(help));
        if help.has_command() { helped.0 } else { helped.look_again() }
    }
}

/// What another module says is wrong, and what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Help,
}

impl Complaint {
    /// The diagnosis that says so.
    pub fn about(&self, subject: &'static str) -> Diagnosis {
        Diagnosis::wrong(subject, Words::message(self.message.as_str())).help(&self.help)
    }
}

/// What was found in one environment, or about the machine and the project as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorPart {
    /// The environment; `None` for the machine and the project.
    pub environment: Option<String>,
    /// What was found, in the order in which it is told.
    pub diagnoses: Vec<Diagnosis>,
}

/// How many things are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthCount {
    /// Right.
    pub right: usize,
    /// Worth a look.
    pub look: usize,
    /// Wrong.
    pub wrong: usize,
}

impl HealthCount {
    /// Counts everything in these parts.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p DoctorPart>) -> Self {
        let mut count = Self::default();
        for diagnosis in parts.into_iter().flat_map(|part| &part.diagnoses) {
            match diagnosis.health {
                Health::Right => count.right += 1,
                Health::WorthALook => count.look += 1,
                Health::Wrong => count.wrong += 1,
            }
        }
        count
    }

    /// The verdict, as the last line.
    pub fn verdict(self) -> String {
        let are = |count: usize| if count == 1 { "1 is".to_owned() } else { format!("{count} are") };
        let looks = match self.look {
            0 => String::new(),
            look => format!(", {} worth a look", are(look)),
        };
        match self.wrong {
            0 => format!("Nothing is wrong{looks}; {} right.", are(self.right)),
            1 => format!("1 thing is wrong{looks}; {} right.", are(self.right)),
            wrong => format!("{wrong} things are wrong{looks}; {} right.", are(self.right)),
        }
    }
}
