//! What follows for a row from what was seen of its template on the server. Pure.
//!
//! An observation is not an answer: it shows some attributes, at some time, and says nothing about the others. Whether
//! it is new enough, and about this template, is decided by its source (`inventory`) before it gets here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evidence::imported;
use super::{
    Attempt, Confirmed, Identity, ResolutionKind, ResolutionRecord, Row, RowFailure, RowState, every_field,
};
use crate::model::clock::is_before;
use crate::model::{Attributes, NameSet, NaturalKey, TemplateId, Timestamp};
use crate::state::resolution;

/// What was seen of one template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Baseline {
    /// Attributes that were seen to be empty, or not to be there.
    #[serde(default = "no_names", skip_serializing_if = "NameSet::is_empty")]
    pub absent: NameSet,
    /// The time from which on the template has held this, if the source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Whether it was seen after every attempt on the template: then they are over, whatever became of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_attempts: bool,
    /// The vendor's id.
    pub id: TemplateId,
    /// Where it was seen: the names of the export's files, or the observer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_in: Option<String>,
    /// Attributes that were seen with a value. Those in neither set were not seen.
    pub seen: Attributes,
}

fn no_names() -> NameSet {
    NameSet::from([])
}

impl Baseline {
    /// Whether it shows this attribute, with a value or empty.
    pub fn shows(&self, name: &str) -> bool {
        self.seen.has(name) || self.absent.contains(name)
    }

