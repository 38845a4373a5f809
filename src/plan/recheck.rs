//! Checks that a plan's rows are what planning would decide now.
//!
//! A saved plan is text: it may be older than the state, come from another branch, or be written by hand. So it is not
//! trusted: planning runs again, on the state and on the attributes that the plan wants, and a row that it would not
//! send in the same way is not sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::build::decide;
use super::{Action, Entry, Held, Inputs, Plan, Scope, Submission};
use crate::desired::{Desired, Moved, Template, WrittenPlaces, broken_rules};
use crate::model::{Key, NaturalKey};
use crate::state::{Document, StateIdentity};

/// Why a row of a plan must not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum RecheckReason {
    /// The row breaks the rules for template files.
    Invalid,
    /// The state contradicts the plan.
    Changed,
    /// The last attempt is in doubt.
    InDoubt,
    /// A job of the server is processing the row.
    Pending,
    /// Planning would hold the row back.
    Held,
    /// Nothing is left to do.
    Done,
    /// The plan has the row, or its natural key, twice.
    Twice,
}

/// The rows of a plan that do not fit a state, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mismatches(BTreeMap<RecheckReason, Vec<String>>);

impl Mismatches {
    /// Compares a plan with what would be planned now.
    pub(super) fn of(
        plan: &Plan,
        identity: &StateIdentity,
        state: Option<&Document>,
        trust_upsert: bool,
    ) -> Self {
        let mut found = Self::default();
        let keys: Vec<Key> = plan.entries.iter().map(|entry| entry.key.clone()).collect();
        let desired = as_planned(plan);
        let now = decide(&Inputs {
            desired: &desired,
            state,
            identity,
            addressing: plan.addressing,
            trust_upsert,
            scope: &Scope::of_keys(&keys),
        });
        let moves: BTreeSet<_> = now.moves().collect();
        for (from, to) in plan.moves() {
            if !moves.contains(&(from, to)) {
                found.add(RecheckReason::Changed, to, "");
            }
        }
        let is_move = |entry: &&Entry| matches!(entry.action, Action::Move { .. });
        let now: HashMap<&Key, &Entry> =
            now.entries.iter().filter(|entry| !is_move(entry)).map(|entry| (&entry.key, entry)).collect();
        let mut natural_keys = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for entry in plan.entries.iter().filter(|entry| !is_move(entry)) {
            let broken = entry.action.submission().map(|wanted| broken_rules(&entry.key, &wanted.after));
            if let Some(broken) = broken.filter(|broken| !broken.is_empty()) {
                found.add(RecheckReason::Invalid, &entry.key, &broken.join("; "));
            }
            let sent = sent(entry);
            let again = sent.is_some_and(|sent| !natural_keys.insert(NaturalKey::of(&sent.after)));
            if !seen.insert(&entry.key) || again {
                found.add(RecheckReason::Twice, &entry.key, "");
            } else if let Some((reason, why)) = mismatch(entry, now.get(&entry.key).copied()) {
                found.add(reason, &entry.key, &why);
            }
        }
        found
    }

    fn add(&mut self, reason: RecheckReason, key: &Key, why: &str) {
        let row = if why.is_empty() { key.to_string() } else { format!("{key} ({why})") };
        self.0.entry(reason).or_default().push(row);
    }

    /// Returns whether every row fits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns which rows do not fit and why, for the person who must act.
    pub(super) fn sentences(&self) -> String {
        if self.is_empty() {
            return "None of the plan's templates is known to have changed since.".to_owned();
        }
        let sentence = |(reason, rows): (&RecheckReason, &Vec<String>)| {
            let rows = some_of(rows);
            match reason {
                RecheckReason::Invalid => format!("Not as template files allow it: {rows}."),
                RecheckReason::Changed => format!("Changed since: {rows}."),
                RecheckReason::InDoubt => format!("In doubt now: {rows}."),
                RecheckReason::Pending => format!("Waiting for a job of the server now: {rows}."),
                RecheckReason::Held => format!("Held back now: {rows}."),
                RecheckReason::Done => format!("As planned already: {rows}."),
                RecheckReason::Twice => {
                    format!("Twice in the plan, by key or by resource and audience: {rows}.")
                }
            }
        };
        self.0.iter().map(sentence).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the configuration that a plan was made from, as far as the plan shows it: what it would send or holds back,
/// after its moves, and what is to be forgotten.
fn as_planned(plan: &Plan) -> Desired {
    let file: Arc<Path> = Arc::from(Path::new(""));
    let template = |entry: &Entry| {
        let attributes = entry.action.submission()?.after.clone();
        let template = Template {
            attributes,
            protect: false,
            written: WrittenPlaces::default(),
            canvas: None,
            file: Arc::clone(&file),
        };
        Some((entry.key.clone(), template))
    };
    let moved = plan.moves().map(|(from, to)| Moved { from: from.clone(), to: to.clone() });
    let desired = Desired::from_templates(plan.entries.iter().filter_map(template), moved.collect());
    desired.without(plan.forgets().cloned())
}

/// Returns what an entry would send.
fn sent(entry: &Entry) -> Option<&Submission> {
    entry.action.submission().filter(|submission| submission.held.is_none())
}

/// Returns why an entry is not what would be planned now; `None` if it is.
fn mismatch(planned: &Entry, now: Option<&Entry>) -> Option<(RecheckReason, String)> {
    let plain = |reason| Some((reason, String::new()));
    match (&planned.action, now.map(|entry| &entry.action)) {
        (Action::Create(_) | Action::Update(_), _) if sent(planned).is_none() => None,
        (Action::Create(_) | Action::Update(_) | Action::Forget { .. }, None) => plain(RecheckReason::Done),
        (Action::Create(_) | Action::Update(_) | Action::Forget { .. }, Some(Action::InDoubt { .. })) => {
            plain(RecheckReason::InDoubt)
        }
        (Action::Create(_) | Action::Update(_) | Action::Forget { .. }, Some(Action::Pending { .. })) => {
            plain(RecheckReason::Pending)
        }
        (Action::Create(planned_to), Some(Action::Create(now_to)))
        | (Action::Update(planned_to), Some(Action::Update(now_to))) => {
            if let Some(held) = &now_to.held {
                return Some((RecheckReason::Held, why_held(held, &planned.key)));
            }
            let same_id = planned.id == now.and_then(|entry| entry.id.clone());
            if same_id && planned_to == now_to { None } else { plain(RecheckReason::Changed) }
        }
        (Action::Forget { before, .. }, Some(Action::Forget { before: now, .. })) if before == now => None,
        (Action::Pending { job, .. }, Some(Action::Pending { job: now, .. })) if job == now => None,
        (Action::Orphan { before, .. }, Some(Action::Orphan { before: now, .. })) if before == now => None,
        (Action::InDoubt { .. }, Some(Action::InDoubt { .. })) | (Action::Move { .. }, _) => None,
        _ => plain(RecheckReason::Changed),
    }
}

fn why_held(held: &Held, key: &Key) -> String {
    match (held, held.other(key)) {
        (Held::Unsettled, _) => "an earlier attempt on it is not settled".to_owned(),
        (_, Some(other)) => format!("{other} is for the same resource and audience"),
        (_, None) => "its exact id is not known".to_owned(),
    }
}

fn some_of(keys: &[String]) -> String {
    const SHOWN: usize = 10;
    match keys.len() {
        0..=SHOWN => keys.join(", "),
        more => format!("{} and {} more", keys[..SHOWN].join(", "), more - SHOWN),
    }
}
