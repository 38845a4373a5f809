//! Tests of what a saved plan may send, whoever wrote it and however the state changed since.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::desired::{Desired, Moved, Template, WrittenPlaces};
use crate::model::{Addressing, Attributes, Key, TemplateId};
use crate::plan::{Action, Inputs, Scope, Submission, build};

/// A change that a person makes to a plan.
type Change<'c> = &'c dyn Fn(&mut Plan);

const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
const OTHER_ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02";
const AT: &str = "2026-11-23T10:00:00Z";

fn identity() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "sandbox".to_owned() }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn attributes(resource: u8, title: &str) -> Attributes {
    let resource = format!("00000000-0000-4000-8000-{resource:012}");
    serde_json::from_value(json!({"resourceType": "course", "resourceId": resource, "title": title})).unwrap()
}

fn attempt(resource: u8, title: &str, operation: &str) -> Value {
    let attributes = attributes(resource, title);
    json!({"at": AT, "attributes": attributes, "batch": "2-1", "deed": operation, "digest": attributes.digest()})
}

fn applied(resource: u8, title: &str) -> Value {
    let attributes = attributes(resource, title);
    json!({"status": "applied", "attributes": attributes, "digest": attributes.digest(), "id": ID, "idSource": "exact"})
}

fn in_doubt(resource: u8) -> Value {
    let error = json!({"at": AT, "message": "the answer was lost"});
    json!({"status": "in_doubt", "error": error, "attempt": attempt(resource, "New", "create")})
}

fn pending(resource: u8) -> Value {
    json!({"status": "pending", "job": "J", "attempt": attempt(resource, "New", "create")})
}

fn refused() -> Value {
    json!({"status": "failed", "error": {"at": AT, "message": "no"}})
}

/// Returns the state with serial 7 that has `a` and these rows.
fn state(rows: &[(&str, Value)]) -> Document {
    let mut templates = json!({"a": applied(1, "A")});
    for (key, row) in rows {
        templates[key] = row.clone();
    }
    let state = json!({
        "format": "certctl.state/v1", "environment": "test", "url": "sandbox", "lineage": "L", "serial": 7,
        "templates": templates,
    });
    serde_json::from_value(state).unwrap()
}

fn desired(templates: &[(&str, Attributes)]) -> Desired {
    let template = |(name, attributes): &(&str, Attributes)| {
        let file = Arc::from(Path::new("a.yaml"));
        (
            key(name),
            Template {
                attributes: attributes.clone(),
                protect: false,
                written: WrittenPlaces::default(),
                canvas: None,
                file,
            },
        )
    };
    Desired::from_templates(templates.iter().map(template), Vec::new())
}

fn plan(desired: &Desired, state: &Document, addressing: Addressing) -> Plan {
    let (identity, scope) = (identity(), Scope::default());
    let state = Some(state);
    build(&Inputs { desired, state, identity: &identity, addressing, trust_upsert: false, scope: &scope })
        .unwrap()
}

/// Returns a plan that changes `a` and creates `b` for resource 2.
fn planned(state: &Document) -> Plan {
    let desired = desired(&[("a", attributes(1, "A2")), ("b", attributes(2, "New"))]);
    plan(&desired, state, Addressing::Resource)
}

/// Returns a plan as `apply` reads it.
fn saved(plan: &Plan) -> Plan {
    let summary = Plan::count(&plan.entries, plan.summary.unchanged);
    Plan::from_text(&Plan { summary, ..plan.clone() }.to_text().unwrap()).unwrap()
}

fn check(plan: &Plan, state: &Document) -> Result<(), String> {
    check_applicable(&saved(plan), &identity(), Some(state), false).map_err(|misfit| misfit.to_string())
}

/// Returns the plan after a change by hand, with the state's digest.
fn by_hand(plan: &Plan, state: &Document, change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = plan.clone();
    plan.base = Base::of(Some(state));
    change(&mut plan);
    plan
}

fn submission<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Submission {
    let entry = plan.entries.iter_mut().find(|entry| entry.key == key(name)).unwrap();
    match &mut entry.action {
        Action::Create(submission) | Action::Update(submission) => submission,
        other => panic!("{name} sends nothing: {other:?}"),
    }
}

#[test]
fn checkpointed_journal_changes_nothing() {
    let before = state(&[("b", refused())]);
    let plan = planned(&before);
    let after = Document { serial: 9, ..before };
    assert_eq!(check(&plan, &after), Ok(()));
    assert_eq!(plan.base.digest, after.templates_digest().ok());
}

