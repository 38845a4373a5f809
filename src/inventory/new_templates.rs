//! Chooses the templates that were seen and that the project lacks, for `import --write`. Pure. Each live template that is
//! in neither the YAML nor this choice is named with the reason.

use super::baseline::{StaleContents, baseline};
use super::csv_file::finding;
use super::deletions::Deletions;
use super::extra;
use super::index::{Index, Match};
use super::settle::Claims;
use super::write::SeenTemplate;
use super::{Adoptions, Observation, ObservationSource, Observed, SeenAt};
use crate::desired::{Desired, broken_rules};
use crate::model::{Finding, Key, RunOption, SourceLocation, few};
use crate::state::{Baseline, Document, IdIndex, Row, RowStatus};

/// The rule of findings about templates that cannot be written as they are.
const NOT_WRITTEN: &str = "not-written";
const LOOK: &str = "Look at them in the admin page, delete or change one, and export the tables again";

/// The templates to write, and why others are left out.
#[derive(Debug, Default)]
pub struct NewTemplates {
    /// The templates, in the order of the source.
    pub templates: Vec<NewTemplate>,
    /// The findings about the others, in the order of the source.
    pub findings: Vec<Finding>,
}

/// A template to write.
#[derive(Debug)]
pub struct NewTemplate {
    /// What is written.
    pub seen: SeenTemplate,
    /// What the state records.
    pub baseline: Baseline,
}

/// Chooses among the templates that `adoptions` found to match nothing in the configuration.
pub fn new_templates(
    observation: &Observation,
    desired: &Desired,
    document: &Document,
    adoptions: &Adoptions,
) -> NewTemplates {
    let mut new = NewTemplates::default();
    if adoptions.unclaimed.is_empty() {
        return new;
    }
    let whole = SourceLocation::whole_file(source_name(observation));
    let lacking = observation.lacking();
    if !lacking.is_empty() {
        let columns = few(&lacking);
        let message = format!(
            "no template can be written without {columns}: certctl could not tell the templates of one course apart"
        );
        let help = "Export the whole table certificatetemplates again";
        new.findings.push(finding(whole, NOT_WRITTEN, message, Some(help)));
        return new;
    }
    if let Some(whole_finding) = undated(observation, adoptions, whole) {
        new.findings.push(whole_finding);
        return new;
    }
    let choice = NewTemplateChoice {
        observation,
        desired,
        document,
        index: Index::of(observation),
        ids: IdIndex::of(document),
        holders: Claims::of(document),
        deletions: Deletions::of(document),
    };
    for found in &adoptions.unclaimed {
        match choice.new_template(found) {
            Ok(template) => new.templates.push(template),
            Err(finding) => new.findings.push(*finding),
        }
    }
    new
}

/// The one finding about templates of which none has contents that count.
fn undated(observation: &Observation, adoptions: &Adoptions, place: SourceLocation) -> Option<Finding> {
    if adoptions.unclaimed.iter().any(|found| found.as_of.time().is_ok()) {
        return None;
    }
    let is_csv = matches!(observation.source, ObservationSource::Csv { .. });
    let (why, help, option) = if is_csv {
        let why = "nothing says when they were seen: the column updatedat is missing or empty";
        (why, "Export the table with that column", Some(RunOption::TakenAt))
    } else {
        let why = "they may have been edited since their certificates were issued";
        (why, "Learn first whether certificates show templates as they are now, or use exports", None)
    };
    let message = match adoptions.unclaimed.len() {
        1 => format!("1 template is not written, because {why}"),
        count => format!("{count} templates are not written, because {why}"),
    };
    Some(Finding { option, ..finding(place, NOT_WRITTEN, message, Some(help)) })
}

fn source_name(observation: &Observation) -> String {
    match &observation.source {
        ObservationSource::Csv { files } => {
            files.first().map(|file| file.display().to_string()).unwrap_or_default()
        }
        source @ ObservationSource::Observer { .. } => source.to_string(),
    }
}

/// Where something was seen, for a finding.
fn place(seen_at: &SeenAt) -> SourceLocation {
    match seen_at {
        SeenAt::Line { file, line } => {
            SourceLocation { line: *line, ..SourceLocation::whole_file(file.to_path_buf()) }
        }
        certificate @ SeenAt::Certificate { .. } => SourceLocation::no_line(certificate.to_string()),
    }
}

struct NewTemplateChoice<'a> {
    observation: &'a Observation,
    desired: &'a Desired,
    document: &'a Document,
    index: Index<'a>,
    ids: IdIndex,
    /// Rows of the state, by natural key.
    holders: Claims<'a>,
    deletions: Deletions<'a>,
}

