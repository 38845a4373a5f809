//! The flags of `certctl validate`.

use clap::Args;

use super::ReportForm;

#[derive(Debug, Args)]
pub(in crate::cli) struct ValidateArgs {
    /// How to print the findings: text, annotations for GitHub, a Code Quality report for GitLab, or JSON.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    pub(in crate::cli) format: ReportForm,
    /// The same as --format json.
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Exit with 1 when there are warnings.
    #[arg(long)]
    pub(in crate::cli) deny_warnings: bool,
    /// Accept a project without any template.
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
}

impl ValidateArgs {
    pub(in crate::cli) fn form(&self) -> ReportForm {
        if self.json { ReportForm::Json } else { self.format }
    }
}
