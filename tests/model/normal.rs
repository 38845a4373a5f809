//! When two worlds are equal: times count by their order, ids and digests by equality, message texts not at all, and the
//! two machines may be swapped.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::Hasher as _;
use std::sync::Arc;

use certctl::state::{Document, JournalFit, Record, Snapshot};
use serde_json::{Map, Value};

use crate::academy::{Job, SentRow, Server, Template};
use crate::estate::time;
use crate::world::{Base, Knowledge, MAX_TEMPLATES, Machine, May, Newest, Previous, StateFile, Tree, World};

/// The parts of a file that matter for future events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Compared exactly.
    Word(u64),
    /// An id or the digest of a file: only equality matters.
    Name(u64),
    /// Only the order matters.
    Time(i64),
    /// The same, where the server is observed; elsewhere it does not matter.
    Seen(i64),
    /// The name of a write in a state's list. It matters only if it also occurs elsewhere.
    Past(u64),
    /// The serial within a lineage. Only the differences matter.
    Serial(u64, u64),
    /// The number of changes of a template. Only the template and the order matter.
    Change(usize, u8),
}

fn word(value: impl std::hash::Hash) -> Token {
    Token::Word(hash(value))
}

fn name(text: &str) -> Token {
    Token::Name(hash(text))
}

fn hash(value: impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Texts for people, names of requests, and derived values.
const PASSED_OVER: [&str; 19] = [
    "message",
    "last_error",
    "deleted_at",
    "reason",
    "batch",
    "warnings",
    "changes",
    "summary",
    "source",
    "certctl",
    "why",
    "error",
    "natural_key",
    "naturalKey",
    "format",
    "environment",
    "url",
    "operation",
    "candidateIds",
];

fn walk(name: &str, value: &Value, tokens: &mut Vec<Token>) {
    match value {
        Value::Object(members) => object(members, tokens),
        Value::Array(elements) => {
            tokens.push(word(elements.len()));
            for element in elements {
                walk(name, element, tokens);
            }
        }
        Value::String(text) => tokens.push(match name {
            "base" | "lineage" | "id" | "job" | "write" => Token::Name(hash(text)),
            _ => word(text),
        }),
        other => tokens.push(word(other.to_string())),
    }
}

fn object(members: &Map<String, Value>, tokens: &mut Vec<Token>) {
    // What was sent, and when: the only place where the time matters.
    let sends = members.contains_key("attributes") && members.contains_key("batch")
        || members.get("record").is_some_and(|record| record == "intent");
    let folds = members.get("record").is_some_and(|record| record == "fold");
    // The state that a plan was made from.
    let is_base = members.contains_key("lineage") && members.contains_key("digest") && members.len() == 3;
    for (name, value) in members {
        match name.as_str() {
            "error" => tokens.push(word(value.is_null())),
            name if PASSED_OVER.contains(&name) => {}
            "at" if sends => {
                tokens.extend(seconds(value).map(Token::Time));
            }
            "at" | "appliedAt" | "asOf" => tokens.extend(seconds(value).map(Token::Seen)),
            "digest" if folds || is_base => tokens.push(Token::Name(hash(value.as_str().unwrap()))),
            "digest" => {}
            "serial" => {
                let lineage = members.get("lineage").map(Value::to_string);
                tokens.push(Token::Serial(hash(lineage), value.as_u64().unwrap()));
            }
            "settled" => {
                // Only the last statement matters.
                let last = value.as_array().and_then(|all| all.last()).and_then(|last| last.get("as"));
                tokens.push(word(last.and_then(Value::as_str)));
                value.as_array().into_iter().flatten().for_each(|one| deletion(one, tokens));
            }
            "writes" => {
                let names = value.as_array().unwrap().iter().map(|name| hash(name.as_str().unwrap()));
                let names: Vec<u64> = names.collect();
                tokens.extend(names.last().map(|newest| Token::Name(*newest)));
                tokens.extend(names.into_iter().map(Token::Past));
            }
            name => {
                tokens.push(word(name));
                walk(name, value, tokens);
            }
        }
    }
    tokens.push(word('}'));
}

fn seconds(value: &Value) -> Option<i64> {
    let at: Option<certctl::model::Timestamp> = serde_json::from_value(value.clone()).unwrap();
    at.map(certctl::model::Timestamp::unix_seconds)
}

/// A template that was seen to be deleted stays known.
fn deletion(settled: &Value, tokens: &mut Vec<Token>) {
    if settled.get("as").is_some_and(|how| how == "deleted") {
        tokens.extend(settled.get("id").and_then(Value::as_str).map(name));
        tokens.extend(settled.get("at").and_then(seconds).map(Token::Seen));
    }
}

pub(crate) fn document_tokens(document: &Document) -> Vec<Token> {
    let mut tokens = vec![templates_digest(document)];
    walk("", &serde_json::to_value(document).unwrap(), &mut tokens);
    tokens
}

/// The identity of the state that a plan was made from.
fn templates_digest(document: &Document) -> Token {
    Token::Name(hash(document.templates_digest().unwrap().as_str()))
}

pub(crate) fn record_tokens(record: &Record) -> Vec<Token> {
    let mut tokens = Vec::new();
    walk("", &serde_json::to_value(record).unwrap(), &mut tokens);
    tokens
}

pub(crate) fn plan_tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    walk("", &serde_json::from_str(text).unwrap(), &mut tokens);
    tokens
}

