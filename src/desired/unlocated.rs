//! Findings by path, before lines and columns are looked up.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::path::{PathPart, YamlPath};

/// A node in a file, by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeRef {
    pub(super) file: Arc<Path>,
    pub(super) path: YamlPath,
    pub(super) part: PathPart,
}

/// A finding by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnlocatedFinding {
    pub(super) node_ref: NodeRef,
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The text within the node that is meant, as written there.
    pub(super) written: Option<String>,
    pub(super) related: Vec<(NodeRef, String)>,
    /// The unknown name, and the names it should be among.
    pub(super) unknown: Option<(Among, String)>,
}

/// The set of names that an unknown name should be among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Among {
    Environments,
    Layouts,
    Templates,
}

impl UnlocatedFinding {
    fn new(node_ref: NodeRef, rule: &'static str, message: String) -> Self {
        Self { node_ref, rule, message, help: None, written: None, related: Vec::new(), unknown: None }
    }

    pub(super) fn with_help(node_ref: NodeRef, rule: &'static str, message: String, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..Self::new(node_ref, rule, message) }
    }
}

/// All findings, without duplicates: what is wrong in a layout is reported once, not for each template that uses
/// it.
#[derive(Debug, Default)]
pub(super) struct UnlocatedFindings(pub(super) BTreeSet<UnlocatedFinding>);

impl UnlocatedFindings {
    pub(super) fn add(&mut self, node_ref: NodeRef, rule: &'static str, message: impl Into<String>) {
        self.add_with_help(node_ref, rule, message, None);
    }

    pub(super) fn add_with_help(
        &mut self,
        node_ref: NodeRef,
        rule: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let help = help.map(|help| one_line(&help));
        self.0.insert(UnlocatedFinding { help, ..UnlocatedFinding::new(node_ref, rule, message.into()) });
    }

    /// Adds an unknown name. Similar names are looked for at the end, and only for findings that are shown.
    pub(super) fn add_unknown(
        &mut self,
        node_ref: NodeRef,
        rule: &'static str,
        message: String,
        among: Among,
        name: &str,
    ) {
        let unknown = Some((among, name.to_owned()));
        self.0.insert(UnlocatedFinding { unknown, ..UnlocatedFinding::new(node_ref, rule, message) });
    }

    /// Adds a finding about a part of a text, which can have many lines.
    pub(super) fn add_within(
        &mut self,
        node_ref: NodeRef,
        written: &str,
        rule: &'static str,
        message: String,
        help: &str,
    ) {
        let written = Some(written.to_owned());
        let help = Some(one_line(help));
        self.0.insert(UnlocatedFinding { help, written, ..UnlocatedFinding::new(node_ref, rule, message) });
    }

    pub(super) fn add_pair(
        &mut self,
        node_ref: NodeRef,
        rule: &'static str,
        message: String,
        other: NodeRef,
        about_other: &str,
    ) {
        let related = vec![(other, about_other.to_owned())];
        self.0.insert(UnlocatedFinding { related, ..UnlocatedFinding::new(node_ref, rule, message) });
    }
}

/// Only lines meant to be pasted may begin a line of the help; a name must not.
fn one_line(help: &str) -> String {
    help.replace(char::is_control, " ")
}
