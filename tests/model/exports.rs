//! What can be seen of the server: exports of every age and completeness, and the certificates of an observer.

use std::collections::BTreeSet;
use std::path::Path;

use certctl::inventory::{Observation, SeenCertificates, read_observer, read_templates};
use certctl::model::{TemplateId, Timestamp};
use certctl::state::{Record, Resolution};
use serde_json::{Map, Value, json};

use crate::academy::Template;
use crate::estate::{number, time};
use crate::stage::Stage;
use crate::world::{May, Rules, World};

/// One way to see the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Of now, or from before the server's latest change.
    pub(crate) fresh: bool,
    pub(crate) shows: Shows,
}

/// How much is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Every template, with all columns.
    Everything,
    /// No row for this course, whatever the server has for it.
    AllBut(usize),
    /// No times of changes.
    NoTimes,
    /// Not the column that only some contents have.
    NoCss,
    /// The certificates of an observer, each with the contents at its issue; deleted templates as well.
    Certificates,
}

/// Every way to see the server that a world allows and that shows anything.
pub(crate) fn possible(world: &World) -> impl Iterator<Item = Sight> {
    let both = [true, false].into_iter();
    let all = both.flat_map(|fresh| kinds(world.rules).into_iter().map(move |shows| Sight { fresh, shows }));
    all.filter(|sight| !sight.templates(world).is_empty())
}

fn kinds(rules: &Rules) -> Vec<Shows> {
    let mut kinds = vec![Shows::Everything];
    if rules.may(May::Observe) {
        kinds.extend([Shows::NoTimes, Shows::NoCss, Shows::Certificates]);
    }
    if rules.may(May::Observe) && rules.courses > 1 {
        kinds.extend((0..rules.courses).map(Shows::AllBut));
    }
    kinds
}

impl Sight {
    /// What is seen, each as it was then.
    pub(crate) fn templates(self, world: &World) -> Vec<Template> {
        let shown = if self.fresh { &world.server.templates } else { &*world.server.before };
        let is_seen = |template: &&Template| self.shows != Shows::AllBut(template.course);
        shown.iter().filter(is_seen).cloned().collect()
    }

    pub(crate) fn observation(self, world: &World) -> Observation {
        let (shown, now) = (self.templates(world), time(world.clock));
        match self.shows {
            Shows::Certificates => certificates(&shown, now),
            Shows::NoTimes => export(&shown, now, |column| column != "updatedat"),
            Shows::NoCss => export(&shown, now, |column| column != "customcss"),
            Shows::Everything | Shows::AllBut(_) => export(&shown, now, |_| true),
        }
    }

    pub(crate) fn words(self) -> String {
        let age = if self.fresh { "of now" } else { "made before the server's last change" };
        match self.shows {
            Shows::Everything => format!("from an export {age}"),
            Shows::AllBut(course) => format!("from an export {age} that lacks course {course}"),
            Shows::NoTimes => format!("from an export {age} without times"),
            Shows::NoCss => format!("from an export {age} without customCss"),
            Shows::Certificates => format!("from the observer, with certificates {age}"),
        }
    }
}

fn export(shown: &[Template], now: Timestamp, has: impl Fn(&str) -> bool) -> Observation {
    let line = |values: [(&str, String); 10]| {
        let kept = values.into_iter().filter(|(column, _)| has(column)).map(|(_, value)| value);
        kept.collect::<Vec<_>>().join(",") + "\n"
    };
    let of = |template: Option<&Template>| {
        COLUMNS.map(|column| (column, template.map_or(column.to_owned(), |template| cell(template, column))))
    };
    let mut csv = line(of(None));
    for template in shown {
        csv.push_str(&line(of(Some(template))));
    }
    read_templates(Path::new("export.csv"), csv.as_bytes(), now, &[]).unwrap()
}

const COLUMNS: [&str; 10] = [
    "id",
    "resourcetype",
    "resourceid",
    "title",
    "usercustomfieldslug",
    "usercustomfieldvalue",
    "expirationdays",
    "customcss",
    "updatedat",
    "statusgroup",
];