/// The same number for worlds with the same possible events, whichever machine is first.
pub(crate) fn hash_of(world: &World) -> u64 {
    let seen_from = |first: usize| {
        let mut view = View { first, tokens: Vec::with_capacity(512), files: Vec::new() };
        view.world(world);
        if !world.rules.may(May::Observe) {
            view.tokens.retain(|token| !matches!(token, Token::Seen(_)));
        }
        renamed(&view.tokens)
    };
    seen_from(0).min(seen_from(1))
}

/// A world as seen from one of the machines.
struct View {
    first: usize,
    tokens: Vec<Token>,
    /// The files already described.
    files: Vec<u64>,
}

impl View {
    fn role(&mut self, machine: usize) {
        self.tokens.push(word(machine == self.first));
    }

    fn world(&mut self, world: &World) {
        self.server(&world.server);
        if world.rules.may(May::Import) || world.rules.may(May::Observe) {
            self.templates(&world.server.before);
        }
        for machine in [self.first, 1 - self.first] {
            self.journal_fits(&world.machines[machine], &world.machines[1 - machine]);
        }
        for machine in [self.first, 1 - self.first] {
            self.machine(&world.machines[machine]);
        }
        self.base(&world.base);
        self.tokens.push(word(world.faults_left));
        self.tokens.push(Token::Time(time(world.clock).unix_seconds()));
    }

    fn server(&mut self, server: &Server) {
        let Server { templates, jobs, .. } = server;
        self.templates(templates);
        for Job { id, rows, acted, end, sender, refused, .. } in jobs {
            self.tokens.extend([name(id), word((rows.len(), acted, end, refused))]);
            self.role(*sender);
            if end.is_none() && !acted {
                let row = |(deed, row): &SentRow| word((*deed as u8, Value::from(row.clone()).to_string()));
                self.tokens.extend(rows.iter().map(row));
            }
        }
    }

    fn templates(&mut self, templates: &[Template]) {
        self.tokens.push(word(templates.len()));
        for template in templates {
            let Template { id, course, content, updated_at, changes, met, mixed, deleted, .. } = template;
            let changes = Token::Change(template.number(), *changes);
            let time = Token::Time(updated_at.unix_seconds());
            let contents = word((course, content, met, mixed, deleted));
            self.tokens.extend([contents, time, name(id.as_str()), changes]);
        }
    }

    fn machine(&mut self, machine: &Machine) {
        let Machine { tree, journal, rescued, plan, knows, committed, previous, history, mark, fetched } =
            machine;
        self.tree(tree);
        self.knowledge(knows);
        self.tokens.push(word(committed));
        self.newest(history);
        self.newest(mark);
        self.newest(fetched);
        self.part(journal.as_ref().map(|journal| journal.tokens()));
        self.part(plan.as_ref().map(|plan| plan.tokens()));
        self.tokens.push(word((rescued.is_some(), previous.is_some())));
        if let Some(rescued) = rescued {
            self.file(Some(&rescued.file));
            self.file(rescued.base.as_ref());
        }
        if let Some(Previous { tree, history, base }) = previous.as_deref() {
            self.tree(tree);
            self.newest(history);
            self.tokens.push(word(base.is_some()));
            if let Some(base) = base {
                self.base(base);
            }
        }
    }

