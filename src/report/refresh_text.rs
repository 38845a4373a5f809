//! Reports what a refresh takes, beside what differs, and what became of each row of the state.

use std::path::Path;

use super::observation_text::push_listed;
use super::prose::note_text;
use super::{KeyResult, Style, safe_text};
use crate::inventory::{Drift, Drifted, ExplainedDifference, ExplainedDrift, NotCompared};
use crate::model::{Advice, Commands, Help, Key, StateAddress, few};
use crate::state::{Baseline, Document, Row};
use crate::view::{counted, differing_paths, not_compared, stale_part};

/// What was seen of templates that do not differ, and of which the state did not know everything; and what the state no
/// longer knows.
pub fn learned(drift: &Drift, document: &Document, style: Style, commands: &dyn Commands) -> String {
    let mut text = newly_known(drift, style, commands);
    let line = |(key, baseline): (&Key, &Baseline)| {
        let names = no_longer_known(document.templates.get(key)?, baseline)?;
        Some(format!("  {} {}  {names}\n", style.signed("~", "~"), safe_text(key.as_str())))
    };
    let differing = drift.differing.iter().map(|(key, drifted)| (key, &drifted.baseline));
    let lines: Vec<String> = differing.chain(&drift.learned).filter_map(line).collect();
    if !lines.is_empty() {
        let heading = "Not seen, and no longer known, because the template was changed since";
        text.push_str(&format!("\n{}\n", style.bold(heading)));
        push_listed(&lines, style, commands, &mut text);
    }
    text
}

/// The attributes that the state has of a template and that were not seen, if it was changed since.
fn no_longer_known(row: &Row, baseline: &Baseline) -> Option<String> {
    let known = &row.confirmed.as_ref()?.attributes;
    let names = row.no_longer_known(baseline);
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| known.has(name)).collect();
    (!names.is_empty()).then(|| safe_text(&few(&names)))
}

fn newly_known(drift: &Drift, style: Style, commands: &dyn Commands) -> String {
    let line = |(key, baseline): (&Key, &Baseline)| {
        let head = style.signed("+", &format!("+ {}", safe_text(key.as_str())));
        format!("  {head}  {}\n", names(baseline))
    };
    let lines: Vec<String> = drift.learned.iter().map(line).collect();
    if lines.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.bold("Seen, and not known to the state before"));
    push_listed(&lines, style, commands, &mut text);
    text
}

/// One attribute of a template in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlLine {
    /// The file.
    pub file: String,
    /// The line of the template's key.
    pub line: usize,
    /// The template's key.
    pub key: Key,
    /// What the attribute is to be, as YAML.
    pub text: String,
}

/// What is taken into the YAML, and what a person has to write.
pub fn yaml_lines(edited: &[YamlLine], by_hand: &[YamlLine], style: Style) -> String {
    yaml_sections([(edited, "Into the YAML"), (by_hand, BY_HAND)], style)
}

/// The change of the YAML as a diff, without lines around it, and what a person has to write. Each file has its name, its
/// old and its new text.
pub fn yaml_diff<'f>(
    files: impl Iterator<Item = (&'f Path, &'f str, &'f str)>,
    by_hand: &[YamlLine],
    style: Style,
) -> String {
    let mut text = String::new();
    for (file, old, new) in files {
        if text.is_empty() {
            text.push_str(&format!("\n{}\n", style.bold("The YAML to match")));
        }
        let name = safe_text(&file.display().to_string());
        let diff = similar::TextDiff::from_lines(old, new);
        // Lines around it may hold anything.
        let diff = diff
            .unified_diff()
            .context_radius(0)
            .header(&format!("a/{name}"), &format!("b/{name}"))
            .to_string();
        for line in diff.lines() {
            let sign = line.get(..1).filter(|sign| ["-", "+"].contains(sign));
            let line = safe_text(line);
            text.push_str(&sign.map_or_else(|| line.clone(), |sign| style.signed(sign, &line)));
            text.push('\n');
        }
    }
    text + &yaml_sections([(by_hand, BY_HAND)], style)
}

const BY_HAND: &str = "To write by hand: it does not stand alone on a line of the template, or comes from a layout, defaults or a variable";

fn yaml_sections<'l>(
    about: impl IntoIterator<Item = (&'l [YamlLine], &'static str)>,
    style: Style,
) -> String {
    let mut text = String::new();
    for (lines, heading) in about {
        if !lines.is_empty() {
            text.push_str(&format!("\n{}\n", style.bold(heading)));
        }
        let mut last = None;
        for line in lines {
            let place = format!("{}:{} {}", safe_text(&line.file), line.line, safe_text(line.key.as_str()));
            if last.as_ref() != Some(&place) {
                text.push_str(&format!("  {place}\n"));
            }
            text.push_str(&format!("    {}\n", safe_text(&line.text)));
            last = Some(place);
        }
    }
    text
}

