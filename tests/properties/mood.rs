//! How a simulated instance behaves for one request.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Fine,
    Bare,
    NotSent,
    /// The answer is lost; the request was processed before, or not at all.
    Lost {
        after: bool,
    },
    /// The same, and certctl waits for the answer until its patience ends.
    Stalled {
        after: bool,
    },
    Status {
        code: u16,
        after: bool,
    },
    Limited,
    Unavailable,
    TooLarge,
    Unauthorised,
    /// Processed, and the body cannot be read.
    Body(Body),
    /// Processed, and the ids are not what they should be.
    Ids(Ids),
    /// Processed, and the counts are wrong.
    Miscounting(i8),
    /// Processed but for the rows with this title.
    Rejecting(u8, Naming),
    /// Processed, with one more error.
    OneMoreError(Naming),
    Job(Fate),
    /// A job goes on with the request, and nobody hears of it.
    LostJob(Fate),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Html,
    Empty,
    OtherShape,
    BrokenOff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Shuffled,
    TooMany,
    Twice,
    /// The same, in two cases.
    TwiceInTwoCases,
    OfOthers,
    /// The same, in capitals.
    OfOthersShouted,
    Missing,
}

impl Ids {
    pub(crate) const ALL: [Self; 7] = [
        Self::Shuffled,
        Self::TooMany,
        Self::Twice,
        Self::TwiceInTwoCases,
        Self::OfOthers,
        Self::OfOthersShouted,
        Self::Missing,
    ];
}

/// How an error names its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Title,
    Record,
    Resource,
    Nothing,
}

/// What becomes of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ends when it has been asked for so often.
    Late {
        polls: u8,
        ends_well: bool,
    },
    Never,
    Strange,
    Forgotten,
}

impl Naming {
    /// An error about this row.
    pub(crate) fn error(self, row: &Map<String, Value>, title: &str) -> Value {
        match self {
            Self::Title => json!({"title": title, "error": "rejected"}),
            Self::Record => json!({"record": Value::from(row.clone()).to_string(), "error": "rejected"}),
            Self::Resource => {
                json!({"resourceId": row.get("resourceId"), "title": title, "error": "rejected"})
            }
            Self::Nothing => json!({"error": "rejected"}),
        }
    }
}

impl Fate {
    /// The fate as it is told to somebody who asks; one question fewer is left afterwards.
    pub(crate) fn asked(&mut self) -> Self {
        let told = *self;
        if let Self::Late { polls, .. } = self {
            *polls = polls.saturating_sub(1);
        }
        told
    }

    /// How many of its rows it processes. A job that fails may have done some of its work: the first half here.
    pub(crate) fn done_of(self, rows: usize) -> usize {
        match self {
            Self::Late { ends_well: false, .. } | Self::Strange => rows / 2,
            Self::Late { .. } | Self::Never | Self::Forgotten => rows,
        }
    }
}

fn any_naming() -> impl Strategy<Value = Naming> {
    prop::sample::select(vec![Naming::Title, Naming::Record, Naming::Resource, Naming::Nothing])
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => (0..4_u8, any::<bool>()).prop_map(|(polls, ends_well)| Fate::Late { polls, ends_well }),
        1 => Just(Fate::Never),
        1 => Just(Fate::Strange),
        1 => Just(Fate::Forgotten),
    ]
}

pub(crate) fn any_mood() -> impl Strategy<Value = Mood> {
    let code = prop::sample::select(vec![500_u16, 502, 503, 504, 302, 404, 408, 418]);
    let ids = prop::sample::select(Ids::ALL.to_vec());
    let body = prop::sample::select(vec![Body::Html, Body::Empty, Body::OtherShape, Body::BrokenOff]);
    prop_oneof![
        6 => Just(Mood::Fine),
        1 => Just(Mood::Bare),
        1 => Just(Mood::NotSent),
        3 => any::<bool>().prop_map(|after| Mood::Lost { after }),
        1 => any::<bool>().prop_map(|after| Mood::Stalled { after }),
        // A refusal by another 4xx than the documented ones means that nothing was done.
        3 => (code, any::<bool>()).prop_map(|(code, after)| {
            Mood::Status { code, after: after && (code == 408 || code / 100 != 4) }
        }),
        1 => Just(Mood::Limited),
        1 => Just(Mood::Unavailable),
        1 => Just(Mood::TooLarge),
        1 => Just(Mood::Unauthorised),
        2 => body.prop_map(Mood::Body),
        2 => ids.prop_map(Mood::Ids),
        1 => (-2..3_i8).prop_map(Mood::Miscounting),
        2 => (0..4_u8, any_naming()).prop_map(|(title, naming)| Mood::Rejecting(title, naming)),
        1 => any_naming().prop_map(Mood::OneMoreError),
        2 => any_fate().prop_map(Mood::Job),
        1 => any_fate().prop_map(Mood::LostJob),
    ]
}
