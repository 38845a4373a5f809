//! Reports which rows in doubt an observation settles, and why it leaves the others. `recover` calls it; it never changes
//! the state.

use super::observation_text::{
    deleted_before, listed_ids, seen_at, stale, under_another_title, unseen, unusable,
};
use super::resolution_text::{InYaml, Recorded};
use super::{KeyResult, Style, safe_text, value_text};
use crate::inventory::{Difference, InventoryFinding, SeenAt, Settlement, StaysInDoubt, Unsure};
use crate::model::{Advice, Commands, Help, Key, Settling, TemplateId, few};
use crate::state::{Attempt, Document, Resolution, Row, RowStatus};

/// What became of each row in doubt. `document` is the state in which it is recorded.
pub fn settlement_results(
    results: &[(Key, InventoryFinding)],
    document: &Document,
    in_yaml: &dyn Fn(&Key) -> InYaml,
    commands: &dyn Commands,
) -> Vec<KeyResult> {
    let result = |(key, finding): &(Key, InventoryFinding)| match finding {
        InventoryFinding::Settles(Settlement { resolution: settlement, unsure, .. }) => {
            let why = unsure.as_ref().map(why_unsure);
            let row = document.templates.get(key);
            let recorded = Recorded { key, settlement, row, creates: true, in_yaml: in_yaml(key) };
            let reason = Some(recorded.text(why.as_deref(), commands));
            recorded_result(key, settlement, row, reason)
        }
        InventoryFinding::StaysInDoubt(stays) => {
            let is_pending =
                document.templates.get(key).is_some_and(|row| row.status() == RowStatus::Pending);
            let (outcome, help) = if is_pending {
                (PENDING, help_pending(key))
            } else {
                ("in_doubt", help_in_doubt(stays, key))
            };
            let why = help.below(&why_in_doubt(stays, key, document), commands);
            KeyResult { id: stays.id().cloned(), key: key.clone(), outcome, reason: Some(why) }
        }
    };
    results.iter().map(result).collect()
}

/// The outcome of a row that waits for a background job.
pub const PENDING: &str = "pending";

/// What became of a row that was settled; `row` is that of the state in which it is recorded.
pub fn recorded_result(
    key: &Key,
    settlement: &Resolution,
    row: Option<&Row>,
    reason: Option<String>,
) -> KeyResult {
    let outcome = match settlement {
        Resolution::Created { .. } => "created",
        Resolution::Exists { .. } => "exists",
        Resolution::Applied => "applied",
        Resolution::NotCreated => "not_created",
        Resolution::Resend => "resend",
    };
    let id = row.and_then(|row| row.identity.as_ref()).map(|identity| identity.id.clone());
    KeyResult { id, key: key.clone(), outcome, reason }
}

/// The rows in doubt, and those that wait for a background job, as they are.
pub fn listed_results(rows: &[(&Key, &Row)]) -> Vec<KeyResult> {
    let result = |(key, row): &(&Key, &Row)| KeyResult {
        id: row.identity.as_ref().map(|identity| identity.id.clone()),
        key: (*key).clone(),
        outcome: if row.status() == RowStatus::Pending { PENDING } else { "in_doubt" },
        reason: row.failure().map(|failure| failure.message.clone()),
    };
    rows.iter().map(result).collect()
}

/// The result for each row in doubt.
pub fn recovered(results: &[KeyResult], style: Style) -> String {
    let mut text = String::new();
    for result in results {
        let (sign, words) = match result.outcome {
            "in_doubt" => ("?", "stays in doubt: "),
            PENDING => ("?", "stays pending: "),
            _ => ("+", ""),
        };
        let head = style.signed(sign, &format!("{sign} {}", safe_text(result.key.as_str())));
        let why = result.reason.as_deref().unwrap_or_default().replace('\n', "\n    ");
        text.push_str(&format!("{head}  {words}{why}\n"));
    }
    let with = |outcome: &str| results.iter().filter(|result| result.outcome == outcome).count();
    let (open, pending) = (with("in_doubt"), with(PENDING));
    let rest = if pending > 0 { format!(", {pending} still pending") } else { String::new() };
    let totals = format!("{} settled, {open} still in doubt{rest}.", results.len() - open - pending);
    text.push_str(&format!("{}\n", style.bold(&totals)));
    text
}

/// Why the contents of a template are unknown.
fn why_unsure(unsure: &Unsure) -> String {
    match unsure {
        Unsure::Made(at) => format!("it was made at {at}, before the attempt"),
        Unsure::Changed(at) => format!("it was last changed at {at}, before the attempt"),
        Unsure::Stale(why) => stale(*why),
        Unsure::Other(differences) => {
            let shown = |difference: &Difference| {
                format!(
                    "{}: {}",
                    safe_text(&difference.attribute),
                    value_text::short(difference.shown.as_ref())
                )
            };
            let shown: Vec<String> = differences.iter().map(shown).collect();
            format!("the export shows {}, which is not what was sent", few(&shown))
        }
        Unsure::NotShown(names) => {
            let names: Vec<String> = names.iter().map(|name| safe_text(name)).collect();
            format!("the export does not show {}", few(&names))
        }
    }
}

