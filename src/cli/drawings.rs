//! Turns problems in the drawings of templates into warnings about the files that define them. Called when templates
//! are loaded; it never draws to a file.

use std::collections::BTreeSet;
use std::path::Path;

use crate::desired::Desired;
use crate::model::{Finding, Key, SourceLocation, Warning};
use crate::report::drawing::{Fields, Flag, Subject, flags};

/// Returns one warning per label and problem, placed at the first template that has it.
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
    let labels: Vec<Option<(Key, String)>> = flags.iter().map(first_label).collect();
    let known: Vec<(Key, String)> = labels.iter().flatten().cloned().collect();
    let mut places = desired.locate_labels(&known).into_iter();
    let place = labels.into_iter().map(|label| label.and_then(|_| places.next().flatten()));
    let place: Vec<Option<SourceLocation>> = place.collect();
    let of_template = |flag: &Flag| {
        let first = flag.keys.first();
        let file = first.and_then(|key| desired.templates.get(key)).map(|template| template.file.as_ref());
        SourceLocation {
            line: first.and_then(|key| lines.get(key)).copied().unwrap_or(1),
            ..SourceLocation::whole_file(file.unwrap_or_else(|| Path::new("templates")))
        }
    };
    flags
        .into_iter()
        .zip(place)
        .map(|(flag, place)| {
            let place = place.unwrap_or_else(|| of_template(&flag));
            let Flag { rule, message, help, keys, .. } = flag;
            let finding =
                Finding { place, rule, message, help: Some(help), related: Vec::new(), option: None };
            Warning { finding, keys }
        })
        .collect()
}

/// Returns the first template with the label that a flag is about, and the label's certificate field.
fn first_label(flag: &Flag) -> Option<(Key, String)> {
    Some((flag.keys.first()?.clone(), flag.field.clone()?))
}
