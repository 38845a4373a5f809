//! What a plan says of one template.

use crate::model::{Advice, Attributes, Canvas, Help, Key, TemplateId, all_of};
use crate::plan::Change;
use crate::state::Operation;

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
        /// A template of the configuration that is for the same resource and audience: perhaps this one was renamed,
        /// and then deleting it by hand would delete what is in use.
        renamed_to: Option<RenamedTo>,
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
        /// Whether another run waits for the answer to it while the plan is made.
        being_sent: bool,
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

/// What an orphan was perhaps renamed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedTo {
    /// The template of the configuration.
    pub key: Key,
    /// Whether the state has a row of that key already, be it of a create that failed: then `moved` cannot join the two.
    pub has_row: bool,
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
    pub operation: Operation,
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
        /// Whether the state has a row of the key that is held back: see [`RenamedTo::has_row`].
        has_row: bool,
    },
    /// The state has this natural key under another key that the configuration has with another natural key now.
    Taken {
        /// The other key.
        by: Key,
    },
    /// Several keys of the state have changed places: each is for what the server holds under the next one.
    Exchanged {
        /// All of them. Each takes the place of the next, the last that of the first. What to do is told with the first.
        ring: Vec<Key>,
    },
    /// So many keys of the state have changed places that they are only counted.
    Shifted {
        /// The key whose place this one takes.
        by: Key,
        /// How many they are, this one among them.
        count: usize,
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
        matches!(self, Self::Update(submission) if submission.operation == Operation::Create)
    }

    /// What would be sent, for a create or an update.
    pub fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Create(submission) | Self::Update(submission) => Some(submission),
            _ => None,
        }
    }

    /// Why it is not sent, for a create or an update that is held back.
    pub fn held(&self) -> Option<&Held> {
        self.submission()?.held.as_ref()
    }

    /// Whether it is a create or an update that is held back.
    pub fn is_held(&self) -> bool {
        self.held().is_some()
    }
}

impl Held {
    /// Stable word for the reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Renamed { .. } => "renamed",
            Self::Taken { .. } | Self::Exchanged { .. } | Self::Shifted { .. } => "taken",
            Self::NoExactId => "no_exact_id",
            Self::Unsettled => "unsettled",
        }
    }

    /// The other key that it is held back for.
    pub fn other(&self, key: &Key) -> Option<&Key> {
        match self {
            Self::Renamed { from: other, .. }
            | Self::Taken { by: other }
            | Self::Shifted { by: other, .. } => Some(other),
            Self::Exchanged { ring } => {
                let at = ring.iter().position(|one| one == key)?;
                ring.get((at + 1) % ring.len())
            }
            Self::NoExactId | Self::Unsettled => None,
        }
    }

    /// Why, in words that are in the plan's document too. Which commands help is [`Held::help`].
    pub fn why(&self, entry: &Entry) -> String {
        let key = &entry.key;
        match self {
            Self::Renamed { from, has_row: true } => format!(
                "{key} is held back: the server holds the template of {from} for the same resource and audience, and the \
                 configuration has no {from} any more. Sending it could create a second template"
            ),
            Self::Renamed { from, has_row: false } => format!(
                "{key} looks like {from} renamed: both are for the same resource and audience. Sending it could create \
                 a second template, so it is held back until `moved` says that it is the same one"
            ),
            Self::Taken { by } => format!(
                "{key} is held back: the server holds the template of {by} for the same resource and audience. Apply \
                 the change of {by} first"
            ),
            Self::Exchanged { ring } if ring.first() == Some(key) => format!(
                "{} have changed places: in the YAML, each is for the resource and audience of another one of them. \
                 Nothing is sent for them until their keys in the state are exchanged, too",
                all_of(ring)
            ),
            Self::Exchanged { ring } => format!(
                "{key} is held back: {} have changed places. What to do is told with {}",
                all_of(ring),
                ring.first().map_or("the first", Key::as_str)
            ),
            Self::Shifted { by, count } => format!(
                "{key} is held back: {count} templates have changed places. In the YAML, this one is for the resource and \
                 audience of {by}, that one for those of the next, and so on until the last is for those of the first: so \
                 it looks when a list is shifted by a line"
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
            Self::Renamed { from, has_row: true } => Help::none()
                .run(
                    format!("Where the template of {from} is to go, delete it in the admin page, then"),
                    Advice::StateRm { keys: vec![from.clone()] },
                )
                .and(self.help_to_keep(entry)),
            Self::Renamed { from, has_row: false } => Help::none().run(
                format!("If {from} is gone from the server and {key} really is new"),
                Advice::StateRm { keys: vec![from.clone()] },
            ),
            Self::Taken { by } => Help::none()
                .run(format!("To apply the change of {by}"), Advice::ApplyOnly { keys: vec![by.clone()] }),
            Self::Exchanged { ring } if ring.first() == Some(key) => exchange(ring),
            Self::Exchanged { .. } => Help::none(),
            Self::Shifted { .. } => make_room(key),
            Self::Unsettled => Help::none()
                .run("With the resource put back", Advice::ApplyOnly { keys: vec![key.clone()] })
                .run("Where that does not settle it", Advice::Recover { keys: vec![key.clone()] }),
            Self::NoExactId => Help::none().run("Then", Advice::Import { key: key.clone(), id: None }),
        }
    }

    /// The part of that which forgets nothing.
    pub fn help_to_keep(&self, entry: &Entry) -> Help {
        let key = &entry.key;
        match self {
            Self::Renamed { from, has_row: true } => take_over(
                format!(
                    "Where {key} is to have that template instead, run these two commands once, in this order:"
                ),
                key,
                from,
            ),
            Self::Renamed { has_row: false, .. } => Help::none(),
            held => held.help(entry),
        }
    }
}

