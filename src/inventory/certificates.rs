//! The exported table `certificates`: one line for each certificate that a learner holds (vendor-api.md section 6.1). It is
//! only counted, to say how many learners a difference matters for, and may be larger than the memory.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::cell::{self, UnreadableCell};
use super::csv_file::{Expected, each_line, finding};
use super::line::ExportLine;
use super::pieces::CsvPieces;
use crate::model::{Finding, SourceLocation, TemplateId};

/// The columns that may hold the template's id, the most likely first: the vendor does not document the name.
const TEMPLATE: [&str; 4] =
    ["certificatetemplateid", "certificatetemplate", "templateid", "certificatetemplateuuid"];
/// The columns that may hold the learner's id, the most likely first.
const LEARNER: [&str; 5] = ["userid", "user", "learnerid", "studentid", "contactid"];
const WHICH: &str = "Expected is the vendor's reporting table certificates as CSV, with a header line and the column \
                     certificatetemplateid; with userid, learners are counted once";
const EXPECTED: Expected = Expected { table: "certificates", columns: &[], which: WHICH };
/// The limit of findings: a wrong file could have one for each of a million lines.
const FINDINGS: usize = 100;
/// About how much memory a certificate of another learner takes, in bytes.
const HOLDER: usize = 40;
/// About how much memory another template takes, in bytes.
const NUMBERED: usize = 150;

/// How many learners hold a certificate of each template, as far as an export shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearnerCounts {
    counts: HashMap<TemplateId, usize>,
    /// Whether the export shows whose the certificates are; if not, certificates are counted.
    pub shows_learners: bool,
    /// Lines that cannot be read, the first of them.
    pub findings: Vec<Finding>,
}

impl LearnerCounts {
    /// How many templates have certificates, and how many learners hold one of each, summed.
    pub fn totals(&self) -> (usize, usize) {
        (self.counts.len(), self.counts.values().sum())
    }

    /// How many learners hold a certificate of this template.
    pub fn of(&self, template: &TemplateId) -> usize {
        self.counts.get(template).copied().unwrap_or_default()
    }
}

/// Counts the certificates of an export, a piece at a time. The error has findings about the whole file.
pub fn count_learners(file: &Path, source: impl Read) -> Result<LearnerCounts, Vec<Finding>> {
    let mut count = Counting::default();
    let columns = each_line(file, CsvPieces::of(source), &EXPECTED, |line| {
        let before = count.kept();
        if let Err((column, UnreadableCell { message, help })) = count.line(line) {
            let rule = if column.is_empty() { "csv-line" } else { "csv-cell" };
            count.find(|| finding(line.place(column), rule, message, Some(help)));
        }
        count.kept() - before
    })?;
    if !TEMPLATE.iter().any(|name| columns.has(name)) {
        let message = format!("the column {} is required", TEMPLATE[0]);
        return Err(vec![finding(SourceLocation::whole_file(file), "csv-header", message, Some(WHICH))]);
    }
    count.shows_learners = LEARNER.iter().any(|name| columns.has(name));
    Ok(count.result())
}

/// What was counted so far.
#[derive(Default)]
struct Counting {
    /// A number for each template, in place of its id.
    numbers: HashMap<TemplateId, u32>,
    /// Which learner holds a certificate of which template.
    holders: HashSet<(u32, u128)>,
    /// Certificates without a learner, by template.
    without_learner: HashMap<u32, usize>,
    shows_learners: bool,
    findings: Vec<Finding>,
    /// The number of findings that were too many to keep.
    more: usize,
}

impl Counting {
    /// About how much memory it takes, in bytes.
    fn kept(&self) -> usize {
        self.holders.len() * HOLDER + self.numbers.len() * NUMBERED
    }

    /// Counts a line; the error is the column that cannot be read, empty for the whole line, and why.
    fn line(&mut self, line: &ExportLine<'_>) -> Result<(), (&'static str, UnreadableCell)> {
        if let Some((message, help)) = line.what_is_cut() {
            return Err(("", UnreadableCell { message, help }));
        }
        let by_group = line.get("statusgroup").map_or(Ok(false), cell::status_group);
        let is_deleted = by_group.map_err(|wrong| ("statusgroup", wrong))?;
        let by_word = line.get("deleted").map_or(Ok(false), |text| cell::boolean("deleted", text));
        if by_word.map_err(|wrong| ("deleted", wrong))? || is_deleted {
            return Ok(());
        }
        let Some((column, text)) = first(&TEMPLATE, line) else {
            // A certificate that was issued elsewhere and only recorded here has no template.
            return Ok(());
        };
        let template = TemplateId::parse_uuid(text).map_err(|message| {
            (column, UnreadableCell { message, help: "Export the table certificates again" })
        })?;
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(template).or_insert(next);
        match first(&LEARNER, line) {
            Some((_, learner)) => drop(self.holders.insert((number, learner_number(learner)))),
            None => *self.without_learner.entry(number).or_default() += 1,
        }
        Ok(())
    }

    fn find(&mut self, found: impl FnOnce() -> Finding) {
        if self.findings.len() < FINDINGS { self.findings.push(found()) } else { self.more += 1 }
    }

    fn result(mut self) -> LearnerCounts {
        if let (Some(last), true) = (self.findings.last(), self.more > 0) {
            let place = SourceLocation::whole_file(last.place.file.clone());
            let message = match self.more {
                1 => "1 more line cannot be read".to_owned(),
                more => format!("{more} more lines cannot be read"),
            };
            self.findings.push(finding(
                place,
                "csv-line",
                message,
                Some("Export the table certificates again"),
            ));
        }
        let mut by_number = self.without_learner;
        self.holders.iter().for_each(|(number, _)| *by_number.entry(*number).or_default() += 1);
        let counts = self.numbers.into_iter();
        let counts = counts.map(|(id, number)| (id, by_number.get(&number).copied().unwrap_or_default()));
        LearnerCounts {
            counts: counts.collect(),
            shows_learners: self.shows_learners,
            findings: self.findings,
        }
    }
}

/// The first of these columns that has a text in the line.
fn first<'r>(columns: &[&'static str], line: &ExportLine<'r>) -> Option<(&'static str, &'r str)> {
    columns.iter().find_map(|column| Some((*column, line.get(column)?)))
}

/// A number that tells learners apart: the UUID itself, or a digest of any other id.
fn learner_number(text: &str) -> u128 {
    if let Ok(uuid) = uuid::Uuid::try_parse(text) {
        return uuid.as_u128();
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}
