//! What may happen to rows, in any order.

use proptest::prelude::*;

use super::adopting::{Sight, any_sight};
use super::replacing::Again;

/// What the server does with a row, and what certctl learns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// Done, and answered with or without the new id.
    Answered { with_id: bool },
    /// Not done, and answered.
    Refused,
    /// Answered with something meaningless.
    Unclear { done: bool },
    /// The run is killed before the answer comes.
    CutOff { done: bool },
    /// The server did not accept the request.
    NotTaken,
    /// A job continues it.
    Job,
    /// Answered as failed, but an earlier sending of the same request may have been executed.
    PerhapsDone { done: bool },
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The YAML of a template changes: resource, title, days.
    Edit(u8, (u8, u8, Option<u8>)),
    Apply {
        fates: Vec<Fate>,
        by_id: bool,
    },
    /// `recover --resend` of everything in doubt, in this run.
    Repeat {
        fates: Vec<Fate>,
        by_id: bool,
    },
    /// The same, to be carried out by the next apply.
    Order,
    /// Jobs end: successfully, as failed after doing their work, or as failed.
    JobsEnd {
        well: bool,
        done: bool,
    },
    /// Somebody looks up everything in doubt and settles it.
    Person {
        with_id: bool,
    },
    /// The vendor's export is read, with or without times; or one that was made before other things happened.
    Export {
        dated: bool,
        stale: bool,
    },
    /// An export from before templates were deleted by hand.
    OldExport,
    /// A template is deleted by hand, and perhaps made again; exports show that.
    Replace {
        number: u8,
        again: Option<Again>,
    },
    /// A template that was made by hand is adopted: by its id, or with what is seen of it.
    Adopt {
        number: u8,
        sees: Option<Sight>,
    },
    /// Somebody may edit a template by hand, its style and its days, and what is then seen of it is taken.
    Refresh {
        number: u8,
        edits: (bool, bool),
        sees: Sight,
    },
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => any::<bool>().prop_map(|with_id| Fate::Answered { with_id }),
        3 => Just(Fate::Refused),
        4 => any::<bool>().prop_map(|done| Fate::Unclear { done }),
        2 => any::<bool>().prop_map(|done| Fate::CutOff { done }),
        1 => Just(Fate::NotTaken),
        2 => Just(Fate::Job),
        1 => any::<bool>().prop_map(|done| Fate::PerhapsDone { done }),
    ]
}

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    let fates = || prop::collection::vec(any_fate(), 1..3);
    let parts = (0..3_u8, 0..3_u8, prop::option::of(1..3_u8));
    prop_oneof![
        5 => (0..2_u8, parts).prop_map(|(number, parts)| Step::Edit(number, parts)),
        6 => (fates(), prop::bool::weighted(0.3)).prop_map(|(fates, by_id)| Step::Apply { fates, by_id }),
        4 => (fates(), prop::bool::weighted(0.3)).prop_map(|(fates, by_id)| Step::Repeat { fates, by_id }),
        1 => Just(Step::Order),
        2 => any::<(bool, bool)>().prop_map(|(well, done)| Step::JobsEnd { well, done }),
        3 => any::<bool>().prop_map(|with_id| Step::Person { with_id }),
        3 => any::<(bool, bool)>().prop_map(|(dated, stale)| Step::Export { dated, stale }),
        3 => Just(Step::OldExport),
        4 => (0..2_u8, prop::option::of(prop::sample::select(vec![Again::Together, Again::Later])))
            .prop_map(|(number, again)| Step::Replace { number, again }),
        2 => (0..2_u8, prop::option::of(any_sight())).prop_map(|(number, sees)| Step::Adopt { number, sees }),
        3 => (0..2_u8, any::<(bool, bool)>(), any_sight())
            .prop_map(|(number, edits, sees)| Step::Refresh { number, edits, sees }),
    ]
}
