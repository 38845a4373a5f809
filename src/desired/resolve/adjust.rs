//! Changes single labels of the list that a template inherits: `adjust: { LABEL: { x: 10 } }`.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::group::ValueSources;
use crate::config::Variable;
use crate::desired::alias_limits;
use crate::desired::check::value;
use crate::desired::document::{GroupSource, RawAdjustment};
use crate::desired::fields::ADJUST;
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::path_cursor::PathCursor;
use crate::desired::unknown_name::shown_name;
use crate::desired::unlocated::{NodeRef, UnlocatedFindings};
use crate::desired::values::Values;
use crate::desired::variables::alone;
use crate::desired::written_places::AdjustedPlace;
use crate::model::{Attributes, FieldType, SharedValue, did_you_mean, few, label_field};

/// The limit of labels among which a similar name is looked for.
const GUESSED: usize = 100;

/// The adjustments of one template, with variables substituted and each value checked.
pub(super) struct Adjustments {
    labels: Vec<AdjustedLabel>,
    /// Variables without a value.
    pub(super) missing: Missing,
}

/// The changes to one label.
struct AdjustedLabel {
    /// How the label is named: by the id of its certificate field, or by the variable with that id.
    name: String,
    changes: Map<String, Value>,
    /// The bytes of the name in its file.
    range: Option<Range<u32>>,
}

/// A list of labels after adjustments.
pub(super) struct AdjustedList {
    pub(super) labels: SharedValue,
    /// Where each adjusted label is adjusted.
    pub(super) adjusted: Vec<AdjustedPlace>,
}

/// How long the adjusted lists of all templates may become together, in bytes of JSON: each is a list of its own, so that a
/// few lines could fill the memory.
#[derive(Debug, Default)]
pub(in crate::desired) struct ListBudget(AtomicU64);

impl ListBudget {
    const MAX: u64 = alias_limits::MAX_BYTES;

    /// Whether so many bytes are left, which are then taken.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let taken = self.0.fetch_add(bytes, Ordering::Relaxed);
        taken.saturating_add(bytes) <= Self::MAX
    }
}

/// How long the adjusted lists of one file are together. Files share the budget in any order, so that this says which one
/// exceeds it.
#[derive(Debug, Default)]
pub(in crate::desired) struct AdjustedSize {
    /// In bytes of JSON.
    bytes: u64,
    /// The first template with one.
    first: Option<NodeRef>,
}

impl AdjustedSize {
    pub(super) fn add(&mut self, bytes: u64, origin: &GroupSource) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.first.get_or_insert_with(|| origin.member_ref(ADJUST, PathPart::Name));
    }

    /// Reports the first of these files with which the lists become too long.
    pub(in crate::desired) fn check<'s>(
        files: impl IntoIterator<Item = &'s Self>,
        findings: &mut UnlocatedFindings,
    ) {
        let mut left = ListBudget::MAX;
        for Self { bytes, first } in files {
            match (left.checked_sub(*bytes), first) {
                (None, Some(first)) => {
                    let message = format!(
                        "from here on, the lists of labels that `adjust` makes have more than {} MB together",
                        ListBudget::MAX >> 20
                    );
                    let help = "put what several templates change into a layout of their own".to_owned();
                    return findings.add_with_help(first.clone(), "too-much", message, Some(help));
                }
                (rest, _) => left = rest.unwrap_or(0),
            }
        }
    }
}