impl NewTemplateChoice<'_> {
    fn new_template(&self, found: &Observed) -> Result<NewTemplate, Box<Finding>> {
        let refuse = |message: String, help: &str| {
            Box::new(finding(place(&found.seen_at), NOT_WRITTEN, message, Some(help)))
        };
        self.check_alone(found)?;
        if let Some(at) = self.deletions.of_seen(found) {
            let message = format!(
                "the state knows that this template was deleted at {at}, and what was seen is not newer"
            );
            return Err(refuse(message, "Export the tables again, and import from that"));
        }
        let key = self.key(found).map_err(|(message, help)| refuse(message, help))?;
        let row = key.as_ref().and_then(|key| self.document.templates.get(key));
        let baseline = baseline(self.observation, found, row).map_err(|stale| {
            let message = match stale {
                StaleContents::NotDated => "nothing says when this template was seen".to_owned(),
                StaleContents::AtIssue(at) => {
                    format!("this template may have been edited since {at}, when its certificate was issued")
                }
                StaleContents::Older(at) | StaleContents::BeforeApply(at) => {
                    format!("the state is newer: what was seen of this template is of {at}")
                }
            };
            refuse(message, "Look at the server again, and write what it shows then")
        })?;
        let known = row.and_then(|row| row.confirmed.as_ref()).map(|known| &known.attributes);
        let baseline = extra::beside(baseline, self.observation, found, known, |_| true);
        // What was not seen and stays known is written, too: without it, the next plan would clear it.
        let attributes = row.map_or_else(|| baseline.seen.clone(), |row| row.contents_after(&baseline));
        // The readers look at each value already; this looks at all of them together.
        let name = key.clone().or_else(|| Key::new(found.id.as_str()).ok());
        let broken = name.map(|key| broken_rules(&key, &attributes)).unwrap_or_default();
        if !broken.is_empty() {
            let message = format!("certctl would not accept this template: {}", broken.join("; "));
            return Err(refuse(message, "Put it right in the admin page, and export the tables again"));
        }
        let seen = SeenTemplate { id: found.id.clone(), attributes, key, updated_at: found.updated_at };
        Ok(NewTemplate { seen, baseline })
    }

    /// Fails if something else that was seen is, or may be, for the same resource and audience.
    fn check_alone(&self, found: &Observed) -> Result<(), Box<Finding>> {
        let mut finding = match self.index.find(&found.natural_key) {
            Match::Nothing | Match::One(_) => return Ok(()),
            Match::Unreadable { seen_at, .. } => {
                let message = format!(
                    "this template is not written, because {seen_at} is for the same resource and cannot be read: it may be a second one"
                );
                let help = "Put that line right, and import again";
                finding(place(&found.seen_at), NOT_WRITTEN, message, Some(help))
            }
            Match::Several(several) => {
                let message = format!(
                    "{} live templates are for {}, and none of them is written",
                    several.len(),
                    found.natural_key
                );
                let mut finding = finding(place(&found.seen_at), "natural-key", message, Some(LOOK));
                let others =
                    several.iter().filter(|other| other.id != found.id || other.seen_at != found.seen_at);
                finding.related =
                    others.map(|other| (place(&other.seen_at), "another one is here".to_owned())).collect();
                finding
            }
        };
        finding.related.truncate(10);
        Err(Box::new(finding))
    }

    /// The key that the state has for a template. Fails if the state contradicts what was seen.
    fn key(&self, found: &Observed) -> Result<Option<Key>, (String, &'static str)> {
        let by_id = self.ids.get(&found.id).filter(|key| {
            let row = self.document.templates.get(*key);
            !row.is_some_and(Row::has_guessed_id) || self.holders.has(key, &found.natural_key)
        });
        let Some(key) = by_id.or_else(|| self.holders.first(&found.natural_key)) else { return Ok(None) };
        if self.desired.templates.contains_key(key) || self.desired.elsewhere.contains(key) {
            let message =
                format!("the state has this template as {key}, and the YAML has {key} for something else");
            return Err((message, "Rename the one in the YAML, and import again"));
        }
        if self.desired.removes(key) || self.desired.moved.iter().any(|entry| entry.from == *key) {
            let message = format!(
                "the state has this template as {key}, and the YAML has {key} under `moved` or `removed`"
            );
            return Err((message, "Apply that entry first, or take it out, and import again"));
        }
        let Some(row) = self.document.templates.get(key) else { return Ok(None) };
        if !row.attempts.is_empty() || row.status() == RowStatus::Pending {
            let message = format!("an earlier run sent {key}, and its outcome is not known");
            return Err((message, "Settle that first, and import again"));
        }
        match &row.identity {
            Some(had) if had.id != found.id && !row.has_guessed_id() => Err((
                format!("the state has another id for {key}: {}, and this is {}", had.id, found.id),
                "Look in the admin page which one is meant",
            )),
            _ => Ok(Some(key.clone())),
        }
    }
}
