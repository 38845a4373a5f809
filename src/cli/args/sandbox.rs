//! The flags of `certctl sandbox`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::number::count;
use crate::sandbox::{CertificateView, FAULT_GRAMMAR, HeliumQuirks, Learner};

#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArgs {
    /// Where to listen, on loopback only; port 0 takes a free one, and the address is printed.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(in crate::cli) listen: std::net::SocketAddr,
    /// Where to keep what is applied; in memory if not given.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) store: Option<PathBuf>,
    /// Write what is kept, as the vendor's reporting tables in CSV, into DIR and end. Without --store, what the embedded
    /// server of the environment keeps.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) export: Option<PathBuf>,
    /// The key that clients must show.
    #[arg(long, value_name = "KEY", default_value = "sandbox")]
    pub(in crate::cli) api_key: String,
    /// Requests allowed in a minute.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count::<u32>)]
    pub(in crate::cli) rate_limit: Option<u32>,
    /// Answer without the documented envelope.
    #[arg(long)]
    pub(in crate::cli) bare: bool,
    /// Create a second template where one with the same natural key exists.
    #[arg(long)]
    pub(in crate::cli) no_upsert: bool,
    #[command(flatten)]
    pub(in crate::cli) learner: LearnerArgs,
    #[command(flatten)]
    pub(in crate::cli) helium: HeliumArgs,
    /// Misbehave, as in `bulk:2:reset-after`; can be given several times.
    #[arg(long, value_name = "FAULT")]
    pub(in crate::cli) fault: Vec<String>,
}

/// Who logs in at /helium.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the fields are the flags")]
pub(in crate::cli) struct LearnerArgs {
    /// The email address of the learner who logs in at /helium.
    #[arg(long, value_name = "EMAIL", default_value = Learner::EMAIL)]
    pub(in crate::cli) observer_email: String,
    /// The password of that learner.
    #[arg(long, value_name = "PASSWORD", default_value = Learner::PASSWORD)]
    pub(in crate::cli) observer_password: String,
    /// The user id of that learner.
    #[arg(long, value_name = "ID", default_value = Learner::USER_ID)]
    pub(in crate::cli) observer_id: String,
    /// The role of that learner.
    #[arg(long, value_name = "ROLE", default_value = "STUDENT")]
    pub(in crate::cli) observer_role: String,
    /// A custom field of that learner, which chooses an audience; can be given several times.
    #[arg(long, value_name = "SLUG=VALUE", value_parser = slug_and_value)]
    pub(in crate::cli) observer_field: Vec<(String, String)>,
}

/// How /helium behaves where the documentation leaves it open.
#[derive(Debug, Args)]
pub(in crate::cli) struct HeliumArgs {
    /// What a certificate shows of an edited template.
    #[arg(long, value_enum, default_value = "now")]
    pub(in crate::cli) certificates_show: CertificatesShow,
    /// Count the properties of a list once for each of its items.
    #[arg(long)]
    pub(in crate::cli) lists_count: bool,
    /// The most points that a query at /helium may cost.
    #[arg(long, value_name = "N", default_value_t = HeliumQuirks::default().max_points)]
    pub(in crate::cli) max_points: u64,
    /// Answer a login with the token alone.
    #[arg(long)]
    pub(in crate::cli) plain_login: bool,
    /// Ignore the argument `query` of /helium.
    #[arg(long)]
    pub(in crate::cli) no_search: bool,
    /// End a session after N requests.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) token_uses: Option<u32>,
}

/// What a certificate shows of an edited template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CertificatesShow {
    /// The template as it is.
    Now,
    /// The template as it was when the certificate was issued.
    AtIssue,
}

impl LearnerArgs {
    /// Returns the learner.
    pub(in crate::cli) fn learner(&self) -> Learner {
        Learner {
            email: self.observer_email.clone(),
            password: self.observer_password.clone(),
            user_id: self.observer_id.clone(),
            role: self.observer_role.clone(),
            custom_fields: self.observer_field.clone(),
        }
    }
}

impl HeliumArgs {
    /// Returns the behaviour.
    pub(in crate::cli) fn quirks(&self) -> HeliumQuirks {
        HeliumQuirks {
            view: match self.certificates_show {
                CertificatesShow::Now => CertificateView::Now,
                CertificatesShow::AtIssue => CertificateView::AtIssue,
            },
            lists_count: self.lists_count,
            max_points: self.max_points,
            plain_login: self.plain_login,
            searches: !self.no_search,
            token_uses: self.token_uses,
        }
    }
}

fn slug_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((slug, value)) if !slug.is_empty() => Ok((slug.to_owned(), value.to_owned())),
        _ => Err("expected SLUG=VALUE".to_owned()),
    }
}

/// Returns the examples and the syntax of faults.
pub(super) fn sandbox_help() -> String {
    let example = "certctl sandbox --listen 127.0.0.1:8080 --store sandbox.jsonl --api-key secret";
    format!("Examples:\n  {example}\n  certctl sandbox --export exports\n\nFaults:\n{FAULT_GRAMMAR}")
}
