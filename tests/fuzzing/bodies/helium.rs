//! Answers of `/helium`: any bytes, or a list of certificates with arbitrary members.

use std::collections::BTreeSet;

use certctl::api::{read_certified, read_data};
use certctl::inventory::{AsOf, SeenCertificates, read_observer};
use certctl::model::{FieldType, TEMPLATE_FIELDS, Timestamp};
use serde_json::{Map, Value, json};

/// 2027-01-15 08:00:00 UTC.
const ASKED: i64 = 1_800_000_000;

pub(crate) fn helium(bytes: &[u8]) {
    if let Err(why) = read_certified(bytes) {
        assert!(!why.is_empty());
    }
    match read_data(bytes) {
        Ok(data) => {
            // Whatever was accepted has no duplicate member, so it is the same JSON for every reader.
            let all: Value =
                serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).unwrap();
            assert_eq!(all.get("data"), Some(&Value::Object(data.clone())));
            let items = data.get("UserCertificates").and_then(Value::as_array).cloned().unwrap_or_default();
            certificates(&items.into_iter().filter_map(|item| item.as_object().cloned()).collect::<Vec<_>>());
        }
        Err(why) => assert!(!why.is_empty()),
    }
    certificates(&composed(bytes));
}

/// Certificates whose members are taken from the bytes.
fn composed(bytes: &[u8]) -> Vec<Map<String, Value>> {
    bytes.chunks(24).take(6).map(certificate).collect()
}

fn certificate(bytes: &[u8]) -> Map<String, Value> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let id = |number: u8| json!(format!("2000000a-0000-4000-8000-{:012}", number % 4));
    let mut template = Map::new();
    for (at, field) in TEMPLATE_FIELDS.iter().enumerate() {
        let value = match byte(at + 4) {
            0..8 => continue,
            8..12 => json!(byte(at + 5)),
            12..16 => json!(String::from_utf8_lossy(bytes)),
            16..20 => json!([{ "x": 1 }]),
            // These exclude each other or belong together, so a valid template has few of them.
            _ if field.name.starts_with("recertification") || field.name == "expirationDate" => Value::Null,
            20..60 => Value::Null,
            other => valid(field.value, other, &id(byte(at))),
        };
        template.insert(field.name.to_owned(), value);
    }
    if byte(5) % 2 == 0 {
        template.insert("userCustomFieldSlug".to_owned(), Value::Null);
        template.insert("userCustomFieldValue".to_owned(), Value::Null);
    }
    template.insert("id".to_owned(), id(byte(0)));
    let issued_at = if byte(1) % 9 == 0 { "soon" } else { "2027-01-01T00:00:00.000Z" };
    let resource_type =
        ["course", "learningPath", "course", "course", "bundle", ""][usize::from(byte(2) % 6)];
    let members = json!({
        "id": format!("c-{}", byte(3)), "resourceType": resource_type, "resourceId": id(byte(1)), "issuedAt": issued_at,
        "deleted": byte(2) % 9 == 0, "isExternal": false, "certificateTemplate": template,
    });
    members.as_object().unwrap().clone()
}

/// A value that a field may hold.
fn valid(kind: FieldType, byte: u8, id: &Value) -> Value {
    match kind {
        FieldType::Text => json!(format!("text {}", byte % 3)),
        FieldType::Slug => json!("slug"),
        FieldType::Uuid => id.clone(),
        FieldType::Url => json!("https://a.example/b.png"),
        FieldType::UrlList => json!(["https://a.example/b.png"]),
        FieldType::Colour => json!("#000000"),
        FieldType::Date => json!("2028-12-31"),
        FieldType::Integer(_) => json!(byte),
        FieldType::Boolean => json!(byte.is_multiple_of(2)),
        FieldType::OneOf(words) => json!(words[usize::from(byte) % words.len()]),
        FieldType::Labels => {
            json!([{ "certificateFieldId": id, "x": byte, "y": 2, "fontSize": 12, "fontColor": "#000000",
            "textAlign": "left" }])
        }
    }
}

/// Reads certificates; what follows must hold for every answer.
fn certificates(certificates: &[Map<String, Value>]) {
    let names = TEMPLATE_FIELDS.iter().map(|field| field.name);
    let whole: BTreeSet<&'static str> = names.filter(|name| !name.starts_with("resource")).collect();
    let read = |shows_now| {
        read_observer(&SeenCertificates {
            host: "academy.example.com",
            certificates,
            whole: &whole,
            changed: &[],
            nameless: 0,
            refused: None,
            shows_now,
            asked_at: Timestamp::from_unix_seconds(ASKED),
        })
    };
    let (unknown, now) = (read(false), read(true));
    assert_eq!(read(false), unknown);
    let ids: BTreeSet<_> = unknown.observation.templates.iter().map(|template| &template.id).collect();
    assert_eq!(ids.len(), unknown.observation.templates.len(), "one observation for each template");
    for (unknown, now) in unknown.observation.templates.iter().zip(&now.observation.templates) {
        assert!(matches!(unknown.as_of, AsOf::Issue(_)), "contents do not count until that is known");
        assert_eq!(unknown.values, now.values);
        assert!(!unknown.natural_key.resource_id.is_empty() && !unknown.natural_key.resource_type.is_empty());
    }
    assert!(unknown.observation.unreadable.is_empty() || !unknown.observation.findings.is_empty());
    // The order of an answer decides nothing.
    let mut turned = certificates.to_vec();
    turned.reverse();
    let turned = read_observer(&SeenCertificates {
        host: "academy.example.com",
        certificates: &turned,
        whole: &whole,
        changed: &[],
        nameless: 0,
        refused: None,
        shows_now: true,
        asked_at: Timestamp::from_unix_seconds(ASKED),
    });
    let values = |read: &certctl::inventory::ReadCertificates| -> Vec<_> {
        let mut all: Vec<_> =
            read.observation.templates.iter().map(|one| (one.id.clone(), one.natural_key.clone())).collect();
        all.sort();
        all
    };
    assert_eq!(values(&turned), values(&now));
}
