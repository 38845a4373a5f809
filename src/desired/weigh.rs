//! Weighs all template files against the limits that they share. `load` calls it before any file is parsed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::alias_limits::{self, Weight};
use super::syntax;
use super::variables::Growth;
use crate::config::Variable;
use crate::model::{Finding, SourceText};

/// Weighs each file. All files share one limit, so that many files cannot together exceed what one file may not.
/// The first files in order use it up, whatever the order in which they are read.
pub(super) fn weigh(
    files: &[(&Arc<Path>, &SourceText)],
    variables: &BTreeMap<String, Variable>,
    most: Weight,
) -> Vec<Result<Weight, Box<Finding>>> {
    let growth = Growth::new(variables);
    let alone: Vec<_> =
        files.par_iter().map(|(_, source)| alias_limits::weigh(source.text(), &growth, most)).collect();
    let mut left = most;
    let together = alone.into_iter().zip(files).map(|(weight, (_, source))| {
        let weight = weight.and_then(|weight| match left.without(weight) {
            Some(_) => Ok(weight),
            // Weigh again, more precisely, to find the place where the limit is exceeded.
            None => alias_limits::weigh(source.text(), &growth, left),
        });
        if let Ok(weight) = weight {
            left = left.without(weight).unwrap_or_default();
        }
        weight.map_err(|too_much| syntax::too_much(source, &too_much))
    });
    together.collect()
}
