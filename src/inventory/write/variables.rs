//! Variables for what differs between instances: the ids of certificate fields, courses and learning paths.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::label::LabelSet;
use super::names::{Candidates, distinct};
use super::slug::{slug, words};
use super::{NamedField, SeenTemplate, WriteRequest};
use crate::model::{Attributes, NaturalKey};

/// The greatest length of a name, in characters, without what comes before and behind it.
const MAX_LENGTH: usize = 40;

/// A variable to be added to the environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewVariable {
    /// What it is the id of.
    pub group: VariableGroup,
    /// Its name.
    pub name: String,
    /// Its value: an id.
    pub value: String,
}

/// What a variable is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VariableGroup {
    /// A certificate field.
    CertificateField,
    /// A course.
    Course,
    /// A learning path.
    LearningPath,
}

impl VariableGroup {
    /// What begins the names of such variables.
    const fn beginning(self) -> &'static str {
        match self {
            Self::CertificateField => "field",
            Self::Course => "course",
            Self::LearningPath => "path",
        }
    }

    /// The heading over such variables.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::CertificateField => "Certificate fields",
            Self::Course => "Courses",
            Self::LearningPath => "Learning paths",
        }
    }
}

/// The names of the variables that are used, by the id that they hold.
pub(super) struct IdVariables {
    names: BTreeMap<String, String>,
    pub(super) added: Vec<NewVariable>,
}

/// An id that is to have a variable, and what its name is made of.
struct Named<'a> {
    group: VariableGroup,
    id: &'a str,
    /// The readable parts of the name, the most important first.
    parts: Vec<&'a str>,
}

impl IdVariables {
    /// Variables for every id that these templates use. A variable of the environment that has the value already is used.
    pub(super) fn of(seen: &[&SeenTemplate], request: &WriteRequest<'_>) -> Self {
        let known: BTreeMap<&str, &str> =
            request.variables.iter().rev().map(|(name, value)| (value.as_str(), name.as_str())).collect();
        let fields = certificate_fields(seen);
        let resources = resources(seen);
        let named: Vec<Named<'_>> = fields
            .iter()
            .map(|id| field(id, request.fields))
            .chain(resources.iter().map(|(id, resource)| resource.named(id)))
            .collect();
        let (there, new): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|named| known.contains_key(named.id));
        let mut names: BTreeMap<String, String> =
            there.iter().map(|named| (named.id.to_owned(), known[named.id].to_owned())).collect();
        let candidates: Vec<Candidates> = new.iter().map(Named::candidates).collect();
        let chosen = distinct(&candidates, |name| request.variables.contains_key(name));
        let mut added = Vec::new();
        for (named, name) in new.iter().zip(chosen) {
            names.insert(named.id.to_owned(), name.clone());
            added.push(NewVariable { group: named.group, name, value: named.id.to_owned() });
        }
        added.sort();
        Self { names, added }
    }

    /// The variable that holds this id.
    pub(super) fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }
}

impl Named<'_> {
    fn candidates(&self) -> Candidates {
        let beginning = self.group.beginning();
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|part| slug(part, '_', MAX_LENGTH))
            .filter(|part| !part.is_empty())
            .collect();
        let short = self.id.get(..8).unwrap_or(self.id);
        let mut candidates: Candidates = Vec::new();
        for count in 1..=parts.len() {
            candidates.push(format!("{beginning}_{}", parts[..count].join("_")));
        }
        let readable =
            parts.first().map(|part| format!("{beginning}_{part}")).unwrap_or(beginning.to_owned());
        candidates.push(format!("{readable}_{short}"));
        candidates.push(format!("{readable}_{}", self.id.replace('-', "_")));
        candidates
    }
}

/// The certificate fields of all labels.
fn certificate_fields(seen: &[&SeenTemplate]) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let mut done = std::collections::HashSet::new();
    for template in seen {
        let Some(labels) = template.attributes.shared_value(Attributes::LABELS) else { continue };
        if done.insert(labels.address())
            && let Some(labels) = LabelSet::of(labels)
        {
            fields.extend(labels.fields().map(str::to_owned));
        }
    }
    fields
}

fn field<'a>(id: &'a str, names: &'a BTreeMap<String, NamedField>) -> Named<'a> {
    let known = names.get(id);
    let label = known.and_then(|field| field.label.as_deref());
    let kind = known.and_then(|field| field.kind.as_deref());
    Named { group: VariableGroup::CertificateField, id, parts: label.into_iter().chain(kind).collect() }
}

/// A course or learning path.
struct Resource<'a> {
    group: VariableGroup,
    /// The title of its template for everyone, or what the titles of all its templates begin with.
    title: Cow<'a, str>,
    /// Whether that is the template for everyone.
    is_for_everyone: bool,
}

impl Resource<'_> {
    fn named<'r>(&'r self, id: &'r str) -> Named<'r> {
        Named { group: self.group, id, parts: vec![&self.title] }
    }
}

/// The courses and learning paths by id.
fn resources<'a>(seen: &[&'a SeenTemplate]) -> BTreeMap<&'a str, Resource<'a>> {
    let mut resources: BTreeMap<&str, Resource<'_>> = BTreeMap::new();
    for SeenTemplate { attributes, .. } in seen {
        let Some(id) = attributes.text(NaturalKey::FIELDS[1]) else { continue };
        let group = match attributes.text(NaturalKey::FIELDS[0]) {
            Some("learningPath") => VariableGroup::LearningPath,
            _ => VariableGroup::Course,
        };
        let title = attributes.title().unwrap_or_default();
        let is_for_everyone = !attributes.has(NaturalKey::FIELDS[2]);
        match resources.get_mut(id) {
            Some(known) if known.is_for_everyone => {}
            Some(known) if !is_for_everyone => known.title = common_beginning(&known.title, title).into(),
            _ => drop(resources.insert(id, Resource { group, title: title.into(), is_for_everyone })),
        }
    }
    resources
}

/// The words that both titles begin with; the first title if there are none.
fn common_beginning(one: &str, other: &str) -> String {
    let (first, second) = (words(one), words(other));
    let common: Vec<&str> = first
        .iter()
        .zip(&second)
        .take_while(|(one, other)| one == other)
        .map(|(word, _)| word.as_str())
        .collect();
    if common.is_empty() { one.to_owned() } else { common.join(" ") }
}
