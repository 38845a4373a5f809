//! What certificate fields are called and print: for reports and drawings, which would show bare ids without it.

use std::collections::BTreeMap;

use super::{Variable, VariableValue};
use crate::model::CertificateField;

/// The certificate fields that the configuration tells something of, by their id in lower case.
///
/// Any variable that holds a UUID may hold a certificate field's: which of them do is known where labels use them.
/// `prints` is the table `[fields]` of certctl.toml, by the name of a variable or by the id itself.
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

/// An id in lower case, if the text is one.
pub(super) fn id(text: &str) -> Option<String> {
    uuid::Uuid::try_parse(text).ok().map(|id| id.hyphenated().to_string())
}

/// A variable's name as people would say it: `field_learner_name` is the learner name.
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
    fn a_field_has_its_variables_name_and_what_the_table_says_of_it() {
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
    fn a_field_can_be_named_by_its_id() {
        let fields = certificate_fields(&texts(&[(ID, "Dr Marquardt")]), &BTreeMap::new());
        assert_eq!(fields[ID], CertificateField { name: None, prints: Some("Dr Marquardt".to_owned()) });
    }

    #[test]
    fn a_name_loses_what_says_no_more_than_that_it_is_a_field() {
        for (name, expected) in
            [("field_learner_name", "learner name"), ("award-field", "award"), ("field", "field"), ("_", "")]
        {
            assert_eq!(spoken(name), expected);
        }
    }
}
