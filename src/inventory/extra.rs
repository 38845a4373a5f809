//! Columns of an export that certctl does not know, kept on request as fields of a template's `extra`: which columns may
//! be kept, what their cells mean, and when two values mean the same.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde_json::{Number, Value, json};

use super::line::Columns;
use super::{Observation, Observed, cell, layout};
use crate::model::{Attributes, Field, TEMPLATE_FIELDS, did_you_mean, few};
use crate::state::Baseline;

/// Columns that say something about the row of the table, not about the certificate. Nothing of that can be sent.
const SYSTEM: [&str; 6] = ["id", "createdat", "updatedat", "statusgroup", "statusgroupupdatedat", "deleted"];

/// A column that is to be kept, as a person names it: `COLUMN`, `COLUMN=FIELD`, or `*` for every unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtraColumn {
    /// Every column that certctl does not know.
    All,
    /// One column.
    Named {
        /// Its name, in any spelling.
        column: String,
        /// The name of its field in `extra`; that of the column if none is given.
        field: Option<String>,
    },
}

impl FromStr for ExtraColumn {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        if text.trim() == "*" {
            return Ok(Self::All);
        }
        let (column, field) = match text.split_once('=') {
            Some((column, field)) => (column, Some(field.trim().to_owned())),
            None => (text, None),
        };
        Ok(Self::Named { column: column.trim().to_owned(), field })
    }
}

impl fmt::Display for ExtraColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Named { column, field: None } => f.write_str(column),
            Self::Named { column, field: Some(field) } => write!(f, "{column}={field}"),
        }
    }
}

/// A column of the file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptColumn {
    /// The column, normalised.
    column: String,
    /// The name of its field in `extra`.
    field: String,
}

/// Why a column cannot be kept, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotKept {
    pub(super) message: String,
    pub(super) help: String,
}

/// The columns of a file that are kept. The error says of each request that cannot be granted why.
pub(super) fn kept(asked: &[ExtraColumn], columns: &Columns) -> Result<Vec<KeptColumn>, Vec<NotKept>> {
    let mut kept: Vec<KeptColumn> = Vec::new();
    let mut wrong = Vec::new();
    for one in asked {
        let ExtraColumn::Named { column, field } = one else { continue };
        match named(column, field.as_deref(), columns, &kept) {
            Ok(column) => kept.push(column),
            Err(why) => wrong.push(why),
        }
    }
    if asked.contains(&ExtraColumn::All) {
        for spelled in unknown(columns) {
            let column = layout::column(spelled);
            if kept.iter().any(|kept| kept.column == column) {
                continue;
            }
            match named(&column, Some(spelled), columns, &kept) {
                Ok(column) => kept.push(column),
                Err(why) => wrong.push(why),
            }
        }
    }
    if wrong.is_empty() { Ok(kept) } else { Err(wrong) }
}

/// The columns that certctl does not know, as the file spells them, in the file's order.
pub(super) fn unknown(columns: &Columns) -> impl Iterator<Item = &str> {
    let is_unknown = |name: &&str| {
        let column = layout::column(name);
        !column.is_empty() && known(&column).is_none()
    };
    columns.spelled.iter().map(String::as_str).filter(is_unknown)
}

/// The columns that certctl does not know and that are not kept.
pub(super) fn not_read(columns: &Columns, kept: &[KeptColumn]) -> Vec<String> {
    let is_kept = |name: &str| kept.iter().any(|kept| kept.column == layout::column(name));
    unknown(columns).filter(|name| !is_kept(name)).map(str::to_owned).collect()
}

/// Why a column, or a field with this name, cannot be in `extra`; `None` if it can.
fn known(column: &str) -> Option<&'static str> {
    if SYSTEM.contains(&column) {
        return Some("says something about the row of the table, and nothing that can be sent");
    }
    let is_field = TEMPLATE_FIELDS.iter().any(|field| layout::column(field.name) == column);
    is_field.then_some("is a field that certctl knows: it is read and written in any case")
}

fn named(
    name: &str,
    field: Option<&str>,
    columns: &Columns,
    kept: &[KeptColumn],
) -> Result<KeptColumn, NotKept> {
    const LEAVE_OUT: &str = "Leave it out";
    let refuse = |message: String, help: &str| Err(NotKept { message, help: help.to_owned() });
    let column = layout::column(name);
    if let Some(why) = known(&column) {
        return refuse(format!("the column {name} cannot be kept under extra: it {why}"), LEAVE_OUT);
    }
    let Some(position) = columns.by_name.get(&column) else {
        let others: Vec<&str> = unknown(columns).collect();
        let hint = did_you_mean(name, &others);
        let help = match others.as_slice() {
            [] => "It has no column that certctl does not know: leave the flag out".to_owned(),
            others => format!("The columns that can be kept are {}", few(others)),
        };
        return Err(NotKept { message: format!("the file has no column {name}{hint}"), help });
    };
    let spelled = columns.spelled.get(*position).map_or(name, String::as_str);
    let field = field.unwrap_or(spelled);
    if field.is_empty() {
        return refuse(
            format!("the column {name} has no name under extra"),
            "Give it as COLUMN=FIELD, FIELD being the vendor's name of the field",
        );
    }
    if let Some(why) = known(&layout::column(field)) {
        let message = format!("the column {name} cannot be kept as {field}: that {why}");
        return refuse(message, "Give the field that the vendor has for this column, as COLUMN=FIELD");
    }
    let twice = |kept: &&KeptColumn| kept.column == column || kept.field == field;
    match kept.iter().find(twice) {
        Some(other) if other.column == column => {
            refuse(format!("the column {name} is named twice"), "Name it once")
        }
        Some(_) => {
            let message = format!("two columns would be kept as {field}, and {name} is one of them");
            refuse(message, "Give one of them another field, as COLUMN=FIELD")
        }
        None => Ok(KeptColumn { column, field: field.to_owned() }),
    }
}

