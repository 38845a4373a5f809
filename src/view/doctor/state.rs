//! The state of an environment: whether it can be read and is the newest, what is open in it, who writes it, and how git
//! is set up for it.

use std::path::{Path, PathBuf};

use super::{Complaint, Diagnosis};
use crate::model::{Advice, few};
use crate::state::{Document, GitSetup, HeldLock, Holder, RowStatus, merge_line};
use crate::view::{Words, counted, templates_are};

/// What was found of a state.
#[derive(Clone, Debug)]
pub struct StateFacts {
    /// Where it is, for people.
    pub place: String,
    /// Its number and its rows, `None` if there is no state; the error says why it cannot be used.
    pub rows: Result<Option<RowCounts>, Complaint>,
    /// What no run of certctl would have written, in words.
    pub flaws: Vec<String>,
    /// Whether it is the newest.
    pub history: HistoryFacts,
    /// Who writes it.
    pub lock: LockFacts,
    /// Whether a run was interrupted, and no other has taken its journal over.
    pub is_interrupted: bool,
    /// Which records of its journal are missing, in words, if any are.
    pub lost_records: Option<String>,
}

/// The rows of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// The number of the version.
    pub serial: u64,
    /// All.
    pub all: usize,
    /// In doubt.
    pub in_doubt: usize,
    /// Pending.
    pub pending: usize,
    /// Failed.
    pub failed: usize,
    /// With attributes that are not known.
    pub with_unknown: usize,
}

impl RowCounts {
    /// Counts the rows of a state.
    pub fn of(document: &Document) -> Self {
        let count = |status| document.templates.values().filter(|row| row.status() == status).count();
        Self {
            serial: document.serial,
            all: document.templates.len(),
            in_doubt: count(RowStatus::InDoubt),
            pending: count(RowStatus::Pending),
            failed: count(RowStatus::Failed),
            with_unknown: document.templates.values().filter(|row| !row.unknown.is_empty()).count(),
        }
    }
}

/// What is known of newer states.
#[derive(Clone, Debug, Default)]
pub struct HistoryFacts {
    /// Why it is not the newest, with what to do about it.
    pub lost: Option<Complaint>,
    /// Which branch has a newer one, with what to do about it.
    pub behind: Option<String>,
    /// Why a newer one was not looked for somewhere.
    pub unchecked: Vec<Complaint>,
}

/// Who writes a state now.
#[derive(Clone, Debug)]
pub enum LockFacts {
    /// No run.
    Free,
    /// A run of this machine, if it is known which.
    Held(Option<Holder>),
    /// The store tells it only to who asks for the lock, which would hold others up.
    NotAsked,
    /// A run that holds a shared state.
    Leased(HeldLock),
}

/// What git does with a state in a file.
#[derive(Clone, Debug)]
pub struct MergeFacts {
    /// What git is set up to do.
    pub setup: GitSetup,
    /// The root of the repository.
    pub root: PathBuf,
    /// The state's path below it.
    pub path: String,
}

/// Judges a state.
pub fn diagnose_state(facts: &StateFacts) -> Vec<Diagnosis> {
    let mut found = match &facts.rows {
        Err(complaint) => vec![complaint.about("state")],
        Ok(rows) => state(facts, *rows),
    };
    found.extend(history(facts));
    found.push(lock(&facts.lock));
    found.extend(facts.rows.is_ok().then(|| journal(facts)));
    found
}

fn state(facts: &StateFacts, rows: Option<RowCounts>) -> Vec<Diagnosis> {
    let place = || Words::default().name(&facts.place);
    let Some(rows) = rows else {
        let words = Words::own("there is none at ").with(place());
        return vec![match facts.history.lost {
            None => Diagnosis::right("state", words.and(" yet, as is normal before the first apply")),
            Some(_) => Diagnosis::wrong("state", words).run("To see how to bring it back", Advice::Plan),
        }];
    };
    let words = place().and(format!(" has {}, serial {}", counted(rows.all, "template"), rows.serial));
    if facts.flaws.is_empty() {
        let mut found = vec![Diagnosis::right("state", words)];
        found.extend(open_rows(rows));
        return found;
    }
    let words = words.and(", and no run of certctl wrote it like this: ").quoting(&few(&facts.flaws));
    vec![Diagnosis::wrong("state", words).run("To see everything", Advice::StateVerify { file: None })]
}

/// What a person or the next apply has to do about rows.
fn open_rows(rows: RowCounts) -> Vec<Diagnosis> {
    const SUBJECT: &str = "rows";
    let look = |count: usize, rest: &str| {
        (count > 0).then(|| Diagnosis::look(SUBJECT, Words::own(format!("{} {rest}", templates_are(count)))))
    };
    let in_doubt = look(rows.in_doubt, "in doubt: whether what was sent arrived is not known");
    let pending = look(rows.pending, "pending: a background job of the server was not finished yet");
    let failed = look(rows.failed, "recorded as failed: the server rejected them");
    let unknown = (rows.with_unknown > 0).then(|| {
        let words = format!("of {}, some attributes are not known", counted(rows.with_unknown, "template"));
        Diagnosis::look(SUBJECT, Words::own(words)).run("To see which", Advice::Plan)
    });
    let found: Vec<Diagnosis> = [
        in_doubt.map(|one| one.run("To settle them", Advice::Recover { keys: Vec::new() })),
        pending.map(|one| one.run("To ask the server what became of them", Advice::Apply)),
        failed.map(|one| one.run("To see what would be sent again", Advice::Plan)),
        unknown,
    ]
    .into_iter()
    .flatten()
    .collect();
    if found.is_empty() && rows.all > 0 {
        return vec![Diagnosis::right(SUBJECT, Words::own("nothing is in doubt, pending or failed"))];
    }
    found
}

