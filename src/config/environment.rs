//! The settings of one environment: a vendor instance with its own address, credentials, variables and state.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{ServerAddress, Variable};
use crate::model::Addressing;

/// The settings of one environment, with defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// The name, as in `[environments.NAME]`.
    pub name: String,
    /// The server, from `url`.
    pub server: ServerAddress,
    /// The path of the state file.
    pub state: PathBuf,
    /// The variables of this environment, by name.
    pub vars: BTreeMap<String, Variable>,
    /// The settings of `[environments.NAME.api]`.
    pub api: ApiSettings,
    /// The settings of `[environments.NAME.safety]`.
    pub safety: Safety,
    /// The program and arguments of a command that prints the API key.
    pub api_key_command: Option<Vec<String>>,
}

/// How requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The most rows per request.
    pub batch_size: usize,
    /// The initial rate, in requests per minute.
    pub requests_per_minute: u32,
    /// The most requests in flight.
    pub concurrency: usize,
    /// The longest time for one request.
    pub timeout: Duration,
    /// The longest time to wait for one background job.
    pub job_timeout: Duration,
    /// How a request identifies a template.
    pub addressing: Addressing,
    /// Whether creates in doubt may be resent without asking.
    pub trust_upsert: bool,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            batch_size: 100,
            requests_per_minute: 60,
            concurrency: 4,
            timeout: Duration::from_secs(120),
            job_timeout: Duration::from_secs(600),
            addressing: Addressing::Resource,
            trust_upsert: false,
        }
    }
}

/// The limits of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safety {
    /// The most rows per plan, or `None` if certctl.toml sets no limit.
    pub max_changes: Option<u64>,
    /// The most templates that a plan may update, in percent of those in the state.
    pub max_change_percent: u8,
    /// Whether only saved plans may be applied.
    pub require_saved_plan: bool,
}

impl Default for Safety {
    fn default() -> Self {
        Self { max_changes: None, max_change_percent: 30, require_saved_plan: false }
    }
}