/// The cells of a line in the columns that are kept, as texts.
pub(super) fn texts(kept: &[KeptColumn], raw: impl Fn(&str) -> Option<String>) -> BTreeMap<String, Value> {
    let text = |column: &KeptColumn| {
        let text = raw(&column.column).filter(|text| cell::text(text).is_some())?;
        Some((column.field.clone(), Value::String(text)))
    };
    kept.iter().filter_map(text).collect()
}

/// Gives the observation the kept columns, with values in place of their texts. A field of the vendor has one type, so
/// the whole column decides: if every cell is a number, they are numbers; if every cell is `true` or `false` (or `t` or
/// `f`), they are booleans; else they are texts.
pub(super) fn typed(observation: &mut Observation, kept: &[KeptColumn]) {
    for KeptColumn { field, .. } in kept {
        let cells = || observation.templates.iter().filter_map(|template| template.extra.get(field));
        let read = [boolean, number].into_iter().find(|read| {
            cells().next().is_some() && cells().all(|cell| cell.as_str().and_then(read).is_some())
        });
        if let Some(read) = read {
            for cell in observation.templates.iter_mut().filter_map(|template| template.extra.get_mut(field))
            {
                if let Some(value) = cell.as_str().and_then(read) {
                    *cell = value;
                }
            }
        }
        observation.extra.insert(field.clone());
    }
}

fn boolean(cell: &str) -> Option<Value> {
    match cell.trim().to_lowercase().as_str() {
        "true" | "t" => Some(json!(true)),
        "false" | "f" => Some(json!(false)),
        _ => None,
    }
}

/// A number that JSON writes in the same way: neither `007` nor `1.50` is one.
fn number(cell: &str) -> Option<Value> {
    /// Above this, programs that read JSON disagree on integers.
    const EXACT: u64 = 1 << 53;
    let text = cell.trim();
    let number: Number = serde_json::from_str(text).ok()?;
    let is_exact = number.as_i64().is_none_or(|whole| whole.unsigned_abs() <= EXACT);
    let is_small = number.as_u64().is_none_or(|whole| whole <= EXACT);
    (is_exact && is_small && number.to_string() == text).then_some(Value::Number(number))
}

/// What was seen of a field in `extra`, spelled as in `known` where the meaning is the same; `None` if that counts as
/// absent.
fn spelled_as(shown: Option<&Value>, known: Option<&Value>) -> Option<Value> {
    if let Some(known) = known.filter(|known| is_same(shown, Some(known))) {
        return Some(known.clone());
    }
    shown.filter(|shown| meaning(Some(shown)).is_some()).cloned()
}

/// Whether a cell means a value. The export has text for everything, so what a person wrote decides on the type.
pub(super) fn is_same(shown: Option<&Value>, known: Option<&Value>) -> bool {
    let (shown, known) = (meaning(shown), meaning(known));
    if shown == known {
        return true;
    }
    let text = match &shown {
        None => return false,
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match &known {
        None => boolean(&text) == Some(json!(false)),
        Some(Value::Bool(known)) => cell::boolean("", text.trim()).is_ok_and(|shown| shown == *known),
        Some(Value::Number(known)) => text
            .trim()
            .parse()
            .ok()
            .zip(known.as_f64())
            .is_some_and(|(shown, known): (f64, f64)| shown.total_cmp(&known).is_eq()),
        Some(Value::String(known)) => *known == text,
        Some(nested) => serde_json::from_str::<Value>(&text).is_ok_and(|shown| shown == *nested),
    }
}

/// A value in the one spelling of its meaning (contract section 9, "equal").
fn meaning(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Null | Value::Bool(false) => None,
        Value::Array(items) if items.is_empty() => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Value::String(text.replace("\r\n", "\n"))),
        other => Some(other.clone()),
    }
}

/// The baseline with what was seen of these fields of `extra`, spelled as in `known`.
pub(super) fn beside(
    mut baseline: Baseline,
    observation: &Observation,
    found: &Observed,
    known: Option<&Attributes>,
    is_wanted: impl Fn(&str) -> bool,
) -> Baseline {
    let names = observation.extra.iter().filter(|name| is_wanted(name));
    let new: Vec<&String> = names.filter(|name| !baseline.shows(name)).collect();
    for name in new {
        let known = known.and_then(|known| known.get(name));
        match spelled_as(found.extra.get(name), known) {
            Some(value) => baseline.seen = baseline.seen.with(name, value),
            None => baseline.absent = baseline.absent.with(name),
        }
    }
    baseline
}

/// The names of fields that are not certctl's own: those of `extra`.
pub(super) fn names(attributes: &Attributes) -> impl Iterator<Item = &str> {
    attributes.names().filter(|name| Field::of_template(name).is_none())
}
