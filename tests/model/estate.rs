//! The templates of the small world: two courses, two contents, and what the YAML says about them.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use certctl::desired::{Desired, Template, WrittenPlaces};
use certctl::model::{Attributes, Key, Timestamp};
use certctl::state::{Holder, StateIdentity};
use serde_json::json;

/// The number of courses, each with at most one key in the YAML.
pub(crate) const COURSES: usize = 2;

/// What the YAML says about one template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    Absent,
    /// No template, and its key under `removed`.
    Removed,
    /// One attribute less than [`Content::B`], so that changing B to A clears one.
    A,
    B,
    /// As [`Content::A`], with the attribute that B has beside it.
    Styled,
}

/// The template files of one clone.
pub(crate) type Yaml = [Content; COURSES];

impl Content {
    pub(crate) const ALL: [Self; 3] = [Self::Absent, Self::A, Self::B];
    const EVERY: [Self; 5] = [Self::Absent, Self::Removed, Self::A, Self::B, Self::Styled];

    fn is_template(self) -> bool {
        !matches!(self, Self::Absent | Self::Removed)
    }
}

fn course(number: usize) -> String {
    format!("00000000-0000-4000-8000-00000000000{number}")
}

/// The course of a resource.
pub(crate) fn course_of(resource_id: &str) -> Option<usize> {
    (0..COURSES).find(|number| course(*number) == resource_id)
}

/// The attributes of a template with these contents.
pub(crate) fn written(number: usize, content: Content) -> Attributes {
    let mut attributes = json!({
        "resourceType": "course",
        "resourceId": course(number),
        "title": format!("Course {number}"),
        "expirationDays": 1,
    });
    if content == Content::B {
        attributes["expirationDays"] = json!(2);
    }
    if matches!(content, Content::B | Content::Styled) {
        attributes["customCss"] = json!("b");
    }
    serde_json::from_value(attributes).unwrap()
}

pub(crate) fn title(number: usize) -> String {
    format!("Course {number}")
}

/// The key of this course's template.
pub(crate) fn key(number: usize) -> Key {
    Key::new(format!("k{number}")).unwrap()
}

/// The course of a key.
pub(crate) fn number(key: &Key) -> usize {
    usize::from(key.as_str().as_bytes()[1] - b'0')
}

fn loaded(yaml: Yaml) -> Desired {
    static FILE: LazyLock<Arc<Path>> = LazyLock::new(|| Arc::from(Path::new("a.yaml")));
    let there = yaml.into_iter().enumerate().filter(|(_, content)| content.is_template());
    let removed = yaml.into_iter().enumerate().filter(|(_, content)| *content == Content::Removed);
    let template = |(number, content)| {
        let attributes = written(number, content);
        (
            key(number),
            Template {
                attributes,
                protect: false,
                written: WrittenPlaces::default(),
                canvas: None,
                file: Arc::clone(&FILE),
            },
        )
    };
    Desired::from_templates(there.map(template), Vec::new()).without(removed.map(|(number, _)| key(number)))
}

/// The configuration in these files.
pub(crate) fn desired(yaml: Yaml) -> &'static Desired {
    static ALL: LazyLock<Vec<(Yaml, Desired)>> = LazyLock::new(|| {
        let pairs = Content::EVERY.into_iter().flat_map(|one| Content::EVERY.map(|other| [one, other]));
        pairs.map(|yaml| (yaml, loaded(yaml))).collect()
    });
    ALL.iter().find(|(other, _)| *other == yaml).map(|(_, desired)| desired).unwrap()
}

pub(crate) fn owner() -> &'static StateIdentity {
    static OWNER: LazyLock<StateIdentity> = LazyLock::new(|| StateIdentity {
        environment: "test".to_owned(),
        url: "https://academy.example.com".to_owned(),
    });
    &OWNER
}

pub(crate) fn holder(machine: usize) -> Holder {
    let since = Timestamp::from_unix_seconds(0);
    Holder {
        who: format!("m{machine}"),
        host: "h".to_owned(),
        pid: 1,
        operation: "x".to_owned(),
        run_url: None,
        since,
    }
}

/// The time after this many commands that sent something; each step exceeds the tolerance for clocks.
pub(crate) fn time(clock: u32) -> Timestamp {
    Timestamp::from_unix_seconds(1_800_000_000 + i64::from(clock) * 1000)
}
