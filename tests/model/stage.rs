//! One command while it runs: the world it acts on, what has happened so far, and every world that a crash would leave.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use certctl::state::WriteId;

use crate::academy::Template;
use crate::events::When;
use crate::git::Merged;
use crate::oracle::Oracle;
use crate::wire::Mood;
use crate::world::{Journal, Machine, May, StateFile, World};

/// Something that happens during an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// What the server did with a request.
    Answer(Vec<usize>, Mood),
    /// What it said about a job.
    Job(&'static str),
    /// The process ended before this step.
    Died(&'static str),
    /// The command refused.
    Refused(&'static str),
    Merged(Merged),
    /// Somebody removed the lock, and a second apply started and finished.
    SecondRun,
}

/// A broken promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The promise, by its number in docs/guarantees.md.
    pub(crate) promise: Promise,
    /// How it was broken.
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    NoDoubleCreate,
    NoWrongId,
    KnownIsTrue,
    NothingLost,
    PlanAfterApplyIsEmpty,
}

/// A possible end of an event.
pub(crate) struct Ending {
    pub(crate) world: World,
    pub(crate) notes: Vec<Note>,
    pub(crate) violation: Option<Violation>,
}

/// A running command.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// The machine it runs on.
    pub(crate) here: usize,
    pub(crate) oracle: Oracle,
    pub(crate) notes: Vec<Note>,
    /// The worlds that a crash at each step would leave.
    pub(crate) deaths: Vec<Ending>,
    pub(crate) violation: Option<Violation>,
    /// The courses whose create a person asked to be sent again.
    pub(crate) ordered: Vec<usize>,
    pub(crate) lock: Lock,
    /// When, if ever, somebody removes the lock and a second run starts.
    pub(crate) interferes: Option<When>,
    /// The nesting depth of runs within runs.
    pub(crate) within: usize,
    /// Whether the server executed and confirmed everything.
    pub(crate) all_fine: bool,
    pub(crate) sent_intent: bool,
    /// A request whose answer was lost and that may be sent again: the mood of the server, and whether it is final.
    pub(crate) lost: Option<(Mood, bool)>,
    /// Jobs that do not end while this run queries them.
    pub(crate) slow: Vec<String>,
    /// What the command sees of the server, if it looks.
    pub(crate) shown: Vec<Template>,
    /// The latest backup.
    pub(crate) backup: Option<Arc<StateFile>>,
    /// Which file has the journal's name; 0 for none.
    pub(crate) journal_inode: Arc<AtomicU32>,
    next_inode: u32,
}

/// The lock file on the machine of the command.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    /// Which file has its name.
    pub(crate) inode: Arc<AtomicU32>,
    pub(crate) is_held: bool,
}

impl Lock {
    pub(crate) fn number(&self) -> u32 {
        self.inode.load(Ordering::Relaxed)
    }

    pub(crate) fn is(&self, inode: u32) -> bool {
        self.number() == inode
    }

    /// Somebody removes the file; the next one with this name is a different one.
    pub(crate) fn remove(&mut self) {
        self.inode.fetch_add(1, Ordering::Relaxed);
        self.is_held = false;
    }
}

/// The stage, shared by everything that acts on it.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Rc<RefCell<Stage>>);

impl Stage {
    pub(crate) fn new(world: &World, here: usize, oracle: Oracle) -> Self {
        Self {
            world: world.clone(),
            here,
            oracle,
            notes: Vec::new(),
            deaths: Vec::new(),
            violation: None,
            ordered: Vec::new(),
            lock: Lock::default(),
            interferes: None,
            within: 0,
            all_fine: true,
            sent_intent: false,
            lost: None,
            slow: Vec::new(),
            shown: Vec::new(),
            backup: None,
            journal_inode: Arc::default(),
            next_inode: 0,
        }
    }

    pub(crate) fn machine(&mut self) -> &mut Machine {
        &mut self.world.machines[self.here]
    }

    pub(crate) fn inode(&mut self) -> u32 {
        // Files of earlier commands have lower numbers.
        let journal = self.world.machines[self.here].journal.as_ref();
        self.next_inode = self.next_inode.max(journal.map_or(0, |journal| journal.inode)) + 1;
        self.next_inode
    }

    pub(crate) fn put_journal(&mut self, journal: Option<Journal>) {
        let inode = journal.as_ref().map_or(0, |journal| journal.inode);
        self.journal_inode.store(inode, Ordering::Relaxed);
        self.machine().journal = journal.map(Arc::new);
    }

    /// A unique name for a write.
    pub(crate) fn name_write(&mut self) -> WriteId {
        self.world.writes += 1;
        WriteId::new(uuid::Uuid::from_u128(self.world.writes.into()))
    }

    /// The world that a crash before this step leaves.
    pub(crate) fn may_die(&mut self, before: &'static str, under_way: bool) {
        if !under_way && !self.world.rules.may(May::DieAnywhere)
            || self.oracle.repeats()
            || self.within > 0
            || self.world.faults_left == 0
        {
            return;
        }
        let mut world = self.world.clone();
        world.faults_left -= 1;
        let mut notes = self.notes.clone();
        notes.push(Note::Died(before));
        let mut ending = Ending { world, notes, violation: self.violation.clone() };
        self.pass_time(&mut ending.world);
        self.deaths.push(ending);
    }

    fn pass_time(&self, world: &mut World) {
        world.clock += u32::from(self.sent_intent);
    }

    pub(crate) fn breaks(&mut self, promise: Promise, text: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { promise, text: text() });
        }
    }

    pub(crate) fn is_ordered(&self, course: usize) -> bool {
        self.ordered.contains(&course)
    }

    /// Runs the command once; returns what it leaves.
    pub(crate) fn end(mut self) -> (Vec<Ending>, Oracle) {
        let mut endings = std::mem::take(&mut self.deaths);
        let mut world = self.world.clone();
        self.pass_time(&mut world);
        endings.push(Ending { world, notes: self.notes, violation: self.violation });
        (endings, self.oracle)
    }
}

impl Shared {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Stage) -> T) -> T {
        act(&mut self.0.borrow_mut())
    }

    pub(crate) fn refuses(&self, why: &'static str) {
        self.with(|stage| stage.notes.push(Note::Refused(why)));
    }
}
