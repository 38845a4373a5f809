//! What was seen of a server, whatever the source: templates, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::certificates::LearnerCounts;
use super::seen_at::{AsOf, SeenAt};
use crate::model::clock::is_before;
use crate::model::{Attributes, Finding, NaturalKey, SharedValue, TemplateId, Timestamp, all_of};

/// Where an observation comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservationSource {
    /// Exports of the vendor's reporting tables.
    Csv {
        /// The files; that of the templates first.
        files: Vec<PathBuf>,
    },
    /// The certificates of a learner made for this purpose.
    Observer {
        /// The host of the instance.
        host: String,
    },
}

impl ObservationSource {
    /// What it is called in a state: the names of the files, wherever they are on this machine, or the observer.
    pub fn short_name(&self) -> String {
        let Self::Csv { files } = self else { return self.to_string() };
        let name = |file: &PathBuf| Some(file.file_name()?.to_string_lossy().into_owned());
        all_of(&files.iter().filter_map(name).collect::<Vec<_>>())
    }

    /// Its name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Observer { .. } => "observer",
        }
    }
}

impl fmt::Display for ObservationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv { files } => {
                let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
                f.write_str(&all_of(&names))
            }
            Self::Observer { host } => write!(f, "the observer at {host}"),
        }
    }
}

/// What was seen of one template on the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The vendor's id.
    pub id: TemplateId,
    /// The resource and audience; without an audience if the source does not show it.
    pub natural_key: NaturalKey,
    /// Whether the source shows the audience. If not, this may be any template of its resource.
    pub shows_audience: bool,
    /// Every attribute that was seen with a value, without those that are `false`. [`Observation::sees`] says which of the
    /// others were seen to be empty.
    pub values: Attributes,
    /// The attributes that were seen to be `false`, which counts as absent. They are apart so that most templates share the
    /// values of their row in the state.
    pub is_false: Box<[&'static str]>,
    /// What was seen of fields that certctl does not know and that are kept on request ([`Observation::extra`]).
    pub extra: BTreeMap<String, Value>,
    /// When the template was created, if the source says so.
    pub created_at: Option<Timestamp>,
    /// When the template was last changed, if the source says so.
    pub updated_at: Option<Timestamp>,
    /// When the newest of its labels was last changed, if the source says so. Labels are rows of their own, exported on
    /// their own: they may be older or newer than the rest.
    pub labels_at: Option<Timestamp>,
    /// As of when the template holds these values.
    pub as_of: AsOf,
    /// Where it was seen.
    pub seen_at: SeenAt,
}

impl Observed {
    /// What was seen of an attribute.
    pub(super) fn value(&self, attribute: &str) -> Option<SharedValue> {
        let is_false = self.is_false.contains(&attribute);
        let no = || SharedValue::new(attribute, Value::Bool(false));
        self.values.shared_value(attribute).cloned().or_else(|| is_false.then(no))
    }

    /// Returns the title, if it was seen.
    pub fn title(&self) -> Option<&str> {
        self.values.title()
    }
}

/// Something that cannot be read in full. Nothing follows from it or from what else was seen of its resource, because
/// it may be a second template for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The course or learning path, as far as it can be read; without an audience.
    pub resource: NaturalKey,
    /// Where it was seen.
    pub seen_at: SeenAt,
}

/// A template that was seen to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The vendor's id, if the source has it.
    pub id: Option<TemplateId>,
    /// The course or learning path, without an audience.
    pub resource: NaturalKey,
    /// When it was last changed: at the latest then it was deleted.
    pub as_of: AsOf,
    /// Where it was seen.
    pub seen_at: SeenAt,
}

/// Something for a resource type that, as far as certctl knows, has no certificate templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The resource type.
    pub resource_type: String,
    /// Where it was seen.
    pub seen_at: SeenAt,
}

/// What was seen of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Where it comes from.
    pub source: ObservationSource,
    /// When it was made, if that is known.
    pub taken_at: Option<Timestamp>,
    /// The existing templates, in the order of the source.
    pub templates: Vec<Observed>,
    /// The attributes that the source shows of every template, by value or as empty.
    pub shown: BTreeSet<&'static str>,
    /// The fields that certctl does not know and that were kept on request, under their names in a template's `extra`.
    pub extra: BTreeSet<String>,
    /// The columns that certctl does not know and that were not kept, as the source spells them.
    pub not_kept: Vec<String>,
    /// What cannot be read and settles nothing.
    pub unreadable: Vec<Unreadable>,
    /// Why some of the source could not be read at all, if so: what it does not show may be there all the same.
    pub not_read: Option<String>,
    /// The findings about that, with their places.
    pub findings: Vec<Finding>,
    /// Deleted templates, which are skipped.
    pub deleted: Vec<Deleted>,
    /// What is for other resource types, which is skipped.
    pub foreign: Vec<Foreign>,
    /// The ids of what is skipped or cannot be read.
    pub other_ids: BTreeSet<TemplateId>,
    /// How many learners hold certificates, if an export of them was given.
    pub learners: Option<LearnerCounts>,
}

