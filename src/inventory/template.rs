//! Reads one line: its template, with every cell that certctl knows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cell::{self, UnreadableCell};
use super::extra;
use super::layout;
use super::line::ExportLine;
use super::observation::{Deleted, Foreign, Observed, told_apart};
use super::reader::{ExportReader, ReadLine, WHICH};
use crate::desired::objections;
use crate::model::{Attributes, Field, NaturalKey, TEMPLATE_FIELDS, Timestamp};

/// The attributes for a template's course or learning path.
const RESOURCE: [&str; 2] = ["resourceType", "resourceId"];
const SLUG: &str = "usercustomfieldslug";
const VALUE: &str = "usercustomfieldvalue";
/// The help for a template that is itself invalid.
const REFUSED: &str = "Put it right in the admin page, and export the table again";

impl ExportReader<'_> {
    /// Reads every known cell; unreadable ones become findings. A skipped line may have cells that no template has: for
    /// another resource type no cell is read, for a deleted template only its id, resource and times.
    pub(super) fn template(&mut self, line: &ExportLine<'_>) -> Option<ReadLine> {
        if !self.is_whole(line) {
            return None;
        }
        let resource = line.resource();
        if resource.resource_type.is_empty()
            && let Some(other) = line.get("resourcetype")
        {
            let (resource_type, seen_at) = (other.to_owned(), line.seen_at());
            return Some(ReadLine::Foreign(Foreign { resource_type, seen_at }));
        }
        let is_deleted = self.is_deleted(line);
        let updated_at = self.time(line, "updatedat");
        let created_at = self.time(line, "createdat");
        let grouped_at = self.time(line, "statusgroupupdatedat");
        let id = self.cell(line, "id", cell::id);
        if is_deleted {
            return Some(ReadLine::Deleted(Deleted {
                id,
                resource,
                as_of: grouped_at.or(updated_at).into(),
                seen_at: line.seen_at(),
            }));
        }
        let mut values = self.values(line);
        for (name, text) in RESOURCE.into_iter().zip([&resource.resource_type, &resource.resource_id]) {
            values.insert(name, Value::String(text.clone()));
        }
        let (values, is_false) = told_apart(values);
        let natural_key = self.check(line, &values, resource)?;
        Some(ReadLine::Template(Observed {
            id: id?,
            shows_audience: shows_audience(line),
            natural_key,
            values,
            is_false,
            extra: self.extra(line),
            created_at,
            updated_at,
            labels_at: None,
            // It was restored at that time, so this is what it holds since.
            as_of: updated_at.map(|at| grouped_at.map_or(at, |grouped| grouped.max(at))).into(),
            seen_at: line.seen_at(),
        }))
    }

    /// Returns the texts of the columns that are kept on request.
    fn extra(&self, line: &ExportLine<'_>) -> BTreeMap<String, Value> {
        // If a request cannot be granted, the file as a whole is refused.
        let kept = self.kept.get_or_init(|| extra::kept(self.asked, line.columns).unwrap_or_default());
        extra::texts(kept, |column| line.raw(column).map(str::to_owned))
    }

    fn is_deleted(&mut self, line: &ExportLine<'_>) -> bool {
        let by_word = self.cell(line, "deleted", |text| cell::boolean("deleted", text));
        let by_group = self.cell(line, "statusgroup", cell::status_group);
        if let (Some(word), Some(group)) = (by_word, by_group)
            && word != group
        {
            let message = "the columns deleted and statusgroup contradict each other".to_owned();
            self.find(
                line,
                "deleted",
                "csv-cell",
                message,
                "Look in the admin page, and export the table again",
            );
        }
        by_word.unwrap_or(false) || by_group.unwrap_or(false)
    }

    /// Returns the values of all attributes except the resource, parsed by the types of their fields.
    fn values(&mut self, line: &ExportLine<'_>) -> BTreeMap<&'static str, Value> {
        let mut values = BTreeMap::new();
        let own = TEMPLATE_FIELDS.into_iter().filter(|field| !RESOURCE.contains(&field.name));
        for Field { name, value: kind, .. } in own {
            let column = layout::column(name);
            let Some(raw) = line.raw(&column) else { continue };
            if name == "title" {
                values.extend(cell::title(raw).map(|title| (name, Value::from(title))));
                continue;
            }
            match cell::value(kind, &column, raw) {
                Ok(Some(value)) => {
                    values.insert(name, value);
                }
                Ok(None) => {}
                Err(wrong) => self.cannot_read(line, &column, wrong),
            }
        }
        values
    }

    /// Adds a finding for a template that lacks a required attribute or that `validate` would refuse (contract section
    /// 9).
    fn check(
        &mut self,
        line: &ExportLine<'_>,
        values: &Attributes,
        resource: NaturalKey,
    ) -> Option<NaturalKey> {
        for column in ["id", "resourcetype", "resourceid", "title"] {
            let is_there = line.get(column).is_some() || values.has(column);
            if line.raw(column).is_some() && !is_there {
                let message = format!("the {column} of this template is missing");
                self.find(line, column, "csv-cell", message, WHICH);
            }
        }
        if let Some(id) = line.get("resourceid")
            && let Err(wrong) = cell::uuid("resourceid", id)
        {
            self.cannot_read(line, "resourceid", wrong);
        }
        for objection in objections(values) {
            let names = NaturalKey::FIELDS;
            let is_seen = |name: &str| line.columns.has_attribute(name);
            // Problems of the natural key are reported here.
            if names.contains(&objection.attribute) || !objection.beside.is_none_or(is_seen) {
                continue;
            }
            let message = format!("certctl would not accept this template: {}", objection.message);
            self.find(line, &layout::column(objection.attribute), "csv-cell", message, REFUSED);
        }
        self.audience(line, values, resource)
    }

    /// Returns the natural key, without an audience if the export does not show it.
    fn audience(
        &mut self,
        line: &ExportLine<'_>,
        values: &Attributes,
        resource: NaturalKey,
    ) -> Option<NaturalKey> {
        let text = |name| values.text(name).map(str::to_owned);
        let (slug, value) = (text("userCustomFieldSlug"), text("userCustomFieldValue"));
        if !shows_audience(line) {
            return Some(resource);
        }
        if slug.is_some() != value.is_some() {
            let column = if slug.is_none() { SLUG } else { VALUE };
            let message =
                format!("the {column} of this template is missing: an audience needs {SLUG} and {VALUE}");
            let help = "Look at the template in the admin page, and export the table again";
            self.find(line, column, "csv-cell", message, help);
            return None;
        }
        if value.as_deref().is_some_and(|value| value.trim() != value) {
            let message = format!("the {VALUE} of this template has blanks at its ends");
            self.find(line, VALUE, "csv-cell", message, REFUSED);
        }
        Some(NaturalKey { user_custom_field_slug: slug, user_custom_field_value: value, ..resource })
    }

    /// Reads a cell that may be absent.
    fn cell<T>(
        &mut self,
        line: &ExportLine<'_>,
        column: &'static str,
        read: impl Fn(&str) -> Result<T, UnreadableCell>,
    ) -> Option<T> {
        read(line.get(column)?).map_err(|wrong| self.cannot_read(line, column, wrong)).ok()
    }

    fn time(&mut self, line: &ExportLine<'_>, column: &'static str) -> Option<Timestamp> {
        let now = self.now;
        self.cell(line, column, |text| cell::past(column, text, now)).flatten()
    }
}

/// An audience needs both columns, so one of them alone shows nothing.
fn shows_audience(line: &ExportLine<'_>) -> bool {
    line.columns.has(SLUG) && line.columns.has(VALUE)
}
