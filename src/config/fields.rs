//! Collects the names of certificate fields and what they print, for reports and drawings that would otherwise show
//! bare ids.

use std::collections::BTreeMap;

use super::{Variable, VariableValue};
use crate::model::CertificateField;

/// Returns the certificate fields that the configuration describes, by id in lower case.
///
/// Any variable that holds a UUID may be the id of a certificate field; which ones are is known only where labels use
/// them. `prints` is the table `[fields]` of certctl.toml, by variable name or by id.
pub fn certificate_fields(
    prints: &BTreeMap<String, String>,
    variables: &BTreeMap<String, Variable>,
) -> BTreeMap<String, CertificateField> {
    let mut fields: BTreeMap<String, CertificateField> = BTreeMap::new();
    for (name, variable) in variables {
        if let VariableValue::Text(value) = &variable.value
            && let Some(id) = id(value)
        {
            let field = fields.entry(id).or_default();
            field.name.get_or_insert_with(|| spoken(name));
            if let Some(prints) = prints.get(name) {
                field.prints.get_or_insert_with(|| prints.clone());
            }
        }
    }
    for (name, prints) in prints {
        if let Some(id) = id(name) {
            fields.entry(id).or_default().prints = Some(prints.clone());
        }
    }
    fields
}

/// Returns the id in lower case, or `None` if the text is not an id.
pub(super) fn id(text: &str) -> Option<String> {
    uuid::Uuid::try_parse(text).ok().map(|id| id.hyphenated().to_string())
}

/// Turns a variable's name into words: `field_learner_name` becomes "learner name".
fn spoken(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let words = words.trim();
    let short = words.strip_prefix("field ").or_else(|| words.strip_suffix(" field")).unwrap_or(words);
    short.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn fields_have_a_name_and_a_text() {
        let variables = BTreeMap::from([
            ("field_learner_name".to_owned(), Variable::flag(ID.to_uppercase())),
            ("cdn".to_owned(), Variable::flag("https://a.example")),
        ]);
        let fields = certificate_fields(&texts(&[("field_learner_name", "nameLabel")]), &variables);
        let expected =
            CertificateField { name: Some("learner name".to_owned()), prints: Some("nameLabel".to_owned()) };
        assert_eq!(fields, BTreeMap::from([(ID.to_owned(), expected)]));
    }

    #[test]
    fn fields_can_be_named_by_id() {
        let fields = certificate_fields(&texts(&[(ID, "Dr Marquardt")]), &BTreeMap::new());
        assert_eq!(fields[ID], CertificateField { name: None, prints: Some("Dr Marquardt".to_owned()) });
    }

    #[test]
    fn names_lose_the_word_field() {
        for (name, expected) in
            [("field_learner_name", "learner name"), ("award-field", "award"), ("field", "field"), ("_", "")]
        {
            assert_eq!(spoken(name), expected);
        }
    }
}