impl Observation {
    /// The same with how many learners hold certificates. What cannot be read of those is a finding like any other.
    #[must_use]
    pub fn with_learners(mut self, mut counts: LearnerCounts) -> Self {
        self.findings.append(&mut counts.findings);
        self.learners = Some(counts);
        self
    }

    /// The attributes that tell templates of one resource apart.
    const IDENTIFYING: [&'static str; 3] = ["title", "userCustomFieldSlug", "userCustomFieldValue"];

    /// An observation that shows nothing.
    pub fn empty(source: ObservationSource) -> Self {
        Self {
            source,
            taken_at: None,
            templates: Vec::new(),
            shown: BTreeSet::new(),
            extra: BTreeSet::new(),
            not_kept: Vec::new(),
            unreadable: Vec::new(),
            not_read: None,
            findings: Vec::new(),
            deleted: Vec::new(),
            foreign: Vec::new(),
            other_ids: BTreeSet::new(),
            learners: None,
        }
    }

    /// Whether it was made after this time, because all that it shows was changed later, however clocks differ.
    pub fn is_after(&self, at: Timestamp) -> bool {
        let seen = self.templates.iter().map(|template| template.as_of);
        let times = seen.chain(self.deleted.iter().map(|deleted| deleted.as_of));
        let mut oldest = times.map(|as_of| as_of.time().ok()).peekable();
        oldest.peek().is_some() && oldest.all(|changed| changed.is_some_and(|changed| is_before(at, changed)))
    }

    /// Sets when it was made: what it shows holds as of then, unless it was changed later.
    #[must_use]
    pub fn taken_at(mut self, at: Timestamp) -> Self {
        self.taken_at = Some(at);
        for template in &mut self.templates {
            template.labels_at = template.labels_at.map(|changed| changed.max(at));
        }
        let seen = self.templates.iter_mut().map(|template| &mut template.as_of);
        let deleted = self.deleted.iter_mut().map(|deleted| &mut deleted.as_of);
        for as_of in seen.chain(deleted) {
            *as_of = match *as_of {
                AsOf::Time(changed) => AsOf::Time(changed.max(at)),
                AsOf::Unknown => AsOf::Time(at),
                stale @ (AsOf::Issue(_) | AsOf::BeforeApply(_)) => stale,
            };
        }
        self
    }

    /// Whether this attribute of the template was seen, with a value or empty.
    pub fn sees(&self, template: &Observed, attribute: &str) -> bool {
        let is_seen = template.values.has(attribute) || template.is_false.contains(&attribute);
        self.shown.contains(attribute) || is_seen
    }

    /// Returns the attributes in `IDENTIFYING` that the source does not show.
    pub fn lacking(&self) -> Vec<&'static str> {
        Self::IDENTIFYING.into_iter().filter(|name| !self.shown.contains(name)).collect()
    }

    /// Gives back the memory of everything but ids, titles and places, once nothing more follows from the rest.
    pub fn forget_contents(&mut self) {
        for template in &mut self.templates {
            template.values = template.values.only(|name| name == "title");
            template.is_false = Box::default();
            template.extra.clear();
        }
    }

    /// Adds a file that contributed to it.
    pub(super) fn with_file(mut self, file: &Path) -> Self {
        if let ObservationSource::Csv { files } = &mut self.source {
            files.push(file.to_owned());
        }
        self
    }
}

/// Returns a natural key without its audience: the course or learning path.
pub(super) fn resource_of(natural_key: &NaturalKey) -> NaturalKey {
    NaturalKey { user_custom_field_slug: None, user_custom_field_value: None, ..natural_key.clone() }
}

/// Tells the values that were seen from those that are `false`.
pub(super) fn told_apart(values: BTreeMap<&'static str, Value>) -> (Attributes, Box<[&'static str]>) {
    let is_false = values.iter().filter(|(_, value)| **value == Value::Bool(false));
    let is_false = is_false.map(|(name, _)| *name).collect();
    (values.into_iter().filter(|(_, value)| *value != Value::Bool(false)).collect(), is_false)
}
