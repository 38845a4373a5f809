//! The facts of the schemas that editors use.

use std::path::Path;

use crate::cli::editor_schema::is_current;
use crate::config::read_regular;
use crate::model::EditorSchema;
use crate::view::doctor::SchemaFacts;

/// The size limit of a schema, in bytes: many times what certctl writes.
const MAX_BYTES: u64 = 4_000_000;

/// The schemas that are there, beside certctl.toml in this folder. A project needs none.
pub(super) fn facts(folder: Option<&Path>) -> Vec<SchemaFacts> {
    let facts = |schema: EditorSchema| {
        let file = folder.unwrap_or(Path::new("")).join(schema.file());
        file.symlink_metadata().ok()?;
        let is_current = read_regular(&file, MAX_BYTES)
            .map(|text| is_current(schema, &String::from_utf8_lossy(&text)))
            .map_err(|error| error.to_string());
        Some(SchemaFacts { schema, file, is_current })
    };
    EditorSchema::ALL.into_iter().filter_map(facts).collect()
}