fn cell(template: &Template, column: &str) -> String {
    let Template { id, attributes, updated_at, deleted, .. } = template;
    let text = |name| attributes.text(name).unwrap_or_default().to_owned();
    match column {
        "id" => id.to_string(),
        "resourcetype" => text("resourceType"),
        "resourceid" => text("resourceId"),
        "title" => text("title"),
        "expirationdays" => attributes.get("expirationDays").map(ToString::to_string).unwrap_or_default(),
        "customcss" => text("customCss"),
        "updatedat" => updated_at.to_string(),
        "statusgroup" => if *deleted { "d" } else { "a" }.to_owned(),
        _ => String::new(),
    }
}

/// Certificates that were issued just after the latest change that they show.
fn certificates(shown: &[Template], now: Timestamp) -> Observation {
    let whole: BTreeSet<&'static str> =
        ["id", "title", "userCustomFieldSlug", "userCustomFieldValue", "expirationDays", "customCss"].into();
    let held: Vec<Map<String, Value>> = shown.iter().map(|template| certificate(template, &whole)).collect();
    let seen = SeenCertificates {
        host: "academy.example.com",
        certificates: &held,
        whole: &whole,
        changed: &[],
        nameless: 0,
        refused: None,
        shows_now: false,
        asked_at: now,
    };
    read_observer(&seen).observation
}

fn certificate(template: &Template, whole: &BTreeSet<&'static str>) -> Map<String, Value> {
    let attributes = &template.attributes;
    let mut shown: Map<String, Value> =
        whole.iter().map(|name| ((*name).to_owned(), json!(attributes.get(name)))).collect();
    shown.insert("id".to_owned(), json!(template.id.as_str()));
    let issued_at = Timestamp::from_unix_seconds(template.updated_at.unix_seconds() + 1);
    let certificate = json!({
        "id": format!("certificate-{}", template.number()),
        "resourceType": attributes.get("resourceType"),
        "resourceId": attributes.get("resourceId"),
        "issuedAt": issued_at.to_string(),
        "deleted": false,
        "isExternal": false,
        "certificateTemplate": shown,
    });
    certificate.as_object().unwrap().clone()
}

impl Stage {
    /// What this machine knows once it has recorded this. What was seen counts as it was then; what a person says, as it
    /// is now.
    pub(crate) fn learn_from(&mut self, record: &Record) {
        match record {
            Record::Transaction { records } => records.iter().for_each(|record| self.learn_from(record)),
            Record::Observe { baseline, .. } => self.knows_of(&baseline.id, true),
            Record::Import { id, .. } | Record::Resolve { resolution: Resolution::Exists { id }, .. } => {
                self.knows_of(id, false);
            }
            Record::Resolve { resolution: Resolution::Created { id }, .. } => self.knows_of(id, true),
            Record::Resolve { key, resolution: Resolution::NotCreated | Resolution::Applied, .. } => {
                let there: Vec<TemplateId> =
                    self.world.server.for_course(number(key)).map(|template| template.id.clone()).collect();
                for id in &there {
                    self.knows_of(id, true);
                }
            }
            Record::Gone { key, .. } => {
                let of_key = |template: &&Template| template.course == number(key) && template.deleted;
                let gone: Vec<TemplateId> =
                    self.shown.iter().filter(of_key).map(|template| template.id.clone()).collect();
                for id in &gone {
                    self.knows_of(id, true);
                }
            }
            Record::Forget { key } => {
                let of_key = |template: &&Template| template.course == number(key);
                let bits = self.world.server.templates.iter().filter(of_key);
                let bits = bits.fold(0, |bits, template| bits | 1 << template.number());
                self.machine().knows.forgotten |= bits;
            }
            _ => {}
        }
    }

    /// `contents`: whether the record says what the template holds, not only that it exists.
    fn knows_of(&mut self, id: &TemplateId, contents: bool) {
        let is = |template: &&Template| template.id == *id;
        let seen = self.shown.iter().find(is).or_else(|| self.world.server.templates.iter().find(is));
        let Some((number, changes)) = seen.map(|template| (template.number(), template.changes)) else {
            return;
        };
        let known = &mut self.machine().knows.changes[number];
        if contents || *known == 0 {
            *known = changes.max(*known);
        }
    }
}
