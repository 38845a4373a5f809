//! The vendor's id of a template.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The vendor's id of one certificate template. The vendor documents a UUID. UUIDs compare without regard to case (RFC 9562
/// section 4), so they are kept in lower case. Any other text in an older state is kept and compared exactly; answers of
/// the server and input of people must have the documented form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct TemplateId(String);

impl TemplateId {
    /// An id from the server's answer. `None` for anything but a UUID in the documented form, and for the nil and max UUIDs
    /// (RFC 9562 sections 5.9 and 5.10).
    pub fn from_server(text: &str) -> Option<Self> {
        let uuid = uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == Self::LENGTH)?;
        (!is_placeholder(uuid)).then(|| Self(uuid.hyphenated().to_string()))
    }

    /// An id that a person typed: any form of a UUID except the nil and max UUIDs (RFC 9562 sections 5.9 and 5.10). The
    /// error names an example.
    pub fn parse_uuid(text: &str) -> Result<Self, String> {
        match uuid::Uuid::try_parse(text.trim()) {
            Ok(uuid) if !is_placeholder(uuid) => Ok(Self(uuid.hyphenated().to_string())),
            _ => Err(format!(
                "{text:?} is not a template id: expected a UUID such as 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"
            )),
        }
    }

    /// The length of a UUID in the documented form.
    const LENGTH: usize = 36;

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a UUID is nil or max, which no template has.
fn is_placeholder(uuid: uuid::Uuid) -> bool {
    uuid.is_nil() || uuid.is_max()
}

impl From<String> for TemplateId {
    /// Keeps the text; in lower case if it is a UUID in the documented form.
    fn from(text: String) -> Self {
        let is_uuid = text.len() == Self::LENGTH && uuid::Uuid::try_parse(&text).is_ok();
        Self(if is_uuid { text.to_ascii_lowercase() } else { text })
    }
}

impl From<TemplateId> for String {
    fn from(id: TemplateId) -> Self {
        id.0
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for TemplateId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TemplateId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[^\\s]{1,128}$", "description": "The vendor's id of the template: a UUID as documented." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    #[test]
    fn case_makes_no_difference() {
        let id = TemplateId::parse_uuid(LOWER).unwrap();
        for text in [LOWER.to_uppercase(), LOWER.replace('f', "F"), LOWER.to_owned()] {
            assert_eq!(TemplateId::from_server(&text).as_ref(), Some(&id), "{text}");
            assert_eq!(TemplateId::parse_uuid(&text).as_ref(), Ok(&id), "{text}");
            let read: TemplateId = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(read, id, "{text}");
        }
        assert_eq!(serde_json::json!(id), LOWER);
    }

    #[test]
    fn nil_and_max_are_rejected_when_typed() {
        for text in ["00000000-0000-0000-0000-000000000000", "{FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF}"] {
            assert!(TemplateId::parse_uuid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn other_ids_are_compared_exactly() {
        let simple = LOWER.replace('-', "").to_uppercase();
        for text in ["AbC", "42F", simple.as_str(), "8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F0G"] {
            let id = TemplateId::from(text.to_owned());
            assert_eq!(id.as_str(), text);
            assert_ne!(id, TemplateId::from(text.to_lowercase()));
            assert_eq!(TemplateId::from_server(text), None, "{text}");
        }
    }

    #[test]
    fn nil_and_max_are_rejected_from_server() {
        for digit in ["0", "f", "F"] {
            let text = LOWER.replace(|c: char| c != '-', digit);
            assert_eq!(TemplateId::from_server(&text), None, "{text}");
            assert!(TemplateId::parse_uuid(&text).unwrap_err().contains("is not a template id"), "{text}");
        }
    }
}
