//! The simulated server: the documented API over a few templates. It shares no code with the sandbox or the client.

use std::sync::Arc;

use certctl::model::{Attributes, TemplateId, Timestamp};
use certctl::state::Operation;
use serde_json::{Map, Value, json};

use crate::estate::{course_of, title};
use crate::world::{Knowledge, MAX_TEMPLATES};

/// One row of a request, and the operation that certctl recorded for it.
pub(crate) type SentRow = (Operation, Map<String, Value>);

/// The contents of the server.
#[derive(Clone, Default)]
pub(crate) struct Server {
    /// Whether a row of the bulk endpoint updates the existing template for its resource. If not, every row creates one.
    pub(crate) upsert: bool,
    pub(crate) templates: Vec<Template>,
    pub(crate) jobs: Vec<Job>,
    /// The contents before the latest change, as an old export shows them.
    pub(crate) before: Arc<Vec<Template>>,
}

/// One template.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) id: TemplateId,
    pub(crate) course: usize,
    pub(crate) attributes: Attributes,
    /// The attributes, abbreviated.
    pub(crate) content: u64,
    pub(crate) updated_at: Timestamp,
    /// The number of changes, including the creation.
    pub(crate) changes: u8,
    /// The attributes after each change; none after its deletion.
    pub(crate) past: Vec<Attributes>,
    /// Whether a machine that did not know a person's edit set some of its attributes: the others are then not known.
    pub(crate) mixed: bool,
    /// Whether a person deleted it in the admin page.
    pub(crate) deleted: bool,
    /// Whether a person adopted it without knowing its contents: other attributes that it had remain.
    pub(crate) met: bool,
}

/// A background job.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) by_id: bool,
    pub(crate) rows: Vec<SentRow>,
    pub(crate) acted: bool,
    pub(crate) end: Option<End>,
    /// Whether the server refused one of its rows: then it does not end well.
    pub(crate) refused: bool,
    /// The machine whose request it processes.
    pub(crate) sender: usize,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Complete,
    Failed,
    /// In an undocumented status.
    Strange,
}

impl End {
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Strange => "archived",
        }
    }
}

/// The result of a request's rows.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) created: Vec<TemplateId>,
    pub(crate) updated: usize,
    pub(crate) errors: Vec<Value>,
    /// The created or updated templates, by number.
    pub(crate) touched: Vec<usize>,
}

fn id(number: usize) -> TemplateId {
    TemplateId::parse_uuid(&format!("abcdef00-0000-4000-8000-{number:012}")).unwrap()
}

impl Template {
    /// Its position in the order of creation, from 0.
    pub(crate) fn number(&self) -> usize {
        self.id.as_str()[24..].parse().unwrap()
    }

    fn set(&mut self, attributes: Attributes, now: Timestamp) {
        self.updated_at = now;
        if self.attributes != attributes {
            self.content = content(&attributes);
            self.past.push(attributes.clone());
            self.attributes = attributes;
            self.changes += 1;
        }
    }
}

fn content(attributes: &Attributes) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    attributes.to_value().to_string().hash(&mut hasher);
    hasher.finish()
}

