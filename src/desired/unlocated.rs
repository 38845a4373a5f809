//! What is wrong, by path.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::path::{PathPart, YamlPath};

/// Something in a file, by path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeRef {
    pub(super) file: Arc<Path>,
    pub(super) path: YamlPath,
    pub(super) part: PathPart,
}

/// One thing wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct UnlocatedFinding {
    pub(super) spot: NodeRef,
    pub(super) rule: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The text within the spot that is meant, as it is written there.
    pub(super) written: Option<String>,
    pub(super) related: Vec<(NodeRef, String)>,
    /// The name that is none, and of what it should be one.
    pub(super) unknown: Option<(Among, String)>,
}

/// What a name that is not known should be one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Among {
    Environments,
    Layouts,
    Templates,
}

impl UnlocatedFinding {
    fn new(spot: NodeRef, rule: &'static str, message: String) -> Self {
        Self { spot, rule, message, help: None, written: None, related: Vec::new(), unknown: None }
    }

    pub(super) fn with_help(spot: NodeRef, rule: &'static str, message: String, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..Self::new(spot, rule, message) }
    }
}

/// Every fault, each once: what is wrong in a layout is not wrong once more for each template that uses it.
#[derive(Debug, Default)]
pub(super) struct UnlocatedFindings(pub(super) BTreeSet<UnlocatedFinding>);

impl UnlocatedFindings {
    pub(super) fn add(&mut self, spot: NodeRef, rule: &'static str, message: impl Into<String>) {
        self.add_with_help(spot, rule, message, None);
    }

    pub(super) fn add_with_help(
        &mut self,
        spot: NodeRef,
        rule: &'static str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let help = help.map(|help| one_line(&help));
        self.0.insert(UnlocatedFinding { help, ..UnlocatedFinding::new(spot, rule, message.into()) });
    }

    /// A name that is none. Which one could be meant is looked for at the end, for as many as are shown.
    pub(super) fn add_unknown(
        &mut self,
        spot: NodeRef,
        rule: &'static str,
        message: String,
        among: Among,
        name: &str,
    ) {
        let unknown = Some((among, name.to_owned()));
        self.0.insert(UnlocatedFinding { unknown, ..UnlocatedFinding::new(spot, rule, message) });
    }

    /// Something wrong with a part of a text, which can have many lines.
    pub(super) fn add_within(
        &mut self,
        spot: NodeRef,
        written: &str,
        rule: &'static str,
        message: String,
        help: &str,
    ) {
        let written = Some(written.to_owned());
        let help = Some(one_line(help));
        self.0.insert(UnlocatedFinding { help, written, ..UnlocatedFinding::new(spot, rule, message) });
    }

    pub(super) fn add_pair(
        &mut self,
        spot: NodeRef,
        rule: &'static str,
        message: String,
        other: NodeRef,
        about_other: &str,
    ) {
        let related = vec![(other, about_other.to_owned())];
        self.0.insert(UnlocatedFinding { related, ..UnlocatedFinding::new(spot, rule, message) });
    }
}

/// Further lines of a help are what to paste: no name in it may begin one.
fn one_line(help: &str) -> String {
    help.replace(char::is_control, " ")
}
