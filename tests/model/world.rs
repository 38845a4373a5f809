//! Everything that there is between two events: no process runs.

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
    const NAMES: [&str; 11] = [
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
    ];

    /// The tags of these names.
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
    /// Go back to an older state: `git revert`, `git reset`.
    GoBack,
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
    pub(crate) rescued: Option<Arc<Rescued>>,
    pub(crate) plan: Option<Arc<SavedPlan>>,
    /// What this machine took part in: its own writes, and those of every state that it merged.
    pub(crate) knows: Knowledge,
    /// The YAML of the last commit.
    pub(crate) committed: Yaml,
    /// The commit before the last one.
    pub(crate) previous: Option<Arc<Previous>>,
    /// The newest states in the history of its branch.
    pub(crate) history: Newest,
    /// The newest states of the other's branch, as it was fetched.
    pub(crate) fetched: Newest,
    /// The newest states that this machine wrote: the mark.
    pub(crate) mark: Newest,
}

/// The newest commit that both clones have.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) tree: Tree,
    /// Whose commit it was before the other one merged it.
    pub(crate) of: Option<usize>,
}

/// The commit before the last one.
pub(crate) struct Previous {
    pub(crate) tree: Tree,
    pub(crate) history: Newest,
    /// What both clones had before, where the last commit is a merge.
    pub(crate) base: Option<Base>,
}

/// A version that a run could not put in its place.
pub(crate) struct Rescued {
    pub(crate) file: Arc<StateFile>,
    /// The version that the run began with, where the backup still has it.
    pub(crate) base: Option<Arc<StateFile>>,
}

/// The newest states that are known somewhere, one for each lineage: by the machine that began it.
#[derive(Clone, Default)]
pub(crate) struct Newest {
    pub(crate) of: [Option<Arc<StateFile>>; 2],
    /// The lineage of the last one.
    pub(crate) last: Option<usize>,
}

impl Newest {
    /// Takes a state into account, unless it does not know what the one that is there knows.
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

/// What git carries.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) yaml: Yaml,
    pub(crate) file: Option<Arc<StateFile>>,
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
        Self { yaml: [Content::Absent; COURSES], file: None }
    }
}

impl Tree {
    /// What its state has to know.
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
    pub(crate) fn join(mut self, other: Self) -> Self {
        for (mine, theirs) in self.changes.iter_mut().zip(other.changes) {
            *mine = (*mine).max(theirs);
        }
        self.jobs |= other.jobs;
        self
    }
}

/// A state file: its bytes are named by their digest.
pub(crate) struct StateFile {
    pub(crate) document: Document,
    pub(crate) version: Digest,
    /// What it has to know.
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

    /// Which machine began its lineage.
    pub(crate) fn lineage(&self) -> usize {
        machine_of(&self.document.lineage)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| document_tokens(&self.document))
    }
}

/// The lineage that this machine begins.
pub(crate) fn lineage_of(machine: usize) -> String {
    format!("aaaaaaaa-0000-4000-8000-{machine:012}")
}

fn machine_of(lineage: &str) -> usize {
    usize::from(lineage == lineage_of(1))
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