fn why_in_doubt(stays: &StaysInDoubt, key: &Key, document: &Document) -> String {
    match stays {
        StaysInDoubt::Update => "it is an update, and sending it again is harmless".to_owned(),
        StaysInDoubt::Missing { deleted, unreadable } => {
            let sent = document.templates.get(key).and_then(Row::attempt);
            missing(sent, deleted.as_ref(), *unreadable)
        }
        StaysInDoubt::OtherTitle { id, title } => under_another_title(id, title),
        StaysInDoubt::Several { ids } => {
            format!("the export has several templates for it: {}", listed_ids(ids))
        }
        StaysInDoubt::Taken { id, owner } => format!(
            "the export has {} for it, and that id belongs to {}",
            safe_text(id.as_str()),
            safe_text(owner.as_str())
        ),
        StaysInDoubt::Deleted { id, at } => deleted_before(id, *at),
        StaysInDoubt::Shared { with } => format!(
            "{} is for the same course or learning path, so the export cannot tell which of the two it shows",
            safe_text(with.as_str())
        ),
        StaysInDoubt::Unreadable { seen_at } => unusable(seen_at),
        StaysInDoubt::Unseen { id, columns } => unseen(id, columns),
        StaysInDoubt::Untouched { id, at } => format!(
            "the export has {} for it, which was last changed at {at}, before the attempt",
            safe_text(id.as_str())
        ),
    }
}

/// Absence from an export proves nothing (vendor-api.md section 6.1).
fn missing(sent: Option<&Attempt>, deleted: Option<&SeenAt>, unreadable: usize) -> String {
    let at = sent.map_or_else(String::new, |attempt| format!(" of {}", attempt.at));
    let unread = match unreadable {
        0 => String::new(),
        1 => ", and 1 line of it cannot be read".to_owned(),
        lines => format!(", and {lines} lines of it cannot be read"),
    };
    let gone = deleted.map_or_else(String::new, |seen| {
        format!(". And {} shows one that was deleted; it may be another one", seen_at(seen))
    });
    format!(
        "the export does not show it, and that proves nothing: the export may be older than the attempt{at}{unread}{gone}"
    )
}

/// Advises to wait for the job: while it may be at work, what is missing may still come.
fn help_pending(key: &Key) -> Help {
    Help::none()
        .run("To ask for its job again", Advice::ApplyOnly { keys: vec![key.clone()] })
        .run("If that never ends", Advice::Recover { keys: vec![key.clone()] })
}

fn help_in_doubt(stays: &StaysInDoubt, key: &Key) -> Help {
    let settle = |how: Settling| Advice::Settle { key: Some(key.clone()), how };
    let created = |id: &TemplateId| settle(Settling::Created(Some(id.clone())));
    let look = "Look in the admin page";
    match stays {
        StaysInDoubt::Update => {
            Help::none().run("To send it again", Advice::ApplyOnly { keys: vec![key.clone()] })
        }
        StaysInDoubt::Missing { .. } => Help::none()
            .say("An export that shows it settles it: export again later.")
            .run(format!("{look}. Only if it is not there"), settle(Settling::NotCreated)),
        StaysInDoubt::OtherTitle { id, .. } => Help::none()
            .run(
                format!("{look}. Only if that is the one template for it, and was there before, first"),
                settle(Settling::NotCreated),
            )
            .run("and then adopt it", Advice::Import { key: key.clone(), id: Some(id.clone()) }),
        StaysInDoubt::Several { .. } => Help::none().run(
            "Delete all but the one that was sent in the admin page, then",
            settle(Settling::Created(None)),
        ),
        StaysInDoubt::Taken { owner, .. } => {
            Help::none().run("Look at that one", Advice::StateShow { key: Some(owner.clone()) })
        }
        StaysInDoubt::Deleted { .. } | StaysInDoubt::Shared { .. } | StaysInDoubt::Untouched { .. } => {
            Help::none().run(format!("{look}, and then"), Advice::Recover { keys: vec![key.clone()] })
        }
        StaysInDoubt::Unreadable { .. } => {
            Help::none().say("Put that right, and run this again with an export made since then.")
        }
        StaysInDoubt::Unseen { id, .. } => Help::none()
            .run(format!("Or {}. Only if that one is what was sent", look.to_lowercase()), created(id)),
    }
}
