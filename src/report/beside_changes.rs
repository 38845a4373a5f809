//! What there is to say of a template of a plan beside what changes: the same on every surface. It begins with a small
//! letter.

use crate::model::Attributes;

/// Of an update that may not be the first attempt.
pub(super) const SENT_AGAIN: &str =
    "everything is sent again: what became of an earlier attempt is not known";

/// Of an update of a template that was imported: there is nothing to compare with.
pub(super) fn not_known(after: &Attributes) -> String {
    let all = match after.names().count() {
        1 => "its one attribute is".to_owned(),
        count => format!("all {count} attributes are"),
    };
    format!("what the server holds of it is not known: {all} sent")
}

/// Of a template that was refused before.
pub(super) fn failed(error: &str) -> String {
    format!("failed last time: {error}")
}

/// Of a template that waits for the server.
pub(super) fn pending(job: &str) -> String {
    format!("the server's job {job} has not ended; the next apply asks for it")
}

/// Of a template that gets another key.
pub(super) fn moved(from: &str) -> String {
    format!("moved, was {from}")
}
