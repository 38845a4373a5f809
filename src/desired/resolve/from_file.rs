//! A text that is taken from a file: `customCss: { file: css/landscape.css }`.

use crate::desired::fields::FILE;
use crate::desired::merge_keys;
use crate::desired::path::PathPart;
use crate::desired::path_cursor::PathCursor;
use crate::desired::text_files::{TextFiles, TextProblem};
use crate::desired::tree::Node;
use crate::desired::unknown_name::unknown_name;
use crate::desired::values::Values;
use crate::model::SharedValue;

/// The text of the file that the members of a mapping name; `None` after a finding.
pub(super) fn text(
    field: &str,
    members: Vec<(String, Node)>,
    at: &PathCursor<'_>,
    values: &mut Values<'_>,
    texts: &TextFiles<'_>,
) -> Option<SharedValue> {
    let (mut path, mut has_other) = (None, false);
    for (name, node) in merge_keys::members(members, at, values.findings) {
        if name == FILE {
            path = Some(node);
        } else {
            let (message, help) = unknown_name(&name, &[FILE]);
            let node_ref = at.member(&name).node_ref(PathPart::Name);
            values.findings.add_with_help(node_ref, "unknown-field", message, Some(help));
            has_other = true;
        }
    }
    let at_path = at.member(FILE);
    let refuse = |values: &mut Values<'_>, at: &PathCursor<'_>, message: String| {
        values.findings.add(at.node_ref(PathPart::Value), "wrong-type", message);
        None
    };
    let path = match path {
        Some(Node::Text(path)) => values.string(&path, &at_path),
        Some(other) => {
            let message = format!("{FILE} must be the path of a file, and this is {}", other.kind());
            return refuse(values, &at_path, message);
        }
        None if has_other => return None,
        None => {
            let message =
                format!("{field} must be a string, or name a file, such as {{ {FILE}: css/landscape.css }}");
            return refuse(values, at, message);
        }
    };
    if values.reported.contains(&at_path.path()) {
        return None;
    }
    let read = texts.text(at.file(), &path);
    if let Err(TextProblem { rule, message, help }) = read {
        values.findings.add_with_help(at_path.node_ref(PathPart::Value), rule, message, Some(help));
        return None;
    }
    read.ok().flatten()
}
