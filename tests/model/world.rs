//! The whole state of the world between two events, while no process runs.

use std::sync::{Arc, OnceLock};

use certctl::model::Digest;
use certctl::plan::Plan;
use certctl::state::{Document, Record, Relation};

use crate::academy::Server;
use crate::estate::{COURSES, Content, Yaml};
use crate::normal::{Token, document_tokens, plan_tokens, record_tokens};

/// The small world between two events.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) rules: &'static Rules,
    pub(crate) server: Arc<Server>,
    pub(crate) machines: [Machine; 2],
    /// The newest commit that both clones have.
    pub(crate) base: Base,
    /// Counts the commands that recorded an intent; the clock follows it.
    pub(crate) clock: u32,
    /// How many writes were made.
    pub(crate) writes: u32,
    /// How many more faults may occur.
    pub(crate) faults_left: u8,
    /// The kinds of events that led here.
    pub(crate) past: Tags,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tags(u16);

impl Tags {
    /// In the order of their bits.
    const NAMES: [&str; 15] = [
        "went back",
        "brought back",
        "accepted",
        "two runs",
        "joined",
        "decided",
        "saved plan",
        "resend",
        "settled",
        "imported",
        "job",
        "edited by hand",
        "deleted by hand",
        "refreshed",
        "removed",
    ];

    /// The tags with these names.
    pub(crate) fn of(names: &[&str]) -> Self {
        let bit = |name: &&str| Self::NAMES.iter().position(|other| other == name).unwrap();
        Self(names.iter().map(bit).fold(0, |bits, bit| bits | 1 << bit))
    }

    pub(crate) fn add(&mut self, name: &str) {
        self.0 |= Self::of(&[name]).0;
    }

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & 1 << bit != 0)
            .map(|(_, name)| name)
    }
}

/// The definition of one small world: its contents, and the events that can happen.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    pub(crate) machines: usize,
    pub(crate) courses: usize,
    /// What the YAML may say about a template.
    pub(crate) contents: &'static [Content],
    /// How many faults may occur.
    pub(crate) faults: u8,
    /// The events besides edits, applies and settlements.
    pub(crate) may: &'static [May],
}

/// The server, and how certctl addresses its templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A row of the bulk endpoint updates the existing template for its resource.
    Matches,
    /// The same, and `addressing = "id"`.
    MatchesById,
    /// Every row of the bulk endpoint creates a template, so `addressing = "id"`.
    MakesAnother,
}

/// Events that some worlds leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    SavePlans,
    /// Use the vendor's export, and import single ids.
    Import,
    /// Edit and delete templates in the admin page, and see the server in every way: each such change is a fault.
    Observe,
    Merge,
    /// Revert to an older state: `git revert`, `git reset`.
    GoBack,
    RemoveLocks,
    /// Crash at every step, not only while a request is in flight.
    DieAnywhere,
}

impl Rules {
    pub(crate) fn may(&self, what: May) -> bool {
        self.may.contains(&what)
    }
}

/// A clone on a separate machine.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) tree: Tree,
    pub(crate) journal: Option<Arc<Journal>>,
    /// The state that a run could not store.
    pub(crate) rescued: Option<Arc<Rescued>>,
    pub(crate) plan: Option<Arc<SavedPlan>>,
    /// The writes that this machine knows: its own, and those of every state that it merged.
    pub(crate) knows: Knowledge,
    /// The YAML of the last commit.
    pub(crate) committed: Yaml,
    /// The commit before the last one.
    pub(crate) previous: Option<Arc<Previous>>,
    /// The newest states in the history of its branch.
    pub(crate) history: Newest,
    /// The newest states of the other branch, as fetched.
    pub(crate) fetched: Newest,
    /// The newest states that this machine wrote (the mark).
    pub(crate) mark: Newest,
}

/// The newest commit that both clones have.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) tree: Tree,
    /// The machine that made it, before the other one merged it.
    pub(crate) of: Option<usize>,
}

/// The commit before the last one.
pub(crate) struct Previous {
    pub(crate) tree: Tree,
    pub(crate) history: Newest,
    /// The common ancestor before it, if the last commit is a merge.
    pub(crate) base: Option<Base>,
}

/// A version that a run could not store.
pub(crate) struct Rescued {
    pub(crate) file: Arc<StateFile>,
    /// The version that the run started from, if the backup still has it.
    pub(crate) base: Option<Arc<StateFile>>,
}

/// The newest known states, one per lineage, indexed by the machine that started the lineage.
#[derive(Clone, Default)]
pub(crate) struct Newest {
    pub(crate) of: [Option<Arc<StateFile>>; 2],
    /// The lineage of the latest one.
    pub(crate) last: Option<usize>,
}

