//! What is wrong with the drawings of templates, as warnings about the files that they are written in.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::model::{Finding, Key, Place, Warning};
use crate::report::drawing::{Fields, Flag, Subject, flags};

/// One warning for each label that has the same thing wrong in one or many templates, at the first of them.
pub(super) fn warnings(desired: &Desired, fields: &Fields) -> Vec<Warning> {
    let subjects: Vec<Subject<'_>> = desired
        .templates
        .iter()
        .map(|(key, template)| Subject {
            key,
            attributes: &template.attributes,
            canvas: template.canvas.as_ref(),
        })
        .collect();
    let flags = flags(&subjects, fields);
    let firsts: BTreeSet<Key> = flags.iter().filter_map(|flag| flag.keys.first().cloned()).collect();
    let lines = desired.locate(&firsts);
    flags.into_iter().map(|flag| warning(flag, desired, |key| lines.get(key).copied())).collect()
}

fn warning(flag: Flag, desired: &Desired, line: impl Fn(&Key) -> Option<usize>) -> Warning {
    let Flag { rule, message, help, keys } = flag;
    let first = keys.first();
    let file = first.and_then(|key| desired.templates.get(key)).map(|template| template.file.as_ref());
    let place = Place {
        line: first.and_then(line).unwrap_or(1),
        ..Place::whole_file(file.unwrap_or_else(|| std::path::Path::new("templates")))
    };
    let finding = Finding { place, rule, message, help: Some(help), related: Vec::new() };
    Warning { finding, keys }
}
