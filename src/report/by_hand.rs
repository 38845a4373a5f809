//! The words for templates that only a person can delete, in the admin page of the academy.

use super::names::Names;
use crate::model::TemplateId;

/// `delete "Cloud 101" (id …) in the admin page`.
pub(super) fn delete(title: Option<&str>, id: Option<&TemplateId>, names: &dyn Names) -> String {
    let what = match (title, id) {
        (None, Some(id)) => format!("the template with the id {}", names.id(id)),
        (title, id) => called(title, id, "it", names),
    };
    format!("delete {what} in the admin page")
}

/// `"Cloud 101" (id …)`, or a replacement where the title is unknown.
pub(super) fn called(
    title: Option<&str>,
    id: Option<&TemplateId>,
    otherwise: &str,
    names: &dyn Names,
) -> String {
    let title = title.map_or_else(|| otherwise.to_owned(), |title| names.title(title));
    id.map(|id| format!("{title} (id {})", names.id(id))).unwrap_or(title)
}