impl Newest {
    /// Adds a state, unless it lacks writes that the present one has.
    pub(crate) fn raise(&mut self, file: &Arc<StateFile>) {
        let lineage = file.lineage();
        let had = self.of[lineage].as_ref().and_then(|had| file.document.relation_to(&had.document));
        if !matches!(had, Some(Relation::Older | Relation::Forked)) {
            self.of[lineage] = Some(Arc::clone(file));
            self.last = Some(lineage);
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        other.of.iter().flatten().for_each(|file| self.raise(file));
    }
}

impl Machine {
    pub(crate) fn new(tree: Tree) -> Self {
        Self {
            committed: tree.yaml,
            tree,
            journal: None,
            rescued: None,
            plan: None,
            knows: Knowledge::default(),
            previous: None,
            history: Newest::default(),
            fetched: Newest::default(),
            mark: Newest::default(),
        }
    }
}

/// The files that git transports.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) yaml: Yaml,
    pub(crate) file: Option<Arc<StateFile>>,
}

/// What certctl took part in, known to an all-seeing judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Knowledge {
    /// For each template on the server, the newest known change; 0 if it is unknown.
    pub(crate) changes: [u8; MAX_TEMPLATES],
    /// The server's jobs, one bit each.
    pub(crate) jobs: u8,
    /// The templates that a person made the state forget, one bit each.
    pub(crate) forgotten: u8,
}

/// More than any search can create within its depth.
pub(crate) const MAX_TEMPLATES: usize = 8;

impl Default for Tree {
    fn default() -> Self {
        Self { yaml: [Content::Absent; COURSES], file: None }
    }
}

impl Tree {
    /// What its state must know.
    pub(crate) fn knows(&self) -> Knowledge {
        self.file.as_ref().map(|file| file.knows).unwrap_or_default()
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.yaml == other.yaml && same_file(self.file.as_ref(), other.file.as_ref())
    }
}

pub(crate) fn same_file(one: Option<&Arc<StateFile>>, other: Option<&Arc<StateFile>>) -> bool {
    one.map(|file| &file.version) == other.map(|file| &file.version)
}

impl Knowledge {
    /// Whether the state must know this template: it was told of it, and no person made it forget it.
    pub(crate) fn has(&self, number: usize) -> bool {
        self.changes[number] > 0 && self.forgotten & 1 << number == 0
    }

    pub(crate) fn join(mut self, other: Self) -> Self {
        for (mine, theirs) in self.changes.iter_mut().zip(other.changes) {
            *mine = (*mine).max(theirs);
        }
        self.jobs |= other.jobs;
        self.forgotten |= other.forgotten;
        self
    }
}

/// A state file; its digest identifies its bytes.
pub(crate) struct StateFile {
    pub(crate) document: Document,
    pub(crate) version: Digest,
    /// What it must know.
    pub(crate) knows: Knowledge,
    tokens: OnceLock<Vec<Token>>,
}

impl StateFile {
    pub(crate) fn new(text: &str, knows: Knowledge) -> Arc<Self> {
        let document = serde_json::from_str(text).unwrap();
        Arc::new(Self { document, version: Digest::of(text.as_bytes()), knows, tokens: OnceLock::new() })
    }

    pub(crate) fn of(document: &Document, knows: Knowledge) -> Arc<Self> {
        Self::new(&document.to_text().unwrap(), knows)
    }

    /// The machine that started its lineage.
    pub(crate) fn lineage(&self) -> usize {
        machine_of(&self.document.lineage)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| document_tokens(&self.document))
    }
}

/// The lineage that this machine starts.
pub(crate) fn lineage_of(machine: usize) -> String {
    format!("aaaaaaaa-0000-4000-8000-{machine:012}")
}

fn machine_of(lineage: &str) -> usize {
    usize::from(lineage == lineage_of(1))
}

/// A journal file.
#[derive(Clone)]
pub(crate) struct Journal {
    /// Which file of this name it is.
    pub(crate) inode: u32,
    pub(crate) records: Vec<Record>,
    tokens: OnceLock<Vec<Token>>,
}

impl Journal {
    pub(crate) fn new(inode: u32, records: Vec<Record>) -> Self {
        Self { inode, records, tokens: OnceLock::new() }
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| self.records.iter().flat_map(record_tokens).collect())
    }
}

/// The output of `plan --out`.
pub(crate) struct SavedPlan {
    pub(crate) plan: Plan,
    tokens: Vec<Token>,
}

impl SavedPlan {
    pub(crate) fn new(plan: &Plan) -> Arc<Self> {
        let text = plan.to_text().unwrap();
        let tokens = plan_tokens(&text);
        Arc::new(Self { plan: Plan::from_text(&text).unwrap(), tokens })
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }
}
