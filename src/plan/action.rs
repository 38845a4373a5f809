//! What a plan does with one template, and the reason. The reports print it; it sends nothing.

use std::collections::BTreeSet;

use crate::model::{Advice, Attributes, Canvas, Help, Key, TemplateId, Timestamp, all_of};
use crate::plan::Change;
use crate::state::Operation;

/// One template in a plan. Unchanged templates are counted but not listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key of the template.
    pub key: Key,
    /// The vendor's id, if the state has it.
    pub id: Option<TemplateId>,
    /// The place in the configuration; `None` for a key that only the state has.
    pub source: Option<SourceLine>,
    /// The size of the sheet that it is drawn on, if the configuration has one.
    pub canvas: Option<Canvas>,
    /// The error of the last attempt, if that failed; or where the template was seen to be deleted.
    pub last_error: Option<String>,
    /// When the template that the key had was seen to be deleted, if nothing was sent since.
    pub deleted_at: Option<Timestamp>,
    /// What apply would do.
    pub action: Action,
}

/// A line of a template file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// The path of the file, relative to the folder of certctl.toml.
    pub file: String,
    /// The line of the template's key, counted from 1; 0 if it could not be found.
    pub line: usize,
}

/// What apply would do with one template. Only `Create` and `Update` carry data to send: no request can be built from a
/// row that is pending or in doubt.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Submits a template that is not known to be on the server.
    Create(Submission),
    /// Submits new attributes for a template on the server.
    Update(Submission),
    /// The state has the template but the configuration does not; the API cannot delete it.
    Orphan {
        /// The attributes on the server, if known.
        before: Option<Attributes>,
        /// Whether the template is protected.
        protect: bool,
        /// A configured template for the same resource and audience. The orphan may have been renamed to it, and
        /// deleting it by hand would then delete a template that is in use.
        renamed_to: Option<RenamedTo>,
    },
    /// A background job of the server is processing the template.
    Pending {
        /// The id of the job.
        job: String,
        /// The attributes that were sent.
        after: Attributes,
    },
    /// The outcome of an attempt is unknown; the row is frozen until `certctl recover`.
    InDoubt {
        /// Why the outcome is unknown.
        reason: String,
        /// Whether another run is waiting for the response while the plan is made.
        being_sent: bool,
        /// The attributes known to be on the server before the attempt.
        before: Option<Attributes>,
        /// The attributes that were sent last.
        after: Attributes,
        /// The server's job that processes the last attempt, if there is one.
        job: Option<String>,
    },
    /// The row in the state gets another key; nothing is sent.
    Move {
        /// The present key of the row.
        from: Key,
    },
    /// The state forgets the template, as `removed` in the configuration says; nothing is sent.
    Forget {
        /// The attributes on the server, if known.
        before: Option<Attributes>,
        /// The latest time at which the server is known to have had it: when it accepted what it holds, or when that was seen
        /// in an export or by the observer.
        known_at: Option<Timestamp>,
        /// Where that was seen then: the names of the export's files, or the observer. `None` if the server accepted it.
        seen_in: Option<String>,
    },
}

/// The template that an orphan may have been renamed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenamedTo {
    /// The key in the configuration.
    pub key: Key,
    /// Whether the state already has a row with that key, even of a failed create. `moved` cannot join the two then.
    pub has_row: bool,
}

/// What a create or an update would send.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The attributes known to be on the server.
    pub before: Option<Attributes>,
    /// The attributes to be sent.
    pub after: Attributes,
    /// The differences between `before` and `after`.
    pub changes: Vec<Change>,
    /// Attributes to be removed from the server, where they are or may be set: sent as null.
    pub clear: Vec<String>,
    /// Attributes to be sent whose values on the server are not known.
    pub unknown: BTreeSet<String>,
    /// The effect of the request on the server. An update that changes the natural key creates a template if the server
    /// matches by natural key, so it is guarded like a create.
    pub operation: Operation,
    /// Whether everything is sent, changed or not, because an earlier attempt may have set other values.
    pub resend: bool,
    /// Why the row is held back, if it is.
    pub held: Option<Held>,
}

