//! Stand-in.
#![allow(missing_docs)]
use crate::model::{Attributes, Key};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
#[derive(Debug, Default)]
pub struct Desired {
    pub templates: BTreeMap<Key, Template>,
    pub moved: Vec<Moved>,
}
#[derive(Debug)]
pub struct Template {
    pub attributes: Attributes,
    pub protect: bool,
    pub file: Arc<Path>,
}
#[derive(Debug)]
pub struct Moved {
    pub from: Key,
    pub to: Key,
}
impl Desired {
    pub fn locate(&self, _: &BTreeSet<Key>) -> HashMap<Key, usize> {
        HashMap::new()
    }
}