#[test]
fn plan_of_another_branch_is_refused() {
    let plan = planned(&state(&[]));
    for (rows, why) in [
        (&[("b", in_doubt(2))][..], "In doubt now: b."),
        (&[("b", pending(2))], "Waiting for a job of the server now: b."),
        (&[("b", applied(2, "New"))], "As planned already: b."),
        (&[("b", applied(2, "Theirs"))], "Changed since: b."),
        (&[("z", applied(2, "New"))], "Held back now: b (z is for the same resource and audience)."),
        (&[("z", in_doubt(2))], "Held back now: b (z is for the same resource and audience)."),
        (&[("b", in_doubt(3))], "In doubt now: b"),
        (&[("a", applied(1, "Theirs"))], "Changed since: a."),
    ] {
        let there = state(rows);
        // As it is; without the state's digest; and with a digest corrected by hand.
        let mut older = plan.clone();
        older.base.digest = None;
        for (plan, says) in [
            (plan.clone(), "which also has the serial 7"),
            (older, "certctl did not write it"),
            (by_hand(&plan, &there, |_| {}), "does not fit the state"),
        ] {
            let refusal = check(&plan, &there).unwrap_err();
            assert!(refusal.contains(says) && refusal.contains(why), "{rows:?}: {refusal}");
        }
    }
    let elsewhere = state(&[("y", applied(5, "Y"))]);
    let refusal = check(&plan, &elsewhere).unwrap_err();
    assert!(refusal.contains("None of the plan's templates is known to have changed"), "{refusal}");
}

#[test]
fn rejected_create_may_be_sent() {
    for there in [state(&[]), state(&[("b", refused())])] {
        let mut plan = planned(&there);
        assert_eq!(check(&plan, &there), Ok(()));
        plan.base.digest = None;
        assert!(check(&plan, &there).unwrap_err().contains("(state.digest): certctl did not write it"));
    }
}

#[test]
fn older_plan_says_so_first() {
    let there = state(&[]);
    let mut older = planned(&there);
    older.base.digest = None;
    older.base.serial = 6;
    let refusal = check(&older, &there).unwrap_err();
    assert!(refusal.contains("from serial 6,") && refusal.contains("at serial 7 now"), "{refusal}");
}

