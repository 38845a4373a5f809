//! Names the place of a newer state for people.

use super::elsewhere;
use crate::cli::context::shown_path;
use crate::state::SightingSource;

/// Names the place of a newer state, as a part of a sentence.
pub(super) fn whereabouts(origin: &SightingSource) -> String {
    match origin {
        SightingSource::Head(place) => format!("the one in commit {} of this branch", short(&place.commit)),
        SightingSource::Mark(path) => {
            format!("the one that certctl wrote last on this machine, which it keeps in {}", path.display())
        }
        SightingSource::File(path) => format!("the one in {}", shown_path(path)),
        SightingSource::Journal(path) => {
            format!("what an interrupted first run recorded in {}", shown_path(path))
        }
        SightingSource::Elsewhere(place) => {
            format!(
                "the one in {} of commit {}",
                shown_path(&elsewhere::file_of(place)),
                short(&place.commit)
            )
        }
        SightingSource::Ref { name, .. } => format!("the one in {name}"),
    }
}

/// Shortens a commit id as people write it.
pub(in crate::cli) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
