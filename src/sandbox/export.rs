//! The store as the vendor's reporting product would export it: CSV, one file for each table (vendor-api.md section 6.1).

use std::io;
use std::path::Path;

use serde_json::Value;

use super::store::{StoredTemplate, TemplateStore};
use super::stored_field::{certificate_fields, labels_of, short};
use super::{check, label};
use crate::model::Timestamp;

/// The date of a template or a certificate that never expires.
const NO_DATE: &str = "9999-12-01 00:00:00.000000";

/// The columns of every table.
const COMMON: [&str; 4] = ["createdat", "updatedat", "statusgroup", "statusgroupupdatedat"];

/// The tables of a store's file, each with its name.
pub fn export(store: &Path) -> io::Result<Vec<(&'static str, String)>> {
    if !store.exists() {
        let why = format!("there is no sandbox data at {}", store.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, why));
    }
    let store = TemplateStore::open(Some(store))?;
    Ok(vec![
        ("certificatetemplates.csv", templates(&store)?),
        ("certificatetemplatelabels.csv", labels(&store)?),
        ("certificatefieldsblocks.csv", fields(&store)?),
        ("certificates.csv", certificates(&store)?),
    ])
}

/// A table as text.
struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn with(columns: impl IntoIterator<Item = String>) -> io::Result<Self> {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        let common = COMMON.iter().map(ToString::to_string);
        table.0.write_record(columns.into_iter().chain(common))?;
        Ok(table)
    }

    fn row(
        &mut self,
        cells: impl IntoIterator<Item = String>,
        created: &str,
        updated: &str,
    ) -> io::Result<()> {
        let (created, updated) = (moment(created), moment(updated));
        let common = [created.clone(), updated, "a".to_owned(), created];
        Ok(self.0.write_record(cells.into_iter().chain(common))?)
    }

    fn text(self) -> io::Result<String> {
        let bytes = self.0.into_inner().map_err(csv::IntoInnerError::into_error)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

fn templates(store: &TemplateStore) -> io::Result<String> {
    let own = ["id".to_owned()];
    let mut table = Table::with(own.into_iter().chain(check::names().map(str::to_lowercase)))?;
    for template in store.templates() {
        let cells = check::names().map(|name| cell(name, template.attributes.get(name)));
        table.row(
            [template.id.clone()].into_iter().chain(cells),
            &template.created_at,
            updated_at(template),
        )?;
    }
    table.text()
}

fn labels(store: &TemplateStore) -> io::Result<String> {
    let own = ["certificatetemplateid", "certificatefieldshortid", "shortid"].map(str::to_owned);
    let mut table = Table::with(own.into_iter().chain(label::names().map(str::to_lowercase)))?;
    for template in store.templates() {
        for (number, label) in labels_of(template).enumerate() {
            let field = label.get("certificateFieldId").and_then(Value::as_str).unwrap_or_default();
            let own = [template.id.clone(), short(field), format!("{}-{number}", short(&template.id))];
            let cells = own.into_iter().chain(label::names().map(|name| cell(name, label.get(name))));
            table.row(cells, &template.created_at, updated_at(template))?;
        }
    }
    table.text()
}

fn fields(store: &TemplateStore) -> io::Result<String> {
    let mut table = Table::with(["id", "label", "type"].map(str::to_owned))?;
    for field in certificate_fields(store) {
        table.row([field.id, field.label, field.kind], "", "")?;
    }
    table.text()
}

fn certificates(store: &TemplateStore) -> io::Result<String> {
    let columns =
        ["id", "userid", "certificatetemplateid", "resourcetype", "resourceid", "issuedat", "expirationdate"];
    let mut table = Table::with(columns.map(str::to_owned))?;
    for held in store.certificates() {
        let cells = [
            held.certificate_id.clone(),
            held.user_id.clone(),
            held.template_id.clone(),
            cell("resourceType", held.shown.get("resourceType")),
            cell("resourceId", held.shown.get("resourceId")),
            moment(&held.issued_at),
            held.expiration_date.as_deref().map_or_else(|| NO_DATE.to_owned(), moment),
        ];
        table.row(cells, &held.issued_at, &held.issued_at)?;
    }
    table.text()
}

/// When a template was changed last; an early store does not know it.
fn updated_at(template: &StoredTemplate) -> &str {
    if template.updated_at.is_empty() { &template.created_at } else { &template.updated_at }
}

fn cell(name: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) if name == "expirationDate" => NO_DATE.to_owned(),
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if name == "expirationDate" => moment(text),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(value)) => if *value { "t" } else { "f" }.to_owned(),
        Some(other) => other.to_string(),
    }
}

/// A moment as the product writes it: in UTC, without a zone.
fn moment(text: &str) -> String {
    match Timestamp::parse(text) {
        Some(moment) => {
            let plain = moment.to_string().replace('T', " ");
            format!("{}.000000", plain.trim_end_matches('Z'))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_no_zone() {
        assert_eq!(moment("2027-12-31"), "2027-12-31 00:00:00.000000");
        assert_eq!(moment("2027-12-31T10:00:00.123Z"), "2027-12-31 10:00:00.000000");
        assert_eq!(moment(""), "");
    }
}
