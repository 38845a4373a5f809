//! States and plans survive being written and read.

use certctl::apply::OutgoingRow;
use certctl::model::{Addressing, Digest};
use certctl::plan::{Plan, SavedPlanError};
use certctl::state::{
    Attempt, Attempts, Confirmed, Document, IdSource, Identity, Operation, Provenance, ResolutionKind,
    ResolutionRecord, Row, RowFailure, RowState, WriteId, Writes,
};
use proptest::prelude::*;

use crate::world::{any_parts, attributes, desired, key, now, owner, plan};

fn by(title: u8) -> Option<Provenance> {
    let run = (title > 1).then_some("https://ci.example/1");
    Provenance::of((title > 2).then_some("ann"), None, run)
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    (0..20_u8, 0..4_u8, any::<bool>(), any::<bool>()).prop_map(|(resource, title, create, ordered)| {
        let attributes = attributes(resource, title, None);
        Attempt {
            possibly_set_fields: std::iter::once("customCss".to_owned()).filter(|_| title > 1).collect(),
            at: now(),
            digest: attributes.digest(),
            attributes,
            batch: "3-1".to_owned(),
            candidate_ids: Vec::new(),
            operation: if create { Operation::Create } else { Operation::Update },
            job: None,
            requested_by_user: ordered,
            sent_by: Provenance::of(Some("ann"), create.then_some("0a1b2c"), None),
        }
    })
}

/// A row state with attempts that lead to it.
fn any_standing() -> impl Strategy<Value = (RowState, Attempts)> {
    let fault = || ".{0,12}".prop_map(|message| RowFailure { at: now(), message, record: None });
    let any = |count| prop::collection::vec(any_attempt(), count);
    let updates = || {
        let update = any_attempt().prop_map(|attempt| Attempt { operation: Operation::Update, ..attempt });
        prop::collection::vec(update, 0..3)
    };
    let waits =
        || ("[a-z]{1,4}", any_attempt()).prop_map(|(job, attempt)| Attempt { job: Some(job), ..attempt });
    let with = |mut earlier: Vec<Attempt>, newest: Attempt| {
        earlier.push(newest);
        Attempts::of(earlier)
    };
    let repeated = move |(error, attempt, waits)| {
        let create = Attempt { operation: Operation::Create, ..attempt };
        (RowState::InDoubt { error }, with(vec![create], waits))
    };
    prop_oneof![
        Just((RowState::Applied, Attempts::default())),
        (fault(), updates()).prop_map(|(error, all)| (RowState::Failed { error }, Attempts::of(all))),
        (updates(), waits()).prop_map(move |(earlier, newest)| (RowState::Pending, with(earlier, newest))),
        (fault(), any(1..4)).prop_map(|(error, all)| (RowState::InDoubt { error }, Attempts::of(all))),
        (fault(), any_attempt(), waits()).prop_map(repeated),
    ]
}

fn any_row() -> impl Strategy<Value = Row> {
    let known = prop::option::of((0..20_u8, 0..4_u8).prop_map(|(resource, title)| {
        let attributes = attributes(resource, title, Some(3));
        Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at: Some(now()),
            applied_by: by(title),
            seen_in: None,
        }
    }));
    let source = prop::sample::select(vec![IdSource::Exact, IdSource::Positional, IdSource::Imported]);
    let identity = prop::option::of(source.prop_map(|source| {
        let id = certctl::model::TemplateId::parse_uuid("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01").unwrap();
        Identity { id, source }
    }));
    let how = prop::sample::select(vec![
        ResolutionKind::Created,
        ResolutionKind::NotCreated,
        ResolutionKind::Resend,
        ResolutionKind::Deleted,
    ]);
    let settled = prop::collection::vec(
        how.prop_map(|how| ResolutionRecord { how, at: now(), id: None, natural_key: None }),
        0..3,
    );
    let write = prop::option::of(any_write());
    let name = prop::sample::select(vec!["customCss", "labels"]).prop_map(str::to_owned);
    let unknown = prop::collection::btree_set(name, 0..3);
    (known, identity, any::<bool>(), settled, any_standing(), unknown, write).prop_map(
        |(known, identity, protect, settled, (standing, attempts), unknown, write)| Row {
            joined_writes: Vec::new(),
            attempts,
            confirmed: known,
            identity,
            protect,
            resolutions: settled,
            state: standing,
            unknown,
            write,
        },
    )
}

fn any_write() -> impl Strategy<Value = WriteId> {
    any::<u128>().prop_map(|number| WriteId::new(uuid::Uuid::from_u128(number)))
}

pub(crate) fn any_document() -> impl Strategy<Value = Document> {
    let templates = prop::collection::btree_map((0..20_u8).prop_map(key), any_row(), 0..6);
    let writes = prop::collection::vec(any_write(), 0..3).prop_map(Writes::of);
    (templates, writes).prop_map(|(templates, writes)| Document {
        serial: 3,
        templates,
        writes,
        ..Document::empty(&owner(), "lineage".to_owned())
    })
}

proptest! {
    #[test]
    fn state_survives_byte_for_byte(document in any_document()) {
        let text = document.to_text().unwrap();
        let read: Document = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &document);
        prop_assert_eq!(read.to_text().unwrap(), text.clone());
        // A map of serde_json sorts its keys: the text stays the same only if it was sorted at every level.
        let sorted: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(format!("{sorted:#}\n"), text);
    }

    #[test]
    fn saved_plan_renders_and_applies_alike(document in any_document(), parts in any_parts(8), by_id: bool) {
        let addressing = if by_id { Addressing::Id } else { Addressing::Resource };
        let original = plan(&desired(&parts), Some(&document), addressing);
        let text = original.to_text().unwrap();
        let saved = Plan::from_text(&text).unwrap();
        prop_assert_eq!(&saved, &original);
        prop_assert_eq!(saved.to_text().unwrap(), text);
        prop_assert_eq!(OutgoingRow::of_plan(&saved), OutgoingRow::of_plan(&original));
        let style = certctl::report::Style::default();
        let commands = |advice: &certctl::model::Advice| format!("{advice:?}");
        let text = |plan: &Plan| {
            let view = certctl::view::PlanView::new(plan, Vec::new());
            certctl::report::terminal::plan(&view, style, &commands)
        };
        prop_assert_eq!(text(&saved), text(&original));
    }

    #[test]
    fn changed_plan_is_refused(parts in any_parts(8), at in any::<prop::sample::Index>()) {
        let text = plan(&desired(&parts), None, Addressing::Resource).to_text().unwrap();
        // Another digit anywhere: in a count, a title, an id, the digest itself.
        let digits: Vec<usize> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let position = *at.get(&digits);
        let digit = if text.as_bytes()[position] == b'7' { "8" } else { "7" };
        let changed = format!("{}{digit}{}", &text[..position], &text[position + 1..]);
        let refused = Plan::from_text(&changed);
        prop_assert!(
            matches!(refused, Err(SavedPlanError::Tampered | SavedPlanError::OtherFormat(_) | SavedPlanError::NotAPlan(_))),
            "{changed}"
        );
    }

    #[test]
    fn planning_order_does_not_matter(document in any_document(), parts in any_parts(8)) {
        let one = plan(&desired(&parts), Some(&document), Addressing::Resource).to_text().unwrap();
        let other = plan(&desired(&parts), Some(&document), Addressing::Resource).to_text().unwrap();
        prop_assert_eq!(Digest::of(one.as_bytes()), Digest::of(other.as_bytes()));
    }
}