fn merged(before: &Attributes, row: &Map<String, Value>) -> Attributes {
    let mut merged = before.to_map();
    for (name, value) in row {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged.into()
}

impl Server {
    /// The course of a row.
    pub(crate) fn course(&self, row: &Map<String, Value>) -> usize {
        match (row.get("resourceId"), row.get("id")) {
            (Some(course), _) => course_of(course.as_str().unwrap()).unwrap(),
            (None, Some(id)) => self.find(id).unwrap().course,
            (None, None) => panic!("a row that is for nothing: {row:?}"),
        }
    }

    fn find(&self, id: &Value) -> Option<&Template> {
        self.templates.iter().find(|template| id == template.id.as_str())
    }

    /// Every template for a course that is not deleted.
    pub(crate) fn for_course(&self, course: usize) -> impl Iterator<Item = &Template> {
        self.templates.iter().filter(move |template| template.course == course && !template.deleted)
    }

    /// A person gives a template these attributes in the admin page, or deletes it.
    pub(crate) fn change_by_hand(&mut self, number: usize, attributes: Option<Attributes>, now: Timestamp) {
        self.before = Arc::new(self.templates.clone());
        let template = &mut self.templates[number];
        if let Some(attributes) = attributes {
            template.set(attributes, now);
        } else {
            template.updated_at = now;
            template.changes += 1;
            template.past.push(Attributes::default());
            template.deleted = true;
        }
    }

    /// Whether another template fits into the world.
    pub(crate) fn is_full(&self) -> bool {
        self.templates.len() + 2 > MAX_TEMPLATES
    }

    /// Executes the rows, except those that the server rejects.
    pub(crate) fn act(
        &mut self,
        rows: &[SentRow],
        by_id: bool,
        now: Timestamp,
        refused: impl Fn(usize) -> bool,
    ) -> Done {
        let before = Arc::new(self.templates.clone());
        let mut done = Done::default();
        for (deed, row) in rows {
            let course = self.course(row);
            if refused(course) {
                done.errors.push(error(row, course));
            } else if by_id {
                self.update(row, now, &mut done);
            } else {
                self.create_or_update(*deed, course, row, now, &mut done);
            }
        }
        if !done.touched.is_empty() {
            self.before = before;
        }
        done
    }

    fn create_or_update(
        &mut self,
        deed: Operation,
        course: usize,
        row: &Map<String, Value>,
        now: Timestamp,
        done: &mut Done,
    ) {
        let upsert = self.upsert;
        let is_it = |template: &&mut Template| upsert && template.course == course && !template.deleted;
        let there = self.templates.iter_mut().find(is_it);
        if let Some(template) = there {
            template.met |= deed == Operation::Create;
            template.set(merged(&template.attributes, row), now);
            done.touched.push(template.number());
            done.updated += 1;
        } else {
            let id = id(self.templates.len());
            let attributes = merged(&Attributes::default(), row);
            let content = content(&attributes);
            let template = Template {
                id: id.clone(),
                course,
                past: vec![attributes.clone()],
                attributes,
                content,
                updated_at: now,
                changes: 1,
                mixed: false,
                deleted: false,
                met: false,
            };
            done.touched.push(template.number());
            done.created.push(id);
            self.templates.push(template);
        }
    }

    fn update(&mut self, row: &Map<String, Value>, now: Timestamp, done: &mut Done) {
        let mut fields = row.clone();
        let id = fields.remove("id").unwrap();
        let is_it = |template: &&mut Template| id == template.id.as_str() && !template.deleted;
        let Some(template) = self.templates.iter_mut().find(is_it) else {
            done.errors
                .push(json!({"resourceId": id, "title": row.get("title"), "error": "no such template"}));
            return;
        };
        template.set(merged(&template.attributes, &fields), now);
        done.touched.push(template.number());
        done.updated += 1;
    }

    /// Marks the templates that these rows change only in part, and that somebody else changed before.
    pub(crate) fn mix(&mut self, rows: &[SentRow], knows: &Knowledge) {
        for (_, row) in rows {
            let is_it = |template: &&mut Template| {
                row.get("id").is_some_and(|id| id == template.id.as_str())
                    && knows.changes[template.number()] != template.changes
            };
            self.templates.iter_mut().filter(is_it).for_each(|template| template.mixed = true);
        }
    }

    /// Queues a request as a job.
    pub(crate) fn begin_job(&mut self, rows: Vec<SentRow>, by_id: bool, sender: usize) -> String {
        let id = format!("fedcba00-0000-4000-8000-{:012}", self.jobs.len());
        self.jobs.push(Job { id: id.clone(), by_id, rows, acted: false, end: None, refused: false, sender });
        id
    }

    /// Whether a job may still execute a row for this course.
    pub(crate) fn is_at_work_on(&self, course: usize) -> bool {
        self.jobs.iter().any(|job| job.may_still_act(self, course, |_| true))
    }
}

impl Job {
    /// Whether it may still execute a row for this course with this operation.
    pub(crate) fn may_still_act(
        &self,
        server: &Server,
        course: usize,
        deed: impl Fn(Operation) -> bool,
    ) -> bool {
        let rows = || self.rows.iter().any(|(does, row)| deed(*does) && server.course(row) == course);
        self.end.is_none() && !self.acted && rows()
    }

    /// Whether the server will refuse one of its rows: an update of a template that was deleted.
    pub(crate) fn is_refused(&self, server: &Server) -> bool {
        let is_gone = |id: &Value| server.find(id).is_none_or(|template| template.deleted);
        self.refused
            || !self.acted
                && self.by_id
                && self.rows.iter().any(|(_, row)| row.get("id").is_some_and(is_gone))
    }
}

fn error(row: &Map<String, Value>, course: usize) -> Value {
    let resource = row.get("resourceId").or_else(|| row.get("id"));
    json!({"resourceId": resource, "title": title(course), "error": "refused"})
}