#[test]
fn edits_by_hand_are_refused() {
    let there = state(&[("d", in_doubt(4)), ("p", pending(5))]);
    let plan = planned(&there);
    assert_eq!(check(&plan, &there), Ok(()));
    let id = |text: &str| Some(TemplateId::parse_uuid(text).unwrap());
    let changes: [(&str, Change<'_>); 9] = [
        ("Changed since: a.", &|plan| plan.entries[0].id = id(OTHER_ID)),
        ("Changed since: a.", &|plan| submission(plan, "a").before = Some(attributes(1, "Other"))),
        ("Changed since: a.", &|plan| submission(plan, "a").clear = vec!["title".to_owned()]),
        ("Changed since: a.", &|plan| submission(plan, "a").resend = true),
        ("Changed since: b.", &|plan| submission(plan, "b").before = Some(attributes(2, "Old"))),
        // Another course would be a second template on the server.
        ("Changed since: a.", &|plan| submission(plan, "a").after = attributes(6, "A")),
        ("Held back now: b (d is for", &|plan| submission(plan, "b").after = attributes(4, "New")),
        ("by resource and audience: b.", &|plan| submission(plan, "b").after = attributes(1, "New")),
        ("Changed since: p.", &|plan| {
            let pending = plan.entries.iter_mut().find(|entry| entry.key == key("p")).unwrap();
            let Action::Pending { job, .. } = &mut pending.action else { panic!() };
            "K".clone_into(job);
        }),
    ];
    for (why, change) in changes {
        let refusal = check(&by_hand(&plan, &there, change), &there).unwrap_err();
        assert!(refusal.contains(why), "{why} {refusal}");
    }
}

#[test]
fn no_row_is_sent_twice() {
    let there = state(&[]);
    let plan = planned(&there);
    for name in ["b", "c"] {
        let twice = by_hand(&plan, &there, |plan| {
            let mut entry = plan.entries[1].clone();
            entry.key = key(name);
            plan.entries.push(entry);
        });
        let refusal = check(&twice, &there).unwrap_err();
        assert!(refusal.contains(&format!("by resource and audience: {name}.")), "{refusal}");
    }
}

#[test]
fn frozen_rows_stay_frozen_after_edits() {
    let there = state(&[("b", in_doubt(2))]);
    let mut frozen = planned(&there);
    assert!(frozen.entries.iter().any(|entry| matches!(entry.action, Action::InDoubt { .. })));
    assert_eq!(check(&frozen, &there), Ok(()));
    let free = planned(&state(&[]));
    frozen.entries[1] = free.entries[1].clone();
    for resend in [false, true] {
        submission(&mut frozen, "b").resend = resend;
        let refusal = check(&frozen, &there).unwrap_err();
        assert!(refusal.contains("In doubt now: b"), "{refusal}");
    }
    // If the environment trusts the server, planning itself sends it.
    let trusted = check_applicable(&saved(&frozen), &identity(), Some(&there), true);
    assert_eq!(trusted, Ok(()));
}

#[test]
fn impossible_renames_are_refused() {
    let there = state(&[("b", applied(2, "B"))]);
    let mut wanted = desired(&[("a", attributes(1, "A")), ("c", attributes(2, "B2"))]);
    wanted.moved.push(Moved { from: key("b"), to: key("c") });
    let plan = plan(&wanted, &there, Addressing::Resource);
    assert_eq!(check(&plan, &there), Ok(()));
    let gone = state(&[]);
    assert!(check(&by_hand(&plan, &gone, |_| {}), &gone).unwrap_err().contains("Changed since: c"));
    let taken = state(&[("b", applied(2, "B")), ("c", applied(3, "C"))]);
    assert!(check(&by_hand(&plan, &taken, |_| {}), &taken).unwrap_err().contains("Changed since: c"));
}

#[test]
fn rename_of_a_rejected_create_fits() {
    let there = state(&[("b", refused()), ("z", applied(2, "Z"))]);
    let mut wanted = desired(&[("a", attributes(1, "A")), ("c", attributes(2, "C"))]);
    wanted.moved.push(Moved { from: key("b"), to: key("c") });
    let plan = plan(&wanted, &there, Addressing::Resource);
    assert!(
        plan.entries.iter().any(|entry| matches!(&entry.action, Action::Create(sent) if sent.held.is_some()))
    );
    assert_eq!(check(&plan, &there), Ok(()));
}

mod rows_by_hand {
    use super::*;

    const RESOURCE: &str = "00000000-0000-4000-8000-000000000002";

    /// Returns the plan with these members for `b`; null removes a member.
    fn sending(members: &Value, there: &Document) -> Plan {
        let mut after = json!({"resourceType": "course", "resourceId": RESOURCE, "title": "New"});
        after.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let after: Attributes = serde_json::from_value(after).unwrap();
        by_hand(&planned(there), there, |plan| submission(plan, "b").after = after)
    }

    #[test]
    fn follow_the_rules_of_template_files() {
        let there = state(&[]);
        let label = json!({"certificateFieldId": RESOURCE, "x": 1, "y": 1});
        for (members, why) in [
            (json!({"resourceType": "Course"}), "resourceType must be one of course, learningPath"),
            (json!({"resourceId": format!("{{{RESOURCE}}}")}), "resourceId must be an id"),
            (json!({"resourceId": format!("{RESOURCE} ")}), "resourceId must be an id"),
            (json!({"resourceId": null}), "resourceId must be a string"),
            (json!({"userCustomFieldSlug": "", "userCustomFieldValue": ""}), "userCustomFieldSlug is empty"),
            (
                json!({"userCustomFieldSlug": null, "userCustomFieldValue": ""}),
                "userCustomFieldValue is empty",
            ),
            (json!({"userCustomFieldSlug": "region"}), "userCustomFieldValue is required"),
            (json!({"expirationDays": 0}), "expirationDays must be at least 1"),
            (json!({"expirationDays": 1, "expirationDate": "2999-12-31"}), "expirationDays are both set"),
            (json!({"recertificationAutoReset": true}), "recertificationAutoReset is allowed only beside"),
            (json!({"labels": [label, label]}), "this certificate field has a label already"),
            (json!({"labels": [{"x": 1}]}), "certificateFieldId is required"),
            (json!({"labels": [{"certificateFieldId": RESOURCE, "z": 1}]}), "z"),
            (json!({"supplementalAssets": ["x"]}), "supplementalAssets must be an absolute address"),
            (json!({"id": ID}), "id is not allowed"),
        ] {
            let refusal = check(&sending(&members, &there), &there).unwrap_err();
            assert!(
                refusal.contains("Not as template files allow it: b (") && refusal.contains(why),
                "{members} {refusal}"
            );
        }
        for nothing in [json!({}), json!({"title": "New"})] {
            let after: Attributes = serde_json::from_value(nothing).unwrap();
            let plan = by_hand(&planned(&there), &there, |plan| submission(plan, "b").after = after);
            let refusal = check(&plan, &there).unwrap_err();
            assert!(refusal.contains("resourceId are required in the template b"), "{refusal}");
        }
        let fine = json!({"newVendorField": null, "other": {"id": 1}, "userCustomFieldSlug": "r", "userCustomFieldValue": "x"});
        assert_eq!(check(&sending(&fine, &there), &there), Ok(()));
    }

    #[test]
    fn are_counted_as_they_are() {
        let there = state(&[]);
        let text = planned(&there).to_text().unwrap();
        for (name, count) in [("create", 0), ("update", 7), ("orphan", 1), ("held", 1), ("replace", 1)] {
            let mut plan: Value = serde_json::from_str(&text).unwrap();
            plan["summary"][name] = json!(count);
            plan["digest"] = Value::Null;
            plan["digest"] = json!(crate::model::Digest::of(crate::model::canonical_json(&plan).as_bytes()));
            let error = Plan::from_text(&plan.to_string()).unwrap_err().to_string();
            assert!(error.contains("summary"), "{name} {error}");
        }
    }
}
