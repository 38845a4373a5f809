//! What a plan says of one template.

use crate::model::{Advice, Attributes, Canvas, Help, Key, TemplateId, moved_entry};
use crate::plan::Change;
use crate::state::Deed;

/// One template in a plan. Unchanged templates are counted, not listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The template.
    pub key: Key,
    /// The vendor's id, as the state has it.
    pub id: Option<TemplateId>,
    /// Where the configuration has it; nothing for a key that only the state has.
    pub source: Option<SourceLine>,
    /// The size of the sheet that it is drawn on, where the configuration has one.
    pub canvas: Option<Canvas>,
    /// Why it failed the last time it was sent, if it did.
    pub last_error: Option<String>,
    /// What would be done.
    pub action: Action,
}

/// A line of a template file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The file, relative to the folder of certctl.toml.
    pub file: String,
    /// The line of the template's key, from 1; 0 where it could not be found.
    pub line: usize,
}

/// What would be done with one template. Only the first two hold something that can be sent: what is pending or in
/// doubt has no form in which a request could be composed of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Submit a template that the server is not known to hold.
    Create(Submission),
    /// Submit new attributes for one that it holds.
    Update(Submission),
    /// The state has it and the configuration does not; the API cannot delete.
    Orphan {
        /// What the server holds.
        before: Option<Attributes>,
        /// Whether it is protected.
        protect: bool,
    },
    /// A job of the server has not ended.
    Pending {
        /// The job's id.
        job: String,
        /// What was sent.
        after: Attributes,
    },
    /// Sent with unknown outcome, frozen until `certctl recover`.
    InDoubt {
        /// Why it is not known.
        reason: String,
        /// What the server was known to hold before.
        before: Option<Attributes>,
        /// What was sent last.
        after: Attributes,
        /// The server's job that goes on with what was sent last, where there is one.
        job: Option<String>,
    },
    /// The state's row gets another key; nothing is sent.
    Move {
        /// The key it has now.
        from: Key,
    },
}

/// What a create or an update would send.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// What the server is known to hold.
    pub before: Option<Attributes>,
    /// What it is to hold.
    pub after: Attributes,
    /// The differences.
    pub changes: Vec<Change>,
    /// Attributes that the server holds or may hold and that are to go: sent as null.
    pub clear: Vec<String>,
    /// What the request does on the server. An update that changes the natural key creates a template there when
    /// the server matches by natural key, so it is guarded like a create.
    pub deed: Deed,
    /// An earlier attempt may have set other values: everything is sent again, changed or not.
    pub resend: bool,
    /// Why it is not sent, if it is held back.
    pub held: Option<Held>,
}

/// Why a row of a plan is held back from sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The state has this natural key under another key that the configuration no longer has: most likely a rename.
    Renamed {
        /// The orphan.
        from: Key,
    },
    /// The state has this natural key under another key that the configuration has with another natural key now.
    Taken {
        /// The other key.
        by: Key,
    },
    /// `addressing = "id"` needs an exact or imported id, and there is none.
    NoExactId,
    /// What became of an earlier attempt under another natural key is not known: sending this would forget it.
    Unsettled,
}

impl Action {
    /// The action's name in the plan format.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            _ if self.replaces() => "replace",
            Self::Update(_) => "update",
            Self::Orphan { .. } => "orphan",
            Self::Pending { .. } => "pending",
            Self::InDoubt { .. } => "in_doubt",
            Self::Move { .. } => "move",
        }
    }

    /// The sign before the template in what people read.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Create(_) => "+",
            _ if self.replaces() => "-/+",
            Self::Update(_) => "~",
            Self::Orphan { .. } => "!",
            Self::Pending { .. } | Self::InDoubt { .. } => "?",
            Self::Move { .. } => ">",
        }
    }

    /// Whether the template leaves its course or audience: the server gets a new one for it, and keeps the one it has
    /// until a person deletes that.
    pub fn replaces(&self) -> bool {
        matches!(self, Self::Update(submission) if submission.deed == Deed::Create)
    }

    /// What would be sent, for a create or an update.
    pub fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Create(submission) | Self::Update(submission) => Some(submission),
            _ => None,
        }
    }
}

impl Held {
    /// Why, in words that stand in the plan's document too. Which commands help is [`Held::help`].
    pub fn why(&self, key: &Key) -> String {
        match self {
            Self::Renamed { from } => format!(
                "{key} looks like {from} renamed: both are for the same resource and audience. Sending it could create \
                 a second template, so it is held back. To keep it one template, write this into the YAML:\n\
                 moved:\n  - {}",
                moved_entry(from.as_str(), key.as_str())
            ),
            Self::Taken { by } => format!(
                "{key} is held back: the server holds the template of {by} for the same resource and audience. Apply \
                 the change of {by} first; if the two have changed places, exchange their keys in the state"
            ),
            Self::Unsettled => format!(
                "{key} is held back: it is to be for another resource or audience now, and what became of an earlier \
                 attempt on it is not known. Put the resource back until that is settled, and change it then"
            ),
            Self::NoExactId => format!(
                "{key} is held back: addressing = \"id\" needs its exact id, and the state has none. Look the id up in \
                 the vendor's reporting"
            ),
        }
    }

    /// What to do about it.
    pub fn help(&self, entry: &Entry) -> Help {
        let key = &entry.key;
        match self {
            Self::Renamed { from } => Help::none().run(
                format!("If {from} is gone from the server and {key} really is new"),
                Advice::StateRm { keys: vec![from.clone()] },
            ),
            // Each of two that the server holds is for what the other was for.
            Self::Taken { by } if matches!(entry.action, Action::Update(_)) => exchange(key, by),
            Self::Taken { by } => Help::none()
                .run(format!("To apply the change of {by}"), Advice::ApplyOnly { keys: vec![by.clone()] }),
            Self::Unsettled => Help::none()
                .run("With the resource put back", Advice::ApplyOnly { keys: vec![key.clone()] })
                .run("Where that does not settle it", Advice::Recover { keys: vec![key.clone()] }),
            Self::NoExactId => Help::none().run("Then", Advice::Import { key: key.clone(), id: None }),
        }
    }
}

/// Two rows of the state get each other's key.
fn exchange(key: &Key, other: &Key) -> Help {
    let Ok(between) = Key::new(format!("{}.exchanged", other.as_str().chars().take(150).collect::<String>()))
    else {
        return Help::none();
    };
    let step = |from: &Key, to: &Key| Advice::StateMv { from: from.clone(), to: to.clone() };
    Help::none()
        .run("To exchange their keys, first", step(other, &between))
        .run("then", step(key, other))
        .run("then", step(&between, key))
}