    fn base(&mut self, base: &Base) {
        self.tree(&base.tree);
        self.tokens.push(word(base.of.map(|machine| machine == self.first)));
    }

    /// How a journal relates to the states that may end up beside it.
    fn journal_fits(&mut self, machine: &Machine, other: &Machine) {
        let Some(journal) = &machine.journal else { return };
        for file in [&machine.tree.file, &other.tree.file] {
            let snapshot = Snapshot {
                document: file.as_ref().map(|file| file.document.clone()),
                version: file.as_ref().map(|file| file.version.clone()),
                journal: journal.records.clone(),
                ..Snapshot::default()
            };
            let fit = match snapshot.fit() {
                JournalFit::None => 0,
                JournalFit::Open => 1,
                JournalFit::Checkpointed => 2,
                JournalFit::Foreign { .. } => 3,
            };
            self.tokens.push(word(fit));
            let counted_in = snapshot.effective().ok().flatten();
            self.tokens.extend(counted_in.as_ref().map(templates_digest));
        }
    }

    fn part(&mut self, part: Option<&[Token]>) {
        match part {
            None => self.tokens.push(word("none")),
            Some(part) => self.tokens.extend(part),
        }
    }

    fn tree(&mut self, tree: &Tree) {
        self.tokens.push(word(tree.yaml));
        self.file(tree.file.as_ref());
    }

    fn newest(&mut self, newest: &Newest) {
        self.tokens.push(word(newest.last.map(|machine| machine == self.first)));
        for lineage in [self.first, 1 - self.first] {
            self.file(newest.of[lineage].as_ref());
        }
    }

    fn file(&mut self, file: Option<&Arc<StateFile>>) {
        let Some(file) = file else { return self.tokens.push(word("no file")) };
        let version = hash(file.version.as_str());
        self.tokens.push(Token::Name(version));
        if !self.files.contains(&version) {
            self.files.push(version);
            self.tokens.extend(file.tokens());
            self.knowledge(&file.knows);
        }
    }

    fn knowledge(&mut self, knows: &Knowledge) {
        self.tokens.push(word((knows.jobs, knows.forgotten)));
        let changes = knows.changes.iter().enumerate();
        self.tokens.extend(changes.map(|(number, changes)| Token::Change(number, *changes)));
    }
}

/// Names by first use, times by order, serials from the lowest.
fn renamed(tokens: &[Token]) -> u64 {
    let (mut times, mut names) = (Vec::new(), Vec::new());
    let mut lowest: HashMap<u64, u64> = HashMap::new();
    let mut changes = [1_u64; MAX_TEMPLATES];
    let mut named = HashSet::new();
    for token in tokens {
        match token {
            Token::Name(name) => drop(named.insert(*name)),
            Token::Change(number, times) => changes[*number] |= 1 << times,
            Token::Time(time) | Token::Seen(time) if !times.contains(time) => times.push(*time),
            Token::Serial(lineage, serial) if *serial > 0 => {
                let lowest = lowest.entry(*lineage).or_insert(*serial);
                *lowest = (*lowest).min(*serial);
            }
            _ => {}
        }
    }
    times.sort_unstable();
    let mut hasher = DefaultHasher::new();
    for token in tokens {
        match token {
            Token::Word(word) => hasher.write_u64(*word),
            Token::Past(name) if !named.contains(name) => {}
            Token::Name(name) | Token::Past(name) => {
                let position = names.iter().position(|other| other == name).unwrap_or_else(|| {
                    names.push(*name);
                    names.len() - 1
                });
                hasher.write_usize(position);
            }
            Token::Time(time) | Token::Seen(time) => {
                hasher.write_usize(times.iter().position(|other| other == time).unwrap());
            }
            Token::Change(number, times) => {
                hasher.write_u32((changes[*number] & ((1 << times) - 1)).count_ones());
            }
            // 0 means no state.
            Token::Serial(_, 0) => hasher.write_u64(u64::MAX),
            Token::Serial(lineage, serial) => hasher.write_u64(serial - lowest[lineage]),
        }
    }
    hasher.finish()
}
