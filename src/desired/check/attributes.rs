//! The rules for attributes that no template file has, such as those of a saved plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{template, value};
use crate::desired::faults::Faults;
use crate::desired::path::YamlPath;
use crate::desired::resolve::Resolved;
use crate::desired::shape::Origin;
use crate::desired::trail::Trail;
use crate::model::{Attributes, Key};

/// What the vendor calls the id of a template. It is never part of a template's attributes: with it in a request, another
/// template would be changed than the one that the request is about.
pub(in crate::desired) const ID: &str = "id";

/// Every rule that these attributes of one template break, in words.
pub fn broken_rules(key: &Key, attributes: &Attributes) -> Vec<String> {
    let origin = Origin { file: Arc::from(Path::new("")), path: YamlPath::root() };
    let (top, unsettled, mut faults) = (Trail::at(&origin), BTreeSet::new(), Faults::default());
    for (name, member) in attributes.iter() {
        value::check(name, member, &top.member(name), &unsettled, &mut faults);
    }
    template::check(key, &origin, &Resolved::of(attributes.clone()), &mut faults);
    let id = attributes.get(ID).map(|_| format!("{ID} is not allowed here"));
    faults.0.into_iter().map(|fault| fault.message).chain(id).collect()
}
