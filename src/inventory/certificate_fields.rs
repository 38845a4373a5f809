//! The exported table `certificatefieldsblocks`: what people call the certificate fields (vendor-api.md section 6.1). Its exact
//! columns are not documented, so every likely name of a column is read.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::cell::{self, UnreadableCell};
use super::csv_file::{Expected, each_line, finding};
use super::line::ExportLine;
use super::pieces::CsvPieces;
use super::write::NamedField;
use crate::model::{CertificateField, Finding};

const WHICH: &str = "Expected is the vendor's reporting table certificatefieldsblocks as CSV, with a header line and the columns \
                     id, label and type";
const EXPECTED: Expected = Expected { table: "certificatefieldsblocks", columns: &["id"], which: WHICH };
/// Columns that may hold what people call a field, the best first.
const LABELS: [&str; 5] = ["label", "name", "title", "fieldlabel", "displayname"];
/// Columns that may hold what it prints.
const KINDS: [&str; 4] = ["type", "fieldtype", "blocktype", "kind"];

/// The certificate fields by id, and what cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldTable {
    /// The names of each field, by id.
    pub fields: BTreeMap<String, NamedField>,
    /// The findings about lines that cannot be read.
    pub findings: Vec<Finding>,
}

/// Reads the export of certificate fields. The error has findings about the whole file.
pub fn read_fields(file: &Path, source: impl Read) -> Result<FieldTable, Vec<Finding>> {
    let mut table = FieldTable::default();
    each_line(file, CsvPieces::of(source), &EXPECTED, |line| {
        table.line(line);
        // Its cells, and as much again for a finding or an entry.
        2 * (line.end - line.start)
    })?;
    Ok(table)
}

impl FieldTable {
    /// Whether the table has this field.
    pub fn names(&self, id: &str) -> bool {
        self.fields.contains_key(&id.to_ascii_lowercase())
    }

    /// These fields beside those that the configuration describes, which are described better.
    pub fn beside(&self, known: &BTreeMap<String, CertificateField>) -> BTreeMap<String, CertificateField> {
        let mut all = known.clone();
        for (id, NamedField { label, kind }) in &self.fields {
            let field = all.entry(id.clone()).or_default();
            field.name = field.name.take().or_else(|| label.clone());
            field.prints = field.prints.take().or_else(|| kind.clone());
        }
        all
    }

    fn line(&mut self, line: &ExportLine<'_>) {
        let mut find = |rule, message: String, help: &str| {
            self.findings.push(finding(line.place("id"), rule, message, Some(help)));
        };
        if let Some((message, help)) = line.what_is_cut() {
            return find("csv-line", message, help);
        }
        let id = match line.get("id").map(|text| cell::uuid("id", text)) {
            Some(Ok(id)) => id,
            Some(Err(UnreadableCell { message, help })) => return find("csv-cell", message, help),
            None => return find("csv-cell", "the id of this certificate field is missing".to_owned(), WHICH),
        };
        let first = |columns: &[&str]| columns.iter().find_map(|column| line.get(column)).map(str::to_owned);
        self.fields.insert(id, NamedField { label: first(&LABELS), kind: first(&KINDS) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn read(text: &str) -> FieldTable {
        read_fields(Path::new("fields.csv"), text.as_bytes()).unwrap()
    }

    #[test]
    fn likely_columns_are_read() {
        for header in ["id,label,type", "ID,Name,Field_Type", "id;title;kind"] {
            let separator = if header.contains(';') { ";" } else { "," };
            let row = [ID, "Learner name", "nameLabel"].join(separator);
            let field =
                NamedField { label: Some("Learner name".to_owned()), kind: Some("nameLabel".to_owned()) };
            assert_eq!(
                read(&format!("{header}\n{row}\n")).fields,
                BTreeMap::from([(ID.to_owned(), field)]),
                "{header}"
            );
        }
    }

    #[test]
    fn the_configuration_describes_fields_better() {
        let table = read(&format!("id,label,type\n{ID},Learner name,nameLabel\n"));
        let own = CertificateField { name: Some("learner".to_owned()), prints: None };
        let field = &table.beside(&BTreeMap::from([(ID.to_owned(), own)]))[ID];
        assert_eq!((field.name.as_deref(), field.prints.as_deref()), (Some("learner"), Some("nameLabel")));
        assert_eq!(table.beside(&BTreeMap::new())[ID].name.as_deref(), Some("Learner name"));
    }

    #[test]
    fn lines_without_an_id_are_named() {
        let table = read(&format!("id,label\n,a\nx,b\n{ID},c\n"));
        assert_eq!((table.fields.len(), table.findings.len()), (1, 2));
        assert!(read_fields(Path::new("fields.csv"), &b"label\na\n"[..]).is_err());
    }
}