fn history(facts: &StateFacts) -> Vec<Diagnosis> {
    const SUBJECT: &str = "history";
    let history = &facts.history;
    let mut found = Vec::new();
    if let Some(lost) = &history.lost {
        found.push(lost.about(SUBJECT));
    }
    if let Some(behind) = &history.behind {
        found.push(Diagnosis::look(SUBJECT, Words::message(behind.as_str())));
    }
    let look =
        |why: &Complaint| Diagnosis::look(SUBJECT, Words::message(why.message.as_str())).help(&why.help);
    found.extend(history.unchecked.iter().map(look));
    if found.is_empty() && facts.rows.is_ok() {
        found.push(Diagnosis::right(SUBJECT, Words::own("no newer state is known")));
    }
    found
}

fn lock(lock: &LockFacts) -> Diagnosis {
    const SUBJECT: &str = "lock";
    let words = match lock {
        LockFacts::Free => return Diagnosis::right(SUBJECT, Words::own("no run holds the state")),
        LockFacts::NotAsked => {
            let words =
                "it was not asked for: the server tells who holds the state only to who takes the lock";
            return Diagnosis::right(SUBJECT, Words::own(words));
        }
        LockFacts::Held(Some(holder)) => Words::default().name(holder.to_string()).and(" holds the state"),
        LockFacts::Leased(held) => {
            let words = Words::default().name(held.to_string()).and(" holds the state");
            return Diagnosis::look(SUBJECT, words).say(format!("Wait for its end: {}", held.end())).run(
                "If that run no longer exists, and to wait takes too long",
                Advice::StateUnlock { id: held.id.clone() },
            );
        }
        LockFacts::Held(None) => Words::own("a run holds the state, and does not say which it is"),
    };
    Diagnosis::look(SUBJECT, words).say("Wait for its end. If it was killed, its hold ends by itself")
}

fn journal(facts: &StateFacts) -> Diagnosis {
    const SUBJECT: &str = "journal";
    let recover = || Advice::Recover { keys: Vec::new() };
    if let Some(lost) = &facts.lost_records {
        return Diagnosis::look(SUBJECT, Words::message(lost.as_str()))
            .run("To see what is in doubt", recover());
    }
    match (&facts.lock, facts.is_interrupted) {
        (_, false) => Diagnosis::right(SUBJECT, Words::own("no run was interrupted")),
        (LockFacts::Held(_) | LockFacts::Leased(_), true) => {
            Diagnosis::right(SUBJECT, Words::own("it is that of the run that holds the state"))
        }
        (LockFacts::NotAsked, true) => {
            let words = "a run was interrupted, or is working now: the next command that writes takes its journal over";
            Diagnosis::look(SUBJECT, Words::own(words)).run("To see what it left in doubt", recover())
        }
        (LockFacts::Free, true) => {
            let words =
                "a run was interrupted: the next command that writes makes its journal part of the state";
            Diagnosis::look(SUBJECT, Words::own(words)).run("To see what it left in doubt", recover())
        }
    }
}

/// Judges how git is set up for a state; the error says why that is not known.
pub fn diagnose_merging(facts: &Result<Option<MergeFacts>, String>) -> Vec<Diagnosis> {
    const SUBJECT: &str = "merging";
    let MergeFacts { setup, root, path } =
        match facts {
            Ok(Some(facts)) => facts,
            Ok(None) => {
                let words = "the state is a file in no git repository, so nobody else has it";
                return vec![Diagnosis::look(SUBJECT, Words::own(words)).say(
                    "Commit it to git, or keep it on storage that machines share (docs/shared-state.md)",
                )];
            }
            Err(why) => return vec![Diagnosis::look(SUBJECT, Words::own("not checked: ").quoting(why))],
        };
    let mut found = Vec::new();
    if setup.ignores_state {
        let words = Words::own("git ignores ").name(path).and(", so no commit has the state");
        found.push(
            Diagnosis::look(SUBJECT, words)
                .say("If it should be committed, remove the line for it from .gitignore"),
        );
    }
    if !setup.has_attribute {
        let words = "git joins two versions of the state line by line, and certctl refuses the result";
        let lines = vec![merge_line(path)];
        found.push(
            Diagnosis::look(SUBJECT, Words::own(words))
                .run("To have certctl join them", append(root, ".gitattributes", lines)),
        );
    }
    if !setup.has_driver {
        let words = "this clone does not know how certctl joins two versions of a state";
        let tell = Advice::GitMergeDriver { root: root.clone() };
        found.push(Diagnosis::look(SUBJECT, Words::own(words)).run("To tell it, once", tell));
    }
    if !setup.commits_beside.is_empty() {
        let lines = setup.commits_beside.iter().map(ToString::to_string).collect();
        let words = "git would commit files of this machine that are beside the state";
        found.push(
            Diagnosis::look(SUBJECT, Words::own(words))
                .run("To have it ignore them", append(root, ".gitignore", lines)),
        );
    }
    if found.is_empty() {
        let words = "git commits the state, and has certctl join two versions of it";
        found.push(Diagnosis::right(SUBJECT, Words::own(words)));
    }
    found
}

fn append(root: &Path, file: &str, lines: Vec<String>) -> Advice {
    Advice::AppendLines { lines, file: root.join(file) }
}
