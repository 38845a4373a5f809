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
    /// The same, but certctl waits for the answer until its timeout.
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
    Forbidden,
    MovedAway,
    Untrusted,
    /// The whole request is rejected with this status if it contains a row with this title.
    Poisoned(u16, u8),
    /// The server asks for a longer pause than a run waits.
    LongWait,
    /// Processed, and the quota is used up for this many seconds.
    Exhausted(u16),
    /// Processed by a job that completes immediately.
    JobAtOnce {
        counted: bool,
    },
    /// Processed, with an error about a row that is counted as done, or one that names two rows.
    Contradicting {
        itself: bool,
    },
    /// Processed, but the body is unreadable.
    Body(Body),
    /// Processed, but the ids are wrong.
    Ids(Ids),
    /// Processed, but the counts are wrong.
    Miscounting(i8),
    /// Processed, except the rows with this title.
    Rejecting(u8, Naming),
    /// Processed, with one additional error.
    OneMoreError(Naming),
    Job(Fate),
    /// A job continues the request, but the answer is lost.
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
    /// The same id in upper and lower case.
    TwiceInTwoCases,
    OfOthers,
    /// The same id in upper case.
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

/// How an error identifies its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    Title,
    Record,
    Resource,
    Nothing,
}

/// The course of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ends after this many queries.
    Late {
        polls: u8,
        ends_well: bool,
    },
    Never,
    Strange,
    Forgotten,
}

/// How the answer to a job query is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollMood {
    Fine,
    Html,
    Limited,
    Unavailable,
    Broken,
    Lost,
    AboutAnother,
    WithoutId,
}

impl PollMood {
    pub(crate) const ALL: [Self; 8] = [
        Self::Fine,
        Self::Html,
        Self::Limited,
        Self::Unavailable,
        Self::Broken,
        Self::Lost,
        Self::AboutAnother,
        Self::WithoutId,
    ];
}

impl Mood {
    /// One of each kind that a run must include.
    pub(crate) fn every() -> Vec<Self> {
        let mut every = vec![
            Self::Fine,
            Self::Bare,
            Self::NotSent,
            Self::Limited,
            Self::Unavailable,
            Self::TooLarge,
            Self::Unauthorised,
            Self::Forbidden,
            Self::MovedAway,
            Self::Untrusted,
            Self::LongWait,
            Self::Exhausted(0),
            Self::Miscounting(1),
        ];
        every.extend(POISONS.map(|code| Self::Poisoned(code, 0)));
        for yes in [false, true] {
            every.extend([Self::Lost { after: yes }, Self::Stalled { after: yes }]);
            every.extend([Self::JobAtOnce { counted: yes }, Self::Contradicting { itself: yes }]);
        }
        for code in CODES {
            every.push(Self::Status { code, after: false });
            if may_be_processed(code) {
                every.push(Self::Status { code, after: true });
            }
        }
        every.extend(BODIES.map(Self::Body));
        every.extend(Ids::ALL.map(Self::Ids));
        for naming in NAMINGS {
            every.extend([Self::Rejecting(0, naming), Self::OneMoreError(naming)]);
        }
        for fate in FATES {
            every.extend([Self::Job(fate), Self::LostJob(fate)]);
        }
        every
    }

    /// The kind; variants that differ only by a number are one.
    pub(crate) fn kind(self) -> String {
        match self {
            Self::Poisoned(code, _) => format!("poisoned {code}"),
            Self::Exhausted(_) => "exhausted".to_owned(),
            Self::Miscounting(_) => "miscounting".to_owned(),
            Self::Rejecting(_, naming) => format!("rejecting by {naming:?}"),
            Self::Job(fate) => format!("job, {}", fate.kind()),
            Self::LostJob(fate) => format!("lost job, {}", fate.kind()),
            other => format!("{other:?}"),
        }
    }
}

const POISONS: [u16; 3] = [400, 409, 422];
const CODES: [u16; 8] = [500, 502, 503, 504, 302, 404, 408, 418];
const BODIES: [Body; 4] = [Body::Html, Body::Empty, Body::OtherShape, Body::BrokenOff];
const NAMINGS: [Naming; 4] = [Naming::Title, Naming::Record, Naming::Resource, Naming::Nothing];
const FATES: [Fate; 5] = [
    Fate::Late { polls: 0, ends_well: true },
    Fate::Late { polls: 0, ends_well: false },
    Fate::Never,
    Fate::Strange,
    Fate::Forgotten,
];

/// A rejection with an undocumented 4xx means that nothing was done.
fn may_be_processed(code: u16) -> bool {
    code == 408 || code / 100 != 4
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
    fn kind(self) -> String {
        match self {
            Self::Late { ends_well, .. } => format!("late, ends well: {ends_well}"),
            other => format!("{other:?}"),
        }
    }

    /// The fate as a query shows it; one fewer query is left afterwards.
    pub(crate) fn asked(&mut self) -> Self {
        let told = *self;
        if let Self::Late { polls, .. } = self {
            *polls = polls.saturating_sub(1);
        }
        told
    }

    /// How many of its rows it processes. A failing job may have done part of its work: here, the first half.
    pub(crate) fn done_of(self, rows: usize) -> usize {
        match self {
            Self::Late { ends_well: false, .. } | Self::Strange => rows / 2,
            Self::Late { .. } | Self::Never | Self::Forgotten => rows,
        }
    }
}

fn any_naming() -> impl Strategy<Value = Naming> {
    prop::sample::select(NAMINGS.to_vec())
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
    let code = prop::sample::select(CODES.to_vec());
    let poison = prop::sample::select(POISONS.to_vec());
    let ids = prop::sample::select(Ids::ALL.to_vec());
    let body = prop::sample::select(BODIES.to_vec());
    prop_oneof![
        6 => Just(Mood::Fine),
        1 => Just(Mood::Bare),
        1 => Just(Mood::NotSent),
        3 => any::<bool>().prop_map(|after| Mood::Lost { after }),
        1 => any::<bool>().prop_map(|after| Mood::Stalled { after }),
        3 => (code, any::<bool>()).prop_map(|(code, after)| {
            Mood::Status { code, after: after && may_be_processed(code) }
        }),
        1 => Just(Mood::Limited),
        1 => Just(Mood::Unavailable),
        1 => Just(Mood::TooLarge),
        1 => prop::sample::select(vec![
            Mood::Unauthorised, Mood::Forbidden, Mood::MovedAway, Mood::Untrusted, Mood::LongWait,
        ]),
        2 => (poison, 0..4_u8).prop_map(|(code, title)| Mood::Poisoned(code, title)),
        1 => prop::sample::select(vec![1, 60, 2000]).prop_map(Mood::Exhausted),
        1 => any::<bool>().prop_map(|counted| Mood::JobAtOnce { counted }),
        1 => any::<bool>().prop_map(|itself| Mood::Contradicting { itself }),
        2 => body.prop_map(Mood::Body),
        2 => ids.prop_map(Mood::Ids),
        1 => (-2..3_i8).prop_map(Mood::Miscounting),
        2 => (0..4_u8, any_naming()).prop_map(|(title, naming)| Mood::Rejecting(title, naming)),
        1 => any_naming().prop_map(Mood::OneMoreError),
        2 => any_fate().prop_map(Mood::Job),
        1 => any_fate().prop_map(Mood::LostJob),
    ]
}
