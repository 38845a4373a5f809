//! One environment: one vendor instance with its own address, credentials, variables and state.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{ServerAddress, Variable};
use crate::model::Addressing;

/// One environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its server.
    pub server: ServerAddress,
    /// Its state file.
    pub state: PathBuf,
    /// Its values for `${var.NAME}`.
    pub vars: BTreeMap<String, Variable>,
    /// How requests are made.
    pub api: ApiSettings,
    /// What a plan must not exceed.
    pub safety: Safety,
    /// A command that prints the key.
    pub api_key_command: Option<Vec<String>>,
}

/// How requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Rows a request.
    pub batch_size: usize,
    /// Pace to begin with.
    pub requests_per_minute: u32,
    /// Requests in flight.
    pub concurrency: usize,
    /// Longest time of one request.
    pub timeout: Duration,
    /// Longest time to wait for one background job.
    pub job_timeout: Duration,
    /// How rows are addressed.
    pub addressing: Addressing,
    /// Whether creates in doubt may be sent again unasked.
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

/// What a plan must not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safety {
    /// Most rows, where the file says so.
    pub max_changes: Option<u64>,
    /// Most templates updated, in percent of those in the state.
    pub max_change_percent: u8,
    /// Whether only saved plans may be applied.
    pub require_saved_plan: bool,
}

impl Default for Safety {
    fn default() -> Self {
        Self { max_changes: None, max_change_percent: 30, require_saved_plan: false }
    }
}
