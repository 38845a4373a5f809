//! The floor: the same files, read with the same parsers into the types that a program for exactly these files would
//! have, and nothing else done. No limits, no positions, no variables, no checks; each file on one of two threads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde::Deserialize;

/// A template file.
#[derive(Debug, Deserialize)]
pub struct TemplateFile {
    /// The layouts by name.
    #[serde(default)]
    pub layouts: BTreeMap<String, Layout>,
    /// The templates by key.
    #[serde(default)]
    pub templates: BTreeMap<String, Template>,
}

/// A layout.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Its style sheet.
    pub custom_css: String,
}

/// A template, in a template file or in a state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Its title.
    pub title: String,
    /// `course`.
    pub resource_type: String,
    /// The course's id.
    pub resource_id: String,
    /// The image.
    pub asset: String,
    /// Days from issue to expiry.
    pub expiration_days: u32,
    /// The layout that it uses.
    pub layout: Option<String>,
    /// What is printed.
    pub labels: Vec<Label>,
    /// Its style sheet.
    pub custom_css: Option<String>,
    /// What to do before it expires.
    pub recertification_instructions: String,
}

/// One label.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// What it prints.
    pub certificate_field_id: String,
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// In pixels.
    pub font_size: u32,
    /// `#` and six digits.
    pub font_color: String,
    /// `left` or `center`.
    pub text_align: String,
}

/// A state.
#[derive(Debug, Deserialize)]
pub struct State {
    /// Counts the versions.
    pub serial: u64,
    /// One row a template.
    pub templates: BTreeMap<String, Row>,
}

/// One template in the state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What the server holds.
    pub attributes: Template,
    /// Their digest.
    pub digest: String,
    /// The vendor's id.
    pub id: Option<String>,
    /// `applied`.
    pub status: String,
}

/// Reads every template file of a project, on two threads.
pub fn yaml(project: &Path) -> Vec<TemplateFile> {
    let folder = fs::read_dir(project.join("templates")).expect("a project");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let read =
        |files: &[PathBuf]| -> Vec<TemplateFile> { files.iter().map(|file| yaml_file(file)).collect() };
    let (first, second) = files.split_at(files.len() / 2);
    thread::scope(|scope| {
        let beside = scope.spawn(|| read(second));
        let mut all = read(first);
        all.extend(beside.join().expect("a thread that reads"));
        all
    })
}

fn yaml_file(file: &Path) -> TemplateFile {
    serde_yaml::from_str(&fs::read_to_string(file).expect("a text")).expect("a template file")
}

/// Reads the state of a project.
pub fn state(project: &Path) -> State {
    let text = fs::read(project.join("state/sandbox.json")).expect("a state");
    serde_json::from_slice(&text).expect("a state")
}
