//! The newer states themselves, for a command that joins them with the one in place.

use std::path::Path;

use super::names::{short, whereabouts};
use super::unchecked::reason;
use super::{KnownVersions, lost_journal};
use crate::cli::context::shown_path;
use crate::cli::failure::Failure;
use crate::cli::named_file;
use crate::state::{
    Document, LookLimits, Recency, SightingSource, journal_at, parse_state, read_commit, state_at,
};

impl KnownVersions<'_> {
    /// Returns the newest states that the one in place does not include, each with its place.
    pub(in crate::cli) fn ahead(&self) -> Result<Vec<(String, Document)>, Failure> {
        let mut ahead = self.newer()?;
        let lost = self.lost_journal.as_ref();
        ahead.extend(lost.map(|lost| (lost_journal::name(lost), lost.document.clone())));
        let foreign = self.foreign_journal.clone();
        ahead.extend(foreign.map(|document| ("what the interrupted run recorded".to_owned(), document)));
        Ok(ahead)
    }

    /// Returns the same without what only a journal has.
    pub(in crate::cli) fn newer(&self) -> Result<Vec<(String, Document)>, Failure> {
        let mut ahead = Vec::new();
        if let Recency::Lost(setback) | Recency::Behind(setback) = &self.recency {
            for seen in std::iter::once(&setback.newest).chain(&setback.others) {
                ahead.push((whereabouts(&seen.origin), read(&seen.origin, &self.context.identity.url)?));
            }
        }
        Ok(ahead)
    }
}

fn read(origin: &SightingSource, url: &str) -> Result<Document, Failure> {
    let from = |path: &Path| Ok(parse_state(path, &named_file::state(path)?)?);
    match origin {
        SightingSource::Mark(path) => from(path),
        SightingSource::File(path) => state_at(path, url).map_or_else(|| from(path), Ok),
        SightingSource::Journal(path) => journal_at(path, url)
            .ok_or_else(|| Failure::error(format!("cannot read the journal {}", shown_path(path)))),
        SightingSource::Head(place)
        | SightingSource::Elsewhere(place)
        | SightingSource::Ref { place, .. } => read_commit(place, LookLimits::default()).map_err(|why| {
            let commit = short(&place.commit);
            Failure::error(format!("cannot read the state in commit {commit}: {}", reason(&why)))
        }),
    }
}
