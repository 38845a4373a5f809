//! The simulated server: the documented API over a few templates. It shares no code with the sandbox or the client.

use std::sync::Arc;

use certctl::model::{Attributes, TemplateId, Timestamp};
use certctl::state::Operation;
use serde_json::{Map, Value, json};

use crate::estate::{course_of, title};
use crate::world::MAX_TEMPLATES;

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

    /// Every template for a course.
    pub(crate) fn for_course(&self, course: usize) -> impl Iterator<Item = &Template> {
        self.templates.iter().filter(move |template| template.course == course)
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
        let there = self.templates.iter_mut().find(|template| upsert && template.course == course);
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
                attributes,
                content,
                updated_at: now,
                changes: 1,
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
        let Some(template) = self.templates.iter_mut().find(|template| id == template.id.as_str()) else {
            done.errors
                .push(json!({"resourceId": id, "title": row.get("title"), "error": "no such template"}));
            return;
        };
        template.set(merged(&template.attributes, &fields), now);
        done.touched.push(template.number());
        done.updated += 1;
    }

    /// Queues a request as a job.
    pub(crate) fn begin_job(&mut self, rows: Vec<SentRow>, by_id: bool, sender: usize) -> String {
        let id = format!("fedcba00-0000-4000-8000-{:012}", self.jobs.len());
        self.jobs.push(Job { id: id.clone(), by_id, rows, acted: false, end: None, sender });
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
}

fn error(row: &Map<String, Value>, course: usize) -> Value {
    let resource = row.get("resourceId").or_else(|| row.get("id"));
    json!({"resourceId": resource, "title": title(course), "error": "refused"})
}