impl Adjustments {
    /// Substitutes variables and checks each value. `origin` is where the template is written.
    pub(super) fn prepare(
        written: Vec<RawAdjustment>,
        origin: &GroupSource,
        variables: &BTreeMap<String, Variable>,
        findings: &mut UnlocatedFindings,
    ) -> Self {
        let mut missing = Missing::default();
        let top = PathCursor::at(origin);
        let adjust = top.member(ADJUST);
        let label = |RawAdjustment { name, changes, range }: RawAdjustment| {
            let at = adjust.member(&name);
            let mut reader = Values::new(variables, findings, &mut missing);
            let changes = match reader.json(changes, &at, Some(FieldType::Labels)) {
                Value::Object(changes) => changes,
                _ => Map::new(),
            };
            let reported = reader.reported;
            value::check_changes(&changes, &at, &reported, findings);
            AdjustedLabel { name, changes, range }
        };
        let labels = written.into_iter().map(label).collect();
        Self { labels, missing }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Applies the changes to the list of labels that the template inherits; `whose` says from where. Reports labels that the
    /// list does not have, and those that are adjusted twice.
    pub(super) fn apply(
        self,
        list: &SharedValue,
        whose: &str,
        origin: &GroupSource,
        from: ValueSources<'_>,
        findings: &mut UnlocatedFindings,
    ) -> AdjustedList {
        let place = |name: &str| name_ref(origin, name);
        let mut labels = list.as_array().cloned().unwrap_or_default();
        let mut by_id: HashMap<String, usize> = HashMap::with_capacity(labels.len());
        for (position, label) in labels.iter().enumerate() {
            if let Some(id) = label.get(Attributes::LABEL_FIELD).and_then(Value::as_str) {
                by_id.entry(plain_id(id)).or_insert(position);
            }
        }
        let mut adjusted = Vec::with_capacity(self.labels.len());
        let mut seen: HashMap<usize, String> = HashMap::new();
        let known = OnceCell::new();
        for AdjustedLabel { name, changes, range } in self.labels {
            let Some(position) = by_id.get(&id_of(&name, from.variables)).copied() else {
                let known: &Vec<String> = known.get_or_init(|| known_names(list, from));
                let message = format!(
                    "there is no label {} in {whose}{}",
                    shown_name(&name),
                    did_you_mean(&name, known.iter().take(GUESSED))
                );
                let help = (!known.is_empty()).then(|| format!("it has {}", few(known)));
                findings.add_with_help(place(&name), "adjust", message, help);
                continue;
            };
            if let Some(first) = seen.get(&position) {
                let message = format!("{} is adjusted twice: it is the same label", shown_name(&name));
                findings.add_pair(place(&name), "adjust", message, place(first), "the first one is here");
                continue;
            }
            let Some(Value::Object(members)) = labels.get_mut(position) else { continue };
            adjusted.extend(range.map(|range| AdjustedPlace { position, range }));
            for (field, value) in changes {
                match value {
                    Value::Null => drop(members.remove(&field)),
                    value => drop(members.insert(field, value)),
                }
            }
            seen.insert(position, name);
        }
        AdjustedList { labels: SharedValue::new(Attributes::LABELS, Value::Array(labels)), adjusted }
    }

    /// Reports that there is no list to adjust.
    pub(super) fn refuse(origin: &GroupSource, message: &str, help: &str, findings: &mut UnlocatedFindings) {
        let node_ref = origin.member_ref(ADJUST, PathPart::Name);
        findings.add_with_help(node_ref, "adjust", message, Some(help.to_owned()));
    }
}

fn name_ref(origin: &GroupSource, name: &str) -> NodeRef {
    let mut node_ref = origin.member_ref(ADJUST, PathPart::Name);
    node_ref.path = node_ref.path.member(name);
    node_ref
}

/// The id that a name under `adjust` means. A variable without a value means a label with the same variable.
fn id_of(name: &str, variables: &BTreeMap<String, Variable>) -> String {
    if Uuid::try_parse(name).is_ok() {
        return plain_id(name);
    }
    let variable = alone(name).unwrap_or(name);
    match variables.get(variable) {
        Some(variable) => plain_id(&variable.value.to_string()),
        None => format!("${{var.{variable}}}"),
    }
}

/// The id of a label in a form that can be compared.
fn plain_id(id: &str) -> String {
    alone(id).map_or_else(|| id.to_ascii_lowercase(), |name| format!("${{var.{name}}}"))
}

/// What the labels are called: by the variable with their id, else by the id.
fn known_names(labels: &Value, from: ValueSources<'_>) -> Vec<String> {
    let name = |id: &str| from.names.of(id, from.variables).or(alone(id)).unwrap_or(id).to_owned();
    let ids = labels.as_array().into_iter().flatten().filter_map(label_field);
    let mut names: Vec<String> = ids.map(name).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::desired::path::YamlPath;

    fn sizes(bytes: &[u64]) -> Vec<AdjustedSize> {
        let of_file = |(number, bytes): (usize, &u64)| {
            let file = Arc::from(Path::new(&format!("{number}.yaml")));
            let mut size = AdjustedSize::default();
            size.add(*bytes, &GroupSource { file, path: YamlPath::root() });
            size
        };
        bytes.iter().enumerate().map(of_file).collect()
    }

    #[test]
    fn lists_that_are_too_long_together_are_refused() {
        let refused = |bytes: &[u64]| {
            let mut findings = UnlocatedFindings::default();
            AdjustedSize::check(&sizes(bytes), &mut findings);
            findings.0.into_iter().map(|found| found.node_ref.file.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(refused(&[]), [""; 0]);
        assert_eq!(refused(&[1, ListBudget::MAX - 1]), [""; 0]);
        assert_eq!(refused(&[1, ListBudget::MAX, 1]), ["1.yaml"]);
        assert_eq!(refused(&[u64::MAX, 1]), ["0.yaml"]);
    }

    #[test]
    fn what_was_taken_of_a_budget_is_not_left() {
        let budget = ListBudget::default();
        assert!(budget.take(ListBudget::MAX));
        assert!(!budget.take(1));
    }
}
