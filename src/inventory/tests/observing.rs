//! Certificates of the observer, read as an observation.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::super::contents::{ExportContents, compare};
use super::*;
use crate::model::TEMPLATE_FIELDS;

const LATE: i64 = SENT + 7200;

/// A certificate of a template for everybody.
fn certificate(number: u8, template: &str, title: &str) -> Value {
    json!({
        "id": format!("certificate-{number}"), "resourceType": "course", "resourceId": COURSE,
        "issuedAt": format!("2027-01-1{number}T08:00:00.000Z"), "deleted": false, "isExternal": false,
        "certificateTemplate": {
            "id": template, "title": title, "userCustomFieldSlug": null, "userCustomFieldValue": null,
        },
    })
}

/// The properties that these certificates show of every template.
fn names() -> BTreeSet<&'static str> {
    ["id", "title", "userCustomFieldSlug", "userCustomFieldValue"].into()
}

fn read_of(certificates: &[Value], shows_now: bool, whole: &BTreeSet<&'static str>) -> ReadCertificates {
    let members = |certificate: &Value| certificate.as_object().cloned().unwrap_or_default();
    read_observer(&SeenCertificates {
        host: "academy.example.com",
        certificates: &certificates.iter().map(members).collect::<Vec<Map<String, Value>>>(),
        whole,
        changed: &["certificate-9".to_owned()],
        nameless: 0,
        refused: None,
        shows_now,
        asked_at: Timestamp::from_unix_seconds(LATE),
    })
}

fn seen(certificates: &[Value]) -> ReadCertificates {
    read_of(certificates, false, &names())
}

/// The certificate with another value.
fn with(mut certificate: Value, pointer: &str, value: Value) -> Value {
    *certificate.pointer_mut(pointer).unwrap() = value;
    certificate
}

#[test]
fn the_certificate_says_the_resource() {
    let read = seen(&[certificate(1, A, "Cloud")]);
    let [template] = &read.observation.templates[..] else { panic!("{read:?}") };
    assert_eq!((template.id.as_str(), template.natural_key.resource_id.as_str()), (A, COURSE));
    assert_eq!(template.title(), Some("Cloud"));
    assert!(template.shows_audience);
    assert!(matches!(template.as_of, AsOf::Issue(_)));
    assert_eq!(wrong(&read.observation), [""; 0]);
    let now = read_of(&[certificate(1, A, "Cloud")], true, &names());
    assert_eq!(now.observation.templates[0].as_of, AsOf::Time(Timestamp::from_unix_seconds(LATE)));
}

#[test]
fn some_certificates_show_nothing() {
    for nothing in [
        with(certificate(1, A, "x"), "/deleted", json!(true)),
        with(certificate(1, A, "x"), "/isExternal", json!(true)),
        with(certificate(1, A, "x"), "/certificateTemplate", json!(null)),
    ] {
        let read = seen(std::slice::from_ref(&nothing));
        assert!(read.observation.templates.is_empty() && read.observation.findings.is_empty(), "{nothing}");
    }
    let bundle = seen(&[with(certificate(1, A, "x"), "/resourceType", json!("bundle"))]);
    assert_eq!((bundle.observation.foreign.len(), bundle.observation.findings.len()), (1, 0));
}

