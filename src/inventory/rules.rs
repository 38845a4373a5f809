//! The rules for exports of the reporting product and for certificates of the observer. `certctl explain` and docs/findings.md
//! show them; a rule keeps its id for good.

/// Every rule for what shows the server: its id, and what it requires.
pub const RULES: [(&str, &str); 13] = [
    ("certificate", "a certificate of the observer can be read, and says what a template can have"),
    (
        "csv-cell",
        "a cell holds what its column holds: an id, a number, a time, or a word that the vendor writes",
    ),
    ("csv-encoding", "an export is a CSV file in UTF-8, not a spreadsheet or an archive"),
    (
        "csv-extra",
        "a column that is to be kept under `extra` exists, and its field is one that certctl does not know",
    ),
    ("csv-field", "the certificate field of a label is in the table certificatefieldsblocks"),
    ("csv-header", "the first line has every required column, and each column once"),
    ("csv-id", "an id belongs to one template"),
    ("csv-label", "the template of a label is in the export of templates"),
    ("csv-line", "a line has as many cells as the first one, and the file ends with a whole line"),
    ("csv-size", "what certctl keeps of an export is at most 1 GB"),
    (
        "csv-twice",
        "a course or learning path has one template for each audience, and a template one label for each certificate field",
    ),
    ("drift-ignore", "every entry of `[drift] ignore` explains a difference, and its last day is not over"),
    ("not-written", "a template that cannot be written as YAML is named, with the reason"),
];