/// The attributes that were seen, with a value or without.
fn names(baseline: &Baseline) -> String {
    let mut names: Vec<&str> =
        baseline.seen.names().chain(baseline.absent.iter().map(String::as_str)).collect();
    names.sort_unstable();
    safe_text(&few(&names))
}

/// What was recorded, and what comes next.
pub fn refreshed(drift: &Drift, state: &str, commands: &dyn Commands) -> String {
    let taken = drift.differing.len() + drift.learned.len() + drift.ids_alone().count();
    let deleted = drift.deleted.len();
    if taken + deleted == 0 {
        return "There was nothing to record: the state is as it was.\n".to_owned();
    }
    let gone = if deleted > 0 { format!("; {deleted} recorded as deleted") } else { String::new() };
    let said = format!(
        "Recorded what was seen of {}{gone}. The state is in {}.{}",
        counted(taken, "template"),
        safe_text(state),
        StateAddress::to_be_committed(state)
    );
    format!(
        "{}\n",
        Help::none().run("To see what puts the server right", Advice::Plan).below(&said, commands)
    )
}

/// What became of each row of the state that exists on the server, or may.
pub fn refresh_results(
    explained: &ExplainedDrift<'_>,
    document: &Document,
    commands: &dyn Commands,
) -> Vec<KeyResult> {
    let rows = document.templates.iter();
    let is_told =
        |(key, row): &(&Key, &Row)| row.may_exist() || explained.drift.not_compared.contains_key(*key);
    rows.filter(is_told).map(|(key, row)| result(key, row, explained, commands)).collect()
}

fn result(key: &Key, row: &Row, explained: &ExplainedDrift<'_>, commands: &dyn Commands) -> KeyResult {
    let ExplainedDrift { drift, ignored, .. } = explained;
    let known = row.identity.as_ref().map(|identity| &identity.id);
    let of = |id: Option<&crate::model::TemplateId>, outcome, reason| KeyResult {
        id: id.or(known).cloned(),
        key: key.clone(),
        outcome,
        reason,
    };
    if let Some(drifted) = drift.differing.get(key) {
        let lost = no_longer_known(row, &drifted.baseline);
        let lost = lost.map(|names| format!("; no longer known: {names}")).unwrap_or_default();
        return of(Some(&drifted.baseline.id), "taken", Some(changed(drifted) + &lost));
    }
    if let Some(gone) = drift.deleted.get(key) {
        return of(Some(&gone.id), "deleted", Some(Row::why_gone(&gone.seen_at.to_string())));
    }
    if let Some(baseline) = drift.learned.get(key) {
        let reason = format!("not known before: {}", names(baseline));
        return of(Some(&baseline.id), "taken", Some(reason));
    }
    if let Some((_, id)) = drift.ids_alone().find(|(own, _)| *own == key) {
        return of(Some(id), "taken", Some("only its id".to_owned()));
    }
    if let Some(explanation) = ignored.get(key) {
        let what = match &explanation.what {
            ExplainedDifference::Differs(drifted) => changed(drifted),
            ExplainedDifference::Deleted(_) => "the deletion".to_owned(),
        };
        return of(None, "ignored", Some(format!("[drift] ignore explains it: {what}")));
    }
    if let Some(stale) = drift.stale_parts.get(key) {
        return of(None, "stale", Some(note_text(&stale_part(stale), commands)));
    }
    let Some(why) = drift.not_compared.get(key) else { return of(None, "unchanged", None) };
    let outcome = match why {
        NotCompared::Unseen => "not_seen",
        NotCompared::Stale(_) => "stale",
        NotCompared::Open => "in_doubt",
        NotCompared::NotKnown
        | NotCompared::Unreadable { .. }
        | NotCompared::Several { .. }
        | NotCompared::OtherId { .. }
        | NotCompared::Returned { .. }
        | NotCompared::Shared { .. } => "not_taken",
    };
    of(None, outcome, Some(note_text(&not_compared(key, why), commands)))
}

/// The paths of the attributes that differ.
fn changed(drifted: &Drifted) -> String {
    let paths: Vec<String> = differing_paths(drifted).iter().map(|path| safe_text(path)).collect();
    few(&paths)
}
