//! The flags that `plan`, `apply` and `validate` share to write reports to files.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::report::markdown;

/// How a plan or a result is written down.
#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct Reports {
    /// Also write a report to a file, even if the command fails; can be given several times. Formats: markdown, html, json.
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_target)]
    pub(in crate::cli) targets: Vec<ReportTarget>,
    /// The largest size of a Markdown report, in bytes: what matters least is counted and not shown, what needs a person is
    /// always shown.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = MAX_BYTES, value_parser = max_bytes)]
    pub(in crate::cli) max_bytes: u64,
    /// Show every template, each on one line. Without it, 100 different changes are shown in full and the others counted.
    /// What needs a person is always shown, and -v shows everything.
    #[arg(long)]
    pub(in crate::cli) compact: bool,
}

impl Reports {
    /// Returns the files to be written.
    pub(in crate::cli) fn files(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().map(|target| target.file.as_path())
    }

    /// The most bytes of a Markdown report.
    pub(in crate::cli) fn limit(&self) -> usize {
        usize::try_from(self.max_bytes).unwrap_or(usize::MAX)
    }
}

const MAX_BYTES: u64 = markdown::MAX_BYTES as u64;
const MIN_BYTES: u64 = markdown::MIN_BYTES as u64;

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ReportTarget {
    pub(in crate::cli) format: ReportFormat,
    pub(in crate::cli) file: PathBuf,
}

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum ReportFormat {
    Html,
    Json,
    Markdown,
}

fn max_bytes(text: &str) -> Result<u64, String> {
    let bytes = text.parse::<u64>().ok().filter(|bytes| *bytes >= MIN_BYTES);
    bytes.ok_or_else(|| format!("expected a whole number of bytes, at least {MIN_BYTES}"))
}

fn report_target(text: &str) -> Result<ReportTarget, String> {
    let Some((format, file)) = text.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("expected FORMAT=FILE, as in markdown=plan.md".to_owned());
    };
    let format = match format {
        "html" => ReportFormat::Html,
        "json" => ReportFormat::Json,
        "markdown" => ReportFormat::Markdown,
        _ => {
            return Err(format!(
                "this version cannot write {format:?} reports; it can write: markdown, html, json"
            ));
        }
    };
    Ok(ReportTarget { format, file: file.into() })
}