#[test]
fn what_was_not_asked_is_not_empty() {
    for name in ["deleted", "isExternal", "resourceType", "resourceId", "certificateTemplate"] {
        let mut unread = certificate(1, A, "x");
        unread.as_object_mut().unwrap().remove(name);
        let read = seen(&[unread, certificate(2, B, "y")]);
        let observation = &read.observation;
        assert_eq!((observation.templates.len(), observation.unreadable.len()), (1, 1), "{name}");
        assert!(observation.not_read.is_some() && observation.findings.len() == 1, "{name}: {observation:?}");
        let mut doubtful = in_doubt("y", None);
        doubtful.identity = None;
        let results = settlements(observation, &document([("a", doubtful)]), &[&key("a")]);
        assert!(
            matches!(results[0].1, InventoryFinding::StaysInDoubt(StaysInDoubt::Unreadable { .. })),
            "{name}: what was not read may be a second template: {results:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_is_a_finding() {
    for (pointer, value, words) in [
        ("/resourceId", json!("7"), "resourceId"),
        ("/resourceType", json!(null), "resourceType"),
        ("/issuedAt", json!("soon"), "issuedAt"),
        ("/issuedAt", json!("2027-02-15T08:00:00Z"), "in the future"),
        ("/id", json!("certificate-9"), "changed while it was read"),
        ("/certificateTemplate", json!(7), "not an object"),
        ("/certificateTemplate/id", json!(null), "no id"),
        ("/certificateTemplate/id", json!("7"), "7"),
        ("/certificateTemplate/title", json!(7), "title is not a text"),
        ("/certificateTemplate/userCustomFieldSlug", json!("team"), "an audience needs both"),
    ] {
        let read = seen(&[with(certificate(1, A, "x"), pointer, value.clone())]);
        let observation = &read.observation;
        assert_eq!((observation.templates.len(), observation.unreadable.len()), (0, 1), "{pointer} {value}");
        let place = observation.unreadable[0].seen_at.to_string();
        assert_eq!(place.contains("issued at"), pointer != "/issuedAt" || value != "soon", "{place}");
        assert!(
            observation.findings.iter().any(|finding| finding.message.contains(words)),
            "{observation:?}"
        );
    }
}

#[test]
fn refused_templates_are_findings() {
    let mut whole = names();
    whole.insert("labels");
    let label = json!({ "certificateFieldId": B, "x": -5, "y": 1, "fontSize": 12, "fontColor": "#000000", "textAlign": "left" });
    let mut refused = certificate(1, A, "x");
    refused["certificateTemplate"]["labels"] = json!([label]);
    let read = read_of(&[refused.clone()], true, &whole);
    assert_eq!(read.observation.unreadable.len(), 1, "{read:?}");
    refused["certificateTemplate"]["labels"][0]["x"] = json!(5);
    assert_eq!(read_of(&[refused], true, &whole).observation.templates.len(), 1);
}

#[test]
fn labels_read_in_part_are_not_seen() {
    let mut partial = certificate(1, A, "x");
    partial["certificateTemplate"]["labels"] = json!([{ "certificateFieldId": B, "x": 1 }]);
    let read = read_of(&[partial], true, &names());
    assert!(!read.observation.sees(&read.observation.templates[0], "labels"));
}

#[test]
fn two_certificates_of_one_template_are_one_observation() {
    let same = seen(&[certificate(2, A, "x"), certificate(1, A, "x")]);
    assert_eq!((same.observation.templates.len(), same.differing.len()), (1, 0));
    let differing = read_of(&[certificate(1, A, "old"), certificate(2, A, "new")], true, &names());
    let [template] = &differing.observation.templates[..] else { panic!("{differing:?}") };
    assert_eq!((template.title(), differing.differing.len()), (Some("new"), 1));
    assert!(matches!(template.as_of, AsOf::Issue(_)), "they do not show it as it is");
}

#[test]
fn contradictions_settle_nothing() {
    let other_course = "00000000-0000-4000-8000-000000000002";
    let elsewhere = with(certificate(2, A, "x"), "/resourceId", json!(other_course));
    let read = seen(&[certificate(1, A, "x"), elsewhere]);
    assert_eq!((read.observation.templates.len(), read.observation.unreadable.len()), (0, 2), "{read:?}");
    let itself = seen(&[certificate(1, A, "x"), certificate(1, A, "y")]);
    assert_eq!(
        (itself.observation.templates.len(), itself.observation.unreadable.len()),
        (0, 1),
        "{itself:?}"
    );
    let twice = seen(&[certificate(1, A, "x"), certificate(2, B, "x")]);
    assert_eq!((twice.observation.templates.len(), twice.observation.findings.len()), (2, 1), "{twice:?}");
    let document = document([("a", in_doubt("x", None))]);
    let results = settlements(&twice.observation, &document, &[&key("a")]);
    assert!(
        matches!(results[0].1, InventoryFinding::StaysInDoubt(StaysInDoubt::Several { .. })),
        "{results:?}"
    );
}

#[test]
fn ids_settle_and_contents_only_when_known() {
    let document = document([("a", in_doubt("Cloud", None))]);
    let settled = |shows_now| {
        let read = read_of(&[certificate(1, A, "Cloud")], shows_now, &names());
        settlements(&read.observation, &document, &[&key("a")]).remove(0).1
    };
    let issued_at = Timestamp::parse("2027-01-11T08:00:00Z").unwrap();
    assert_eq!(settled(false), exists(Unsure::Stale(StaleContents::AtIssue(issued_at))));
    assert_eq!(settled(true), created());
}

fn text() -> impl Strategy<Value = String> {
    "[a-zé\"${ ]{0,6}[a-z]"
}

prop_compose! {
    /// Valid attributes of a template of [`COURSE`].
    fn any_attributes()(
        title in text(),
        asset in prop::option::of("https://cdn\\.example\\.com/[a-z]{1,4}\\.png"),
        days in prop::option::of(1..999_i64),
        css in prop::option::of("[a-z {}\n]{1,9}[a-z]"),
        labels in prop::collection::btree_map(0..6_u8, (0..900_i64, 5..90_i64), 0..4),
        auto_reset in prop::option::of(any::<bool>()),
    ) -> Attributes {
        let label = |(field, (x, size)): (u8, (i64, i64))| json!({
            "certificateFieldId": format!("2000000a-0000-4000-8000-{field:012}"), "x": x, "y": 1, "fontSize": size,
            "fontColor": "#1a2B3c", "textAlign": "center",
        });
        let mut members = json!({ "title": title, "resourceType": "course", "resourceId": COURSE });
        let mut put = |name: &str, value: Option<Value>| if let Some(value) = value { members[name] = value };
        put("asset", asset.map(Value::from));
        put("expirationDays", days.map(Value::from));
        put("customCss", css.map(Value::from));
        put("recertificationAction", auto_reset.map(|_| json!("resetProgress")));
        put("recertificationAutoReset", auto_reset.map(Value::from));
        put("labels", (!labels.is_empty()).then(|| labels.into_iter().map(label).collect()));
        serde_json::from_value(members).unwrap()
    }
}

/// How a server shows a template: every property, null where it is empty.
fn shown(template: &str, attributes: &Attributes) -> Value {
    let property = |name: &str| attributes.get(name).cloned().unwrap_or(Value::Null);
    let fields = TEMPLATE_FIELDS.iter().filter(|field| !field.name.starts_with("resource"));
    let mut members: BTreeMap<String, Value> =
        fields.map(|field| (field.name.to_owned(), property(field.name))).collect();
    members.insert("id".to_owned(), json!(template));
    json!(members)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// What a server shows is read as what was sent.
    #[test]
    fn shown_templates_are_equal_to_what_was_sent(attributes in any_attributes()) {
        let whole: BTreeSet<&'static str> = TEMPLATE_FIELDS.iter().map(|field| field.name).collect();
        let certificate = with(certificate(1, A, "x"), "/certificateTemplate", shown(A, &attributes));
        let read = read_of(&[certificate], true, &whole);
        prop_assert_eq!(wrong(&read.observation), [""; 0]);
        let [template] = &read.observation.templates[..] else { panic!("{read:?}") };
        prop_assert_eq!(compare(&read.observation, template, &attributes), ExportContents::Same);
    }

    /// However many certificates there are, and in which order: one observation for each template, of a certificate
    /// that shows it.
    #[test]
    fn each_template_is_observed_once(
        certificates in prop::collection::vec((1..6_u8, 0..3_usize, 0..3_u8, any::<bool>()), 0..8),
    ) {
        let ids = [A, B, C];
        let certificates: Vec<Value> = certificates
            .iter()
            .map(|(number, template, course, deleted)| {
                let course = json!(format!("00000000-0000-4000-8000-{course:012}"));
                let certificate = with(certificate(*number, ids[*template], "x"), "/resourceId", course);
                with(certificate, "/deleted", json!(deleted))
            })
            .collect();
        let read = seen(&certificates);
        let mut observed = BTreeSet::new();
        for template in &read.observation.templates {
            prop_assert!(observed.insert(template.id.clone()));
            let is_it = |certificate: &&Value| {
                certificate["deleted"] == false
                    && certificate["certificateTemplate"]["id"] == template.id.as_str()
                    && certificate["resourceId"] == template.natural_key.resource_id.as_str()
            };
            prop_assert!(certificates.iter().any(|certificate| is_it(&certificate)));
            let elsewhere = |certificate: &&Value| {
                certificate["deleted"] == false
                    && certificate["certificateTemplate"]["id"] == template.id.as_str()
                    && certificate["resourceId"] != template.natural_key.resource_id.as_str()
            };
            prop_assert!(!certificates.iter().any(|certificate| elsewhere(&certificate)), "a contradiction was taken");
        }
    }
}

/// Its contents are older than that, and were there again from then on.
#[test]
fn restored_templates_count_since_then() {
    let head = "id,resourcetype,resourceid,title,updatedat,statusgroup,statusgroupupdatedat";
    let as_of = |updated: &str, restored: &str| {
        table(&format!("{head}\n{A},course,{COURSE},Cloud,{updated},a,{restored}\n")).templates[0].as_of
    };
    let at = |seconds| AsOf::Time(Timestamp::from_unix_seconds(SENT + seconds));
    assert_eq!(as_of("2027-01-15 08:00:00", "2027-01-15 08:00:10"), at(10));
    assert_eq!(as_of("2027-01-15 08:00:00", "2027-01-15 07:00:00"), at(0));
    assert_eq!(as_of("2027-01-15 08:00:00", ""), at(0));
    assert_eq!(as_of("", "2027-01-15 08:00:00"), AsOf::Unknown);
}