/// Why a row of a plan is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The state has this natural key under a key that the configuration no longer has: most likely a rename.
    Renamed {
        /// The key of the orphan.
        from: Key,
        /// Whether the state has a row of the key that is held back; see [`RenamedTo::has_row`].
        has_row: bool,
    },
    /// The state has this natural key under another key, which the configuration has with a different natural key now.
    Taken {
        /// The other key.
        by: Key,
    },
    /// Several keys of the state have changed places: each is for what the server has under the next one.
    Exchanged {
        /// All of the keys. Each takes the place of the next, the last that of the first. The advice is given with the
        /// first.
        ring: Vec<Key>,
    },
    /// Too many keys of the state have changed places to list them, so they are only counted.
    Shifted {
        /// The key whose place this one takes.
        by: Key,
        /// The number of keys, including this one.
        count: usize,
    },
    /// `addressing = "id"` requires an exact or imported id, and the row has none.
    NoExactId,
    /// The outcome of an earlier attempt under another natural key is unknown, and sending this would forget it.
    Unsettled,
}

impl Action {
    /// Returns the action's name in the plan format.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            _ if self.replaces() => "replace",
            Self::Update(_) => "update",
            Self::Orphan { .. } => "orphan",
            Self::Pending { .. } => "pending",
            Self::InDoubt { .. } => "in_doubt",
            Self::Move { .. } => "move",
            Self::Forget { .. } => "forget",
        }
    }

    /// Returns the sign that people see before the template.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Create(_) => "+",
            _ if self.replaces() => "-/+",
            Self::Update(_) => "~",
            Self::Orphan { .. } => "!",
            Self::Pending { .. } | Self::InDoubt { .. } => "?",
            Self::Move { .. } => ">",
            Self::Forget { .. } => "-",
        }
    }

    /// Returns whether the template leaves its course or audience. The server then gets a new template, and keeps the
    /// old one until a person deletes it.
    pub fn replaces(&self) -> bool {
        matches!(self, Self::Update(submission) if submission.operation == Operation::Create)
    }

    /// Returns what a create or an update would send.
    pub fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Create(submission) | Self::Update(submission) => Some(submission),
            _ => None,
        }
    }

    /// Returns why a create or an update is held back, if it is.
    pub fn held(&self) -> Option<&Held> {
        self.submission()?.held.as_ref()
    }

    /// Returns whether this is a create or an update that is held back.
    pub fn is_held(&self) -> bool {
        self.held().is_some()
    }
}

impl Held {
    /// Returns a stable word for the reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Renamed { .. } => "renamed",
            Self::Taken { .. } | Self::Exchanged { .. } | Self::Shifted { .. } => "taken",
            Self::NoExactId => "no_exact_id",
            Self::Unsettled => "unsettled",
        }
    }

    /// Returns the other key that the row is held back for.
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

    /// Returns the reason in words, which the plan's document has too. Commands that help are in [`Held::help`].
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
                "{key} is held back: {} have changed places. For what to do, see {}",
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

    /// Returns what to do about it.
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

    /// Returns the part of [`Self::help`] that keeps every row.
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

/// Returns how to join an orphan with the key it may have been renamed to, if the state has a row of that key.
pub(super) fn help_to_keep(orphan: &Key, to: &Key) -> Help {
    take_over(format!("To keep {orphan} as {to}, run these two commands once, in this order:"), to, orphan)
}

/// Advises to give a key the row of an orphan; the key's present row becomes an orphan.
fn take_over(words: String, key: &Key, orphan: &Key) -> Help {
    let Some(aside) = aside(key) else { return Help::none() };
    let step = |from: &Key, to: &Key| Advice::StateMv { from: from.clone(), to: to.clone() };
    Help::none().say(words).line(step(key, &aside)).line(step(orphan, key))
}

/// Returns a free key for a row that makes room for another.
fn aside(key: &Key) -> Option<Key> {
    let stem: String = key.as_str().chars().take(150).collect();
    Key::new(format!("{stem}.exchanged")).ok()
}

/// Advises to give the row of a key another one. Once that is done for all rows of a ring, each looks renamed, and
/// `moved` is offered.
fn make_room(key: &Key) -> Help {
    let help = Help::none().say("If that is a mistake, put the resources back.");
    let Some(to) = aside(key) else { return help };
    help.run(
        "If it is meant, run such a command for each of these templates, and plan again. For this one",
        Advice::StateMv { from: key.clone(), to },
    )
}

/// Advises to exchange the keys of rows: each key gets the row of the next one.
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

    /// Applies the commands to these rows, and returns them with their new keys.
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
    fn each_key_gets_the_next_row() {
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
