//! The flags that say where to look at the server. `import`, `refresh`, `drift` and `recover` share them.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::inventory::ExtraColumn;
use crate::model::Timestamp;

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Observation")]
pub(in crate::cli) struct ObservationArgs {
    /// Look at this export of the vendor's table certificatetemplates.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from_csv: Option<PathBuf>,
    /// Look at the certificates of the environment's observer.
    #[arg(long, conflicts_with = "from_csv")]
    pub(in crate::cli) from_observer: bool,
    /// The export of the table certificatetemplatelabels, made together with it.
    #[arg(long, value_name = "FILE", requires = "from_csv")]
    pub(in crate::cli) labels: Option<PathBuf>,
    /// The export of the table certificatefieldsblocks.
    #[arg(long, value_name = "FILE", requires = "from_csv")]
    pub(in crate::cli) fields: Option<PathBuf>,
    /// The export of the table certificates; it is only counted: how many learners hold one.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) certificates: Option<PathBuf>,
    /// Keep this column of the templates' export, which certctl does not know, as a field of `extra`; '*' keeps all of
    /// them. With =FIELD, the field gets the vendor's name for it.
    #[arg(long, value_name = "COLUMN[=FIELD]", requires = "from_csv")]
    pub(in crate::cli) extra: Vec<ExtraColumn>,
    /// When the exports were made, in UTC, as in 2026-11-26T08:00:00Z. Needed where the column updatedat is missing; with
    /// it, a template counts as seen then, not when it was last changed.
    #[arg(long, value_name = "TIME", requires = "from_csv", value_parser = time)]
    pub(in crate::cli) taken_at: Option<Timestamp>,
}

impl ObservationArgs {
    /// Returns the files that are named.
    pub(in crate::cli) fn files(&self) -> impl Iterator<Item = &Path> {
        let all = [&self.from_csv, &self.labels, &self.fields, &self.certificates];
        all.into_iter().flatten().map(PathBuf::as_path)
    }

    /// Whether any source is named.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.from_csv.is_some() || self.from_observer
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "expected a time in UTC, as in 2026-11-26T08:00:00Z".to_owned())
}
