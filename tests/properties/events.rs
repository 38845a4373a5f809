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
    /// By the vendor's export.
    ByExport,
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
    /// Every id in the vendor's export is recorded.
    ImportByExport,
    StateMv(u8, u8),
    StateRm(u8),
    /// Somebody deletes a template in the admin page.
    DeletedByHand(u8),
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
