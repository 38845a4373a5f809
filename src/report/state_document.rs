//! The state for programs: `state list` as `certctl.state-list/v1`, and `state show` as `certctl.row/v1`.

use serde::Serialize;

use super::state_text::title_of;
use crate::model::{Key, TemplateId};
use crate::state::{Document, IdSource, Row, RowStatus};

/// `certctl.state-list/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StateListDocument<'s> {
    /// The environment.
    environment: &'s str,
    /// Name and major version of the format.
    format: &'static str,
    /// The id that all versions of the state share; null if nothing was applied yet.
    lineage: Option<&'s str>,
    /// The number of the version; 0 if nothing was applied yet.
    serial: u64,
    /// The templates, sorted by key.
    templates: Vec<ListedTemplate<'s>>,
}

/// One template of the list.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ListedTemplate<'s> {
    /// The vendor's id; null if it is not known.
    id: Option<&'s TemplateId>,
    /// How the id was learned; null if it is not known.
    id_source: Option<IdSource>,
    /// The template's key.
    key: &'s Key,
    /// Whether forgetting it takes two steps.
    protect: bool,
    /// How the last attempt ended.
    status: RowStatus,
    /// The title that the server holds, or was sent if that is not known; null if neither is known.
    title: Option<&'s str>,
}

/// `certctl.row/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RowDocument<'s> {
    /// The environment.
    environment: &'s str,
    /// Name and major version of the format.
    format: &'static str,
    /// The template's key.
    key: &'s Key,
    /// What the state has of it, as in certctl.state/v1.
    row: &'s Row,
    /// The number of the version of the state.
    serial: u64,
}

impl<'s> StateListDocument<'s> {
    /// The templates of a state; without one, none.
    pub(super) fn of(environment: &'s str, document: Option<&'s Document>) -> Self {
        let rows = document.into_iter().flat_map(|document| &document.templates);
        let templates = rows.map(|(key, row)| ListedTemplate {
            id: row.identity.as_ref().map(|identity| &identity.id),
            id_source: row.identity.as_ref().map(|identity| identity.source),
            key,
            protect: row.protect,
            status: row.status(),
            title: title_of(row),
        });
        Self {
            environment,
            format: "certctl.state-list/v1",
            lineage: document.map(|document| document.lineage.as_str()),
            serial: document.map_or(0, |document| document.serial),
            templates: templates.collect(),
        }
    }
}

impl<'s> RowDocument<'s> {
    /// One row of a version of the state.
    pub(super) fn of(environment: &'s str, serial: u64, key: &'s Key, row: &'s Row) -> Self {
        Self { environment, format: "certctl.row/v1", key, row, serial }
    }
}
