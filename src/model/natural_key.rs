//! The vendor's own identity of a template. `plan` finds duplicates by it, `state` and `export` match rows by it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Attributes;

/// (resourceType, resourceId, userCustomFieldSlug, userCustomFieldValue): most likely what the vendor distinguishes
/// templates by (vendor-api.md section 3).
///
/// One resource and audience is one natural key, however it is spelled: `resource_id` is kept in lower case and in the
/// documented form, because UUIDs compare without regard to case (RFC 9562 section 4), and an empty audience counts as
/// absent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NaturalKey {
    /// `course` or `learningPath`.
    pub resource_type: String,
    /// The course's or learning path's id, in lower case.
    pub resource_id: String,
    /// The user field that defines the audience; `None` for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_custom_field_slug: Option<String>,
    /// The value of that field; `None` for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_custom_field_value: Option<String>,
}

impl NaturalKey {
    /// The attributes of the natural key, in order.
    pub const FIELDS: [&'static str; 4] =
        ["resourceType", "resourceId", "userCustomFieldSlug", "userCustomFieldValue"];

    /// The natural key of these attributes. A missing resource type or id counts as empty, so that two incomplete templates
    /// can be compared but never match a complete one.
    pub fn of(attributes: &Attributes) -> Self {
        let text = |name| attributes.text(name).filter(|text| !text.trim().is_empty());
        Self {
            resource_type: resource_type(text(Self::FIELDS[0]).unwrap_or_default().trim()),
            resource_id: resource_id(text(Self::FIELDS[1]).unwrap_or_default().trim()),
            user_custom_field_slug: text(Self::FIELDS[2]).map(str::to_owned),
            user_custom_field_value: text(Self::FIELDS[3]).map(str::to_owned),
        }
    }
}

fn resource_type(text: &str) -> String {
    let known = ["course", "learningPath"].into_iter().find(|known| known.eq_ignore_ascii_case(text));
    known.unwrap_or(text).to_owned()
}

fn resource_id(text: &str) -> String {
    let hyphenated = |uuid: uuid::Uuid| {
        let mut text = uuid::Uuid::encode_buffer();
        uuid.hyphenated().encode_lower(&mut text).to_owned()
    };
    uuid::Uuid::try_parse(text).map_or_else(|_| text.to_lowercase(), hyphenated)
}

impl fmt::Display for NaturalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.resource_type, self.resource_id)?;
        match (&self.user_custom_field_slug, &self.user_custom_field_value) {
            (None, None) => Ok(()),
            (slug, value) => write!(
                f,
                " for {} = {}",
                slug.as_deref().unwrap_or("(no field)"),
                value.as_deref().unwrap_or("(no value)")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn uuids_compare_without_case() {
        let of = |value| NaturalKey::of(&serde_json::from_value(value).unwrap());
        let lower =
            of(json!({"resourceType": "course", "resourceId": "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"}));
        let upper =
            of(json!({"resourceType": "course", "resourceId": "8F14E45F-CEEA-467F-A0E6-6B2D6A6F6F01"}));
        assert_eq!(lower, upper);
        assert_eq!(lower.to_string(), "course 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01");
    }

    #[test]
    fn every_spelling_is_one_natural_key() {
        let of = |value| NaturalKey::of(&serde_json::from_value(value).unwrap());
        let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
        let everyone = of(json!({"resourceType": "course", "resourceId": id}));
        for (kind, resource) in [
            ("Course", id.to_owned()),
            (" course", format!("{id} ")),
            ("course", format!("{{{id}}}")),
            ("course", id.replace('-', "")),
            ("COURSE", format!("urn:uuid:{id}")),
        ] {
            for audience in [json!(null), json!(""), json!(" ")] {
                let written = json!({"resourceType": kind, "resourceId": resource,
                    "userCustomFieldSlug": audience, "userCustomFieldValue": ""});
                assert_eq!(of(written.clone()), everyone, "{written}");
            }
        }
        let path = of(json!({"resourceType": "learningpath", "resourceId": id}));
        assert_eq!(path.resource_type, "learningPath");
        let other = of(
            json!({"resourceType": "course", "resourceId": id, "userCustomFieldSlug": "r", "userCustomFieldValue": "X"}),
        );
        assert_ne!(other, everyone);
        assert_eq!(other.user_custom_field_value.as_deref(), Some("X"));
    }
}
