//! Groups templates whose drawings are alike: thousands share a layout, and its labels are compared with each other
//! only once.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::prelude::*;
use serde_json::Value;

use super::{Fields, Subject};
use crate::model::{Attributes, Canvas};

/// Everything that a drawing depends on.
#[derive(PartialEq, Eq, Hash)]
struct Depends<'a> {
    /// The address of the list of labels in memory: equal lists are stored once.
    labels: usize,
    canvas: Option<(u32, u32, Option<&'a str>)>,
    /// The attributes of the template that its labels print.
    printed: Vec<Option<&'a Value>>,
}

/// The positions of templates that have labels, grouped by equal drawings, in the order of the first of each group.
pub(super) fn group_by_drawing<'a>(subjects: &[Subject<'a>], fields: &Fields) -> Vec<Vec<usize>> {
    let printed = printed(fields);
    let mut known: HashMap<Depends<'_>, usize, RandomState> = HashMap::default();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let depends = |subject: &Subject<'a>| {
        Some(Depends {
            labels: subject.attributes.shared_value(Attributes::LABELS)?.address().addr(),
            canvas: subject
                .canvas
                .map(|Canvas { height, layout, width }| (*width, *height, layout.as_deref())),
            printed: printed.iter().map(|name| subject.attributes.get(name)).collect(),
        })
    };
    let all: Vec<Option<Depends<'a>>> = subjects.par_iter().map(depends).collect();
    for (position, depends) in all.into_iter().enumerate() {
        let Some(depends) = depends else { continue };
        let group = *known.entry(depends).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(position),
            None => groups.push(vec![position]),
        }
    }
    groups
}

/// The attributes that some certificate field prints.
fn printed(fields: &Fields) -> Vec<&'static str> {
    let prints = |label_type| fields.values().any(|field| field.prints.as_deref() == Some(label_type));
    let title = prints("courseLabel").then_some(&["title"][..]);
    let expiry = prints("expirationDateLabel").then_some(&["expirationDate", "expirationDays"][..]);
    title.into_iter().chain(expiry).flatten().copied().collect()
}
