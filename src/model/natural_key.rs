//! What a template is for: the identity that the vendor knows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Attributes;

/// (resourceType, resourceId, userCustomFieldSlug, userCustomFieldValue): by what the vendor is best understood
/// to tell one template from another (vendor-api.md section 3).
///
/// UUIDs compare without regard to case (RFC 9562 section 4), so `resource_id` is kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NaturalKey {
    /// `course` or `learningPath`.
    pub resource_type: String,
    /// The course's or learning path's id, in lower case.
    pub resource_id: String,
    /// The audience's field, where the template is for an audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_custom_field_slug: Option<String>,
    /// The audience's value in that field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_custom_field_value: Option<String>,
}

impl NaturalKey {
    /// The attributes that make up the natural key, in its order.
    pub const FIELDS: [&'static str; 4] =
        ["resourceType", "resourceId", "userCustomFieldSlug", "userCustomFieldValue"];

    /// The natural key of these attributes. A missing resource type or id counts as empty, so that two broken
    /// templates are still compared and never mistaken for one that is whole.
    pub fn of(attributes: &Attributes) -> Self {
        let text = |name| attributes.text(name).map(str::to_owned);
        Self {
            resource_type: text(Self::FIELDS[0]).unwrap_or_default(),
            resource_id: text(Self::FIELDS[1]).unwrap_or_default().to_lowercase(),
            user_custom_field_slug: text(Self::FIELDS[2]),
            user_custom_field_value: text(Self::FIELDS[3]),
        }
    }
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
}
