//! Everything that there is between two events: no process runs.

use std::sync::{Arc, OnceLock};

use certctl::model::Digest;
use certctl::plan::Plan;
use certctl::state::{Document, Record};

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
    pub(crate) base: Tree,
    /// Counts the commands that recorded an intent: what time is for.
    pub(crate) clock: u32,
    /// How many writes were named.
    pub(crate) writes: u32,
    /// So many more things may go wrong.
    pub(crate) faults_left: u8,
    /// What led here, roughly.
    pub(crate) past: Tags,
}

/// Kinds of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tags(u16);

impl Tags {
    /// In the order of their bits.
    const NAMES: [&str; 9] =
        ["revert", "two runs", "joined", "decided", "saved plan", "resend", "settled", "imported", "job"];

    /// The tags of these names.
    pub(crate) fn of(names: &[&str]) -> Self {
        let bit = |name: &&str| Self::NAMES.iter().position(|other| other == name).unwrap();
        Self(names.iter().map(bit).fold(0, |bits, bit| bits | 1 << bit))
    }

    pub(crate) fn add(&mut self, name: &str) {
        self.0 |= Self::of(&[name]).0;
    }

    /// Those that are among these others.
    pub(crate) fn among(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    pub(crate) fn bits(self) -> u16 {
        self.0
    }

    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 & 1 << bit != 0)
            .map(|(_, name)| name)
    }
}

/// Which small world it is: what there is in it, and what can happen.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    pub(crate) machines: usize,
    pub(crate) courses: usize,
    /// What the YAML may say of a template.
    pub(crate) contents: &'static [Content],
    /// How many things may go wrong.
    pub(crate) faults: u8,
    /// What can happen beside edits, applies and settlements.
    pub(crate) may: &'static [May],
    /// Events through which promises are known to break: each must, and a violation without one of them fails the test.
    pub(crate) expected: &'static [&'static str],
}

/// The server, and how its templates are addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A row of the bulk endpoint changes the template that there is for its resource.
    Matches,
    /// The same, and `addressing = "id"`.
    MatchesById,
    /// Every row of the bulk endpoint makes a template, so `addressing = "id"`.
    MakesAnother,
}

/// What is left out of some small worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    SavePlans,
    /// Use the vendor's export, and import single ids.
    Import,
    Merge,
    Revert,
    RemoveLocks,
    /// Die at every step, not only where a request is under way.
    DieAnywhere,
}

impl Rules {
    pub(crate) fn may(&self, what: May) -> bool {
        self.may.contains(&what)
    }
}

/// A clone on a machine of its own.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) tree: Tree,
    pub(crate) journal: Option<Arc<Journal>>,
    /// What a run could not put in its place.
    pub(crate) rescued: Option<Arc<StateFile>>,
    pub(crate) plan: Option<Arc<SavedPlan>>,
    /// What this machine took part in: its own writes, and those of every state that it merged.
    pub(crate) knows: Knowledge,
    /// The YAML of the last commit.
    pub(crate) committed: Yaml,
    /// The commit before the last one.
    pub(crate) previous: Option<Arc<Tree>>,
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
        }
    }
}

/// What git carries.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) yaml: Yaml,
    pub(crate) file: Option<Arc<StateFile>>,
    /// What the file has to know.
    pub(crate) knows: Knowledge,
}

/// What certctl took part in, as a judge sees it who sees everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Knowledge {
    /// For each template of the server, the newest change; 0 where it never heard of the template.
    pub(crate) changes: [u8; MOST_TEMPLATES],
    /// The server's jobs, a bit each.
    pub(crate) jobs: u8,
}

/// More than can be made within the depth of any search.
pub(crate) const MOST_TEMPLATES: usize = 8;

impl Default for Tree {
    fn default() -> Self {
        Self { yaml: [Content::Absent; COURSES], file: None, knows: Knowledge::default() }
    }
}

impl Tree {
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.yaml == other.yaml && same_file(self.file.as_ref(), other.file.as_ref())
    }
}

pub(crate) fn same_file(one: Option<&Arc<StateFile>>, other: Option<&Arc<StateFile>>) -> bool {
    one.map(|file| &file.version) == other.map(|file| &file.version)
}

impl Knowledge {
    pub(crate) fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.changes.iter_mut().zip(other.changes) {
            *mine = (*mine).max(theirs);
        }
        self.jobs |= other.jobs;
    }
}

/// A state file: its bytes are named by their digest.
pub(crate) struct StateFile {
    pub(crate) document: Document,
    pub(crate) version: Digest,
    tokens: OnceLock<Vec<Token>>,
}

impl StateFile {
    pub(crate) fn new(text: &str) -> Arc<Self> {
        let document = serde_json::from_str(text).unwrap();
        Arc::new(Self { document, version: Digest::of(text.as_bytes()), tokens: OnceLock::new() })
    }

    pub(crate) fn of(document: &Document) -> Arc<Self> {
        Self::new(&document.to_text().unwrap())
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| document_tokens(&self.document, &self.version))
    }
}

/// A journal file.
#[derive(Clone)]
pub(crate) struct Journal {
    /// Which file of that name it is.
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

/// What `plan --out` wrote.
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
