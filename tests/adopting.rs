//! Adopting what the server has, and taking what was seen as the baseline, end to end.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "adopting/exports.rs"]
mod exports;
#[path = "adopting/imports.rs"]
mod imports;
#[path = "adopting/refreshing.rs"]
mod refreshing;
mod support;

use exports::{FIELD, Shown, labels, templates};
use serde_json::{Value, json};
use support::{Project, Template, numbered};

/// A project with these templates, which were made by hand; nothing is sent.
fn project(templates: &[Template]) -> Project {
    let project = Project::empty();
    project.configure("https://academy.example.com", "");
    project.templates(templates);
    project
}

fn action(plan: &Value, key: &str) -> Value {
    plan["actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|action| action["key"] == key)
        .cloned()
        .unwrap_or_default()
}

/// What became of each template, by key.
fn outcomes(told: &Value) -> Vec<(&str, &str)> {
    told["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["key"].as_str().unwrap(), result["outcome"].as_str().unwrap()))
        .collect()
}
