//! What can happen in a campaign: what people do, and how a run is started.

use crate::mood::{Mood, PollMood};
use crate::world::Parts;

/// How a run is started.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) moods: Vec<Mood>,
    pub(crate) batch_size: usize,
    pub(crate) concurrency: usize,
    pub(crate) by_id: bool,
    /// A signal arrives after this many milliseconds.
    pub(crate) interrupted_at: Option<u16>,
    pub(crate) poll_moods: Vec<PollMood>,
    /// `trust_upsert`, if the server deserves it.
    pub(crate) trust: bool,
    /// `--target`: the templates below this number.
    pub(crate) below: Option<u8>,
}

impl Manner {
    /// A run on a server with these moods, one after the other.
    pub(crate) fn plain(moods: Vec<Mood>, batch_size: usize) -> Self {
        Self {
            moods,
            batch_size,
            concurrency: 2,
            by_id: false,
            interrupted_at: None,
            poll_moods: Vec::new(),
            trust: false,
            below: None,
        }
    }
}

/// How a person settles rows in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settling {
    /// By looking up each template in the admin page.
    Truthfully,
    /// By what is seen of the server.
    By(Sight),
}

/// One way to see the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// How many events ago.
    pub(crate) ago: u8,
    pub(crate) shows: Shows,
}

/// How much is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// The vendor's export, whole.
    Everything,
    /// The export without the column of the days.
    NoDays,
    /// The export without times.
    NoTimes,
    /// The export without the rows of this resource.
    AllBut(u8),
    /// The certificates of an observer, which show templates as they were at its issue, deleted ones as well.
    Certificates,
}

impl Sight {
    /// A whole export of now.
    pub(crate) const NOW: Self = Self { ago: 0, shows: Shows::Everything };
}

/// One event.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Edit(Parts),
    /// Every template gets this title and these days.
    Retitle(u8, Option<u8>),
    /// A template gets another key in the YAML, with its `moved` entry.
    Rename(u8, u8),
    /// A person deletes a template in the admin page, takes it out of the YAML and lists it under `removed`.
    Remove(u8),
    Apply(Manner),
    SavePlan,
    ApplySaved(Manner),
    /// Jobs that no run waits for come to their end.
    TimePasses,
    Settle(Settling),
    /// Everything in doubt is sent again, whatever follows: `recover --resend`.
    Resend(Manner),
    /// From now on, templates with even numbers are protected, or not.
    Protect(bool),
    /// A person looks up an id and records it.
    Import(u8),
    /// Every configured template that is seen is adopted.
    ImportFrom(Sight),
    /// Every template that is seen and not configured gets into the YAML: `import --write`.
    ImportWrite(Sight),
    /// What is seen becomes the baseline.
    Refresh(Sight),
    StateMv(u8, u8),
    StateRm(u8),
    /// Somebody deletes a template in the admin page.
    DeletedByHand(u8),
    /// Somebody gives a template other days there.
    EditedByHand(u8, Option<u8>),
    /// Work continues on the other machine, with its own state.
    OtherMachine,
    /// The other machine's state file is pulled to this one.
    Pull,
    /// The other machine's state file is merged with this one's.
    Merge,
}

/// An event, and the store's step at which the process dies during it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) event: Event,
    pub(crate) dies_at: Option<usize>,
}
