//! Notes about a template of a plan beside its changes, in the same words in every report. They begin with a
//! lower-case letter.

use crate::model::Attributes;

/// For an update that may not be the first attempt.
pub(super) const SENT_AGAIN: &str =
    "everything is sent again: what became of an earlier attempt is not known";

/// For an update of an imported template, whose contents on the server are unknown.
pub(super) fn not_known(after: &Attributes) -> String {
    let all = match after.names().count() {
        1 => "its one attribute is".to_owned(),
        count => format!("all {count} attributes are"),
    };
    format!("what the server holds of it is not known: {all} sent")
}

/// For a template that the server rejected in an earlier run.
pub(super) fn failed(error: &str) -> String {
    format!("failed last time: {error}")
}

/// For a template that waits for a background job of the server.
pub(super) fn pending(job: &str) -> String {
    format!("the server's job {job} has not ended; the next apply asks for it")
}

/// For a template whose key changes.
pub(super) fn moved(from: &str) -> String {
    format!("moved, was {from}")
}