    /// Shows this value of an attribute instead, or none.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<&Value>) -> Self {
        self.hide(&BTreeSet::from([name.to_owned()]));
        match value {
            Some(value) => self.seen = self.seen.with(name, value.clone()),
            None => self.absent = self.absent.with(name),
        }
        self
    }

    /// Shows no longer anything of these attributes.
    pub fn hide(&mut self, names: &BTreeSet<String>) {
        self.absent = self.absent.difference(names).cloned().collect();
        let kept = self.seen.shared().filter(|(name, _)| !names.contains(name.as_str()));
        self.seen = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    }

    /// These attributes, with what it shows of those that are compared.
    pub fn laid_over(&self, known: &Attributes, is_compared: impl Fn(&str) -> bool) -> Attributes {
        let kept =
            known.shared().filter(|(name, _)| !self.shows(name.as_str()) || !is_compared(name.as_str()));
        let seen = self.seen.shared().filter(|(name, _)| is_compared(name.as_str()));
        kept.chain(seen).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl Row {
    /// The attributes that the row knows, and would no longer know with this baseline: it does not show them, and the
    /// template was changed since they were known. That is so if it shows another value than the row has, or is later
    /// than the row by more than clocks differ. The resource and the audience stay: they say which template it is.
    pub fn no_longer_known(&self, baseline: &Baseline) -> BTreeSet<String> {
        let Some(known) = self.confirmed.as_ref().filter(|_| self.is_template(&baseline.id)) else {
            return BTreeSet::new();
        };
        let ended = self.attempts.iter().filter(|_| baseline.ends_attempts);
        let sent: BTreeSet<&str> = ended.clone().flat_map(Attempt::fields).collect();
        let last = known.applied_at.max(ended.map(|attempt| attempt.at).max());
        let is_later = last.zip(baseline.as_of).is_some_and(|(last, as_of)| is_before(last, as_of));
        let is_compared = |name: &str| !self.unknown.contains(name) && !sent.contains(name);
        let is_edited = !baseline.laid_over(&known.attributes, is_compared).is_same_as(&known.attributes);
        if !is_later && !is_edited {
            return BTreeSet::new();
        }
        let mut names = every_field();
        names.extend(known.attributes.names().map(str::to_owned));
        names.retain(|name| {
            let is_kept = NaturalKey::FIELDS.contains(&name.as_str()) || baseline.shows(name);
            !is_kept && !self.unknown.contains(name)
        });
        names
    }

    /// The attributes that the row knows once this was seen: what was seen, and what stays known beside it.
    pub fn contents_after(&self, baseline: &Baseline) -> Attributes {
        let is_same = self.is_template(&baseline.id);
        let row = self.clone().observed(baseline, is_same);
        row.confirmed.map(|known| known.attributes).unwrap_or_default()
    }

    /// The row once its template was seen on the server. What was seen replaces what was known; what was not seen
    /// stays known or unknown as it was, unless the template was changed since. `is_same` is whether the row's contents
    /// are already those of this template.
    pub(in crate::state) fn observed(mut self, baseline: &Baseline, is_same: bool) -> Self {
        let Baseline { as_of, ends_attempts, id, seen, seen_in, .. } = baseline;
        let forgotten = self.no_longer_known(baseline);
        let known = self.confirmed.take().filter(|_| is_same);
        if known.is_none() {
            self.unknown = every_field();
        }
        if *ends_attempts {
            let attempts = self.attempts.take();
            self.unknown.extend(attempts.iter().flat_map(Attempt::fields).map(str::to_owned));
        }
        self.unknown.extend(forgotten.iter().cloned());
        self.unknown.retain(|name| !baseline.shows(name));
        // Never back: what is seen next would count from there, and the tolerance of clocks would add up.
        let applied_at = (*as_of).max(known.as_ref().and_then(|known| known.applied_at));
        let is_newest = applied_at == *as_of;
        let (before, sent_by, had_seen_in) =
            known.map(|known| (known.attributes, known.applied_by, known.seen_in)).unwrap_or_default();
        let seen_in = if is_newest { seen_in.clone() } else { had_seen_in };
        let is_kept = |name: &str| {
            let may_differ = *ends_attempts && self.unknown.contains(name);
            !baseline.shows(name) && !may_differ && !forgotten.contains(name)
        };
        let kept = before.shared().filter(|(name, _)| is_kept(name.as_str()));
        let attributes: Attributes =
            kept.chain(seen.shared()).map(|(name, value)| (name.clone(), value.clone())).collect();
        let natural_key = NaturalKey::of(&attributes);
        let is_complete = !natural_key.resource_type.is_empty() && !natural_key.resource_id.is_empty();
        if !is_complete {
            self.unknown = every_field();
        }
        // Somebody else made what differs from what was sent.
        let applied_by = sent_by.filter(|_| attributes == before);
        self.confirmed = is_complete.then(|| Confirmed {
            digest: attributes.digest(),
            attributes,
            applied_at,
            applied_by,
            seen_in,
        });
        let has_it = |had: &Identity| had.id == *id && had.source.may_address();
        self.identity = self.identity.filter(has_it).or_else(|| Some(imported(id)));
        self.state = RowState::Applied;
        self
    }

    /// The row once the server was seen to have deleted its template.
    pub(in crate::state) fn gone(mut self, at: Timestamp, why: &str) -> Self {
        let natural_key = self.confirmed.as_ref().map(|known| NaturalKey::of(&known.attributes));
        let id = self.identity.take().map(|identity| identity.id);
        resolution::add_deletion(&mut self.resolutions, id, natural_key, at);
        Self {
            protect: self.protect,
            resolutions: self.resolutions,
            state: RowState::Failed { error: RowFailure::new(at, why) },
            write: self.write,
            joined_writes: self.joined_writes,
            ..Self::default()
        }
    }
}

impl Row {
    /// The reason of a row whose template was seen to be deleted.
    pub fn why_gone(seen_at: &str) -> String {
        format!("deleted on the server, as {seen_at} shows")
    }

    /// The templates that the row had and that were seen to be deleted, the last one at the end. They stay known
    /// whatever was sent since.
    pub fn deletions(&self) -> impl DoubleEndedIterator<Item = &ResolutionRecord> {
        self.resolutions.iter().filter(|record| record.how == ResolutionKind::Deleted)
    }

    /// The deletion that left the row without a template; `None` if it has, or may have, another one since.
    pub fn unreplaced_deletion(&self) -> Option<&ResolutionRecord> {
        self.deletions().next_back().filter(|_| !self.may_exist())
    }

    /// When its template was seen to be deleted, if nothing was sent since: then [`Row::refusal`] says where that was seen,
    /// and is no answer of the server.
    pub fn deleted_at(&self) -> Option<Timestamp> {
        let RowState::Failed { error } = &self.state else { return None };
        let deletion = self.unreplaced_deletion()?;
        (deletion.at == error.at && error.record.is_none()).then_some(deletion.at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

    fn attributes(value: serde_json::Value) -> Attributes {
        serde_json::from_value(value).unwrap()
    }

    fn baseline(seen: serde_json::Value, absent: &[&str]) -> Baseline {
        let seen: Attributes = attributes(seen);
        Baseline {
            absent: absent.iter().map(|name| (*name).to_owned()).collect(),
            as_of: Some(Timestamp::from_unix_seconds(1_800_000_000)),
            ends_attempts: false,
            seen_in: None,
            id: TemplateId::parse_uuid(ID).unwrap(),
            seen: seen.with("resourceType", json!("course")).with("resourceId", json!(ID)),
        }
    }

    fn contents(row: &Row) -> serde_json::Value {
        row.confirmed.as_ref().unwrap().attributes.to_value()
    }

    #[test]
    fn unseen_attributes_are_unknown() {
        let row = Row::default().observed(&baseline(json!({"title": "A"}), &["customCss"]), false);
        assert_eq!(contents(&row), json!({"resourceId": ID, "resourceType": "course", "title": "A"}));
        assert!(row.unknown.contains("labels") && row.unknown.contains("expirationDays"));
        assert!(["title", "customCss", "resourceId"].iter().all(|name| !row.unknown.contains(*name)));
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000 + seconds)
    }

    fn of_30_days() -> Row {
        Row::default()
            .observed(&baseline(json!({"title": "A", "expirationDays": 30}), &["userCustomFieldSlug"]), false)
    }

    #[test]
    fn unseen_attributes_stay_known_without_a_change() {
        for seconds in [-299, 0, 300] {
            let same =
                Baseline { as_of: Some(at(seconds)), ..baseline(json!({"title": "A"}), &["customCss"]) };
            assert_eq!(of_30_days().no_longer_known(&same), BTreeSet::new());
            let row = of_30_days().observed(&same, true);
            let expected =
                json!({"expirationDays": 30, "resourceId": ID, "resourceType": "course", "title": "A"});
            assert_eq!(contents(&row), expected);
            assert!(!row.unknown.contains("customCss") && !row.unknown.contains("expirationDays"));
        }
    }

    #[test]
    fn a_change_makes_unseen_attributes_unknown() {
        let edited = baseline(json!({"title": "B"}), &["customCss"]);
        let later = Baseline { as_of: Some(at(301)), ..baseline(json!({"title": "A"}), &["customCss"]) };
        for seen in [edited, later] {
            assert!(of_30_days().no_longer_known(&seen).contains("expirationDays"));
            let row = of_30_days().observed(&seen, true);
            let title = seen.seen.title();
            assert_eq!(contents(&row), json!({"resourceId": ID, "resourceType": "course", "title": title}));
            assert!(row.unknown.contains("expirationDays") && !row.unknown.contains("userCustomFieldSlug"));
        }
    }

    #[test]
    fn seen_values_replace_known_ones() {
        let row = of_30_days().observed(&baseline(json!({"title": "B"}), &["expirationDays"]), true);
        assert_eq!(contents(&row), json!({"resourceId": ID, "resourceType": "course", "title": "B"}));
        assert!(!row.unknown.contains("expirationDays"));
    }

    #[test]
    fn times_never_go_back() {
        let mut row = of_30_days();
        for seconds in [-290, -299, -100] {
            let seen = Baseline { as_of: Some(at(seconds)), ..baseline(json!({"title": "Old"}), &[]) };
            row = row.observed(&seen, true);
            assert_eq!(row.confirmed.as_ref().unwrap().applied_at, Some(at(0)));
        }
    }

    #[test]
    fn another_templates_contents_are_dropped() {
        let row = Row::default().observed(&baseline(json!({"expirationDays": 30}), &[]), false);
        let row = row.observed(&baseline(json!({"title": "B"}), &[]), false);
        assert_eq!(contents(&row), json!({"resourceId": ID, "resourceType": "course", "title": "B"}));
        assert!(row.unknown.contains("expirationDays"));
    }

    #[test]
    fn contents_without_a_resource_are_unknown() {
        let seen = Baseline { seen: attributes(json!({"title": "A"})), ..baseline(json!({}), &[]) };
        let row = Row::default().observed(&seen, false);
        assert_eq!((row.confirmed.as_ref(), row.unknown.contains("title")), (None, true));
    }

    #[test]
    fn deleted_templates_no_longer_exist() {
        let row = Row { protect: true, ..Row::default() }.observed(&baseline(json!({}), &[]), false);
        let gone = row.gone(Timestamp::from_unix_seconds(1_800_000_000), "deleted there");
        assert!(!gone.exists() && gone.protect && gone.unknown.is_empty());
        assert_eq!(gone.refusal().map(|failure| failure.message.as_str()), Some("deleted there"));
    }
}