/// What keeps an orphan one template with the key that it was perhaps renamed to, where the state has a row of that key.
pub(super) fn help_to_keep(orphan: &Key, to: &Key) -> Help {
    take_over(format!("To keep {orphan} as {to}, run these two commands once, in this order:"), to, orphan)
}

/// A key gets the row of an orphan; the row that it had becomes an orphan.
fn take_over(words: String, key: &Key, orphan: &Key) -> Help {
    let Some(aside) = aside(key) else { return Help::none() };
    let step = |from: &Key, to: &Key| Advice::StateMv { from: from.clone(), to: to.clone() };
    Help::none().say(words).line(step(key, &aside)).line(step(orphan, key))
}

/// A key for a row that makes room for another.
fn aside(key: &Key) -> Option<Key> {
    let stem: String = key.as_str().chars().take(150).collect();
    Key::new(format!("{stem}.exchanged")).ok()
}

/// The row of a key gets another one. Once all rows of a ring have, each of them looks renamed, and `moved` is offered.
fn make_room(key: &Key) -> Help {
    let help = Help::none().say("If that is a mistake, put the resources back.");
    let Some(to) = aside(key) else { return help };
    help.run(
        "If it is meant, run such a command for each of these templates, and plan again. For this one",
        Advice::StateMv { from: key.clone(), to },
    )
}

/// The rows of the state get each other's keys: each key that of the next one.
fn exchange(ring: &[Key]) -> Help {
    let Some(first) = ring.first() else { return Help::none() };
    let Some(aside) = aside(first) else { return Help::none() };
    let targets = ring.iter();
    let sources = ring.iter().skip(1).chain([&aside]);
    let words = match ring.len() {
        2 => "Run these three commands once, in this order:".to_owned(),
        several => format!("Run these {} commands once, in this order:", several + 1),
    };
    let step = |from: &Key, to: &Key| Advice::StateMv { from: from.clone(), to: to.clone() };
    let help = Help::none().say(words).line(step(first, &aside));
    targets.zip(sources).fold(help, |help, (to, from)| help.line(step(from, to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(names: &[&str]) -> Vec<Key> {
        names.iter().map(|name| Key::new(*name).unwrap()).collect()
    }

    /// What the rows of the state are called after these commands.
    fn after(ring: &[Key], mut rows: Vec<(Key, usize)>) -> Vec<(Key, usize)> {
        for (_, advice) in exchange(ring).steps() {
            let Some(Advice::StateMv { from, to }) = advice else { continue };
            assert!(rows.iter().all(|(key, _)| key != to), "{to} is taken: {rows:?}");
            for (key, _) in rows.iter_mut().filter(|(key, _)| key == from) {
                *key = to.clone();
            }
        }
        rows.sort();
        rows
    }

    #[test]
    fn each_key_of_a_ring_gets_the_row_of_the_next() {
        for names in [&["a", "b"][..], &["a", "b", "c"], &["d", "b", "c", "a"]] {
            let ring = keys(names);
            let rows: Vec<(Key, usize)> =
                ring.iter().enumerate().map(|(number, key)| (key.clone(), number)).collect();
            let mut expected: Vec<(Key, usize)> = ring
                .iter()
                .enumerate()
                .map(|(number, key)| (key.clone(), (number + 1) % ring.len()))
                .collect();
            expected.sort();
            assert_eq!(after(&ring, rows), expected, "{names:?}");
        }
    }
}
