//! The flags of `certctl sandbox`.

use std::path::PathBuf;

use clap::Args;

use super::number::count;
use crate::sandbox::FAULT_GRAMMAR;

#[derive(Debug, Args)]
pub(in crate::cli) struct SandboxArgs {
    /// Where to listen, on loopback only; port 0 takes a free one, and the address is printed.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(in crate::cli) listen: std::net::SocketAddr,
    /// Where to keep what is applied; in memory if not given.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) store: Option<PathBuf>,
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
    /// Misbehave, as in `bulk:2:reset-after`; can be given several times.
    #[arg(long, value_name = "FAULT")]
    pub(in crate::cli) fault: Vec<String>,
}

/// Returns the example and the syntax of faults.
pub(super) fn sandbox_help() -> String {
    let example = "certctl sandbox --listen 127.0.0.1:8080 --store sandbox.jsonl --api-key secret";
    format!("Example:\n  {example}\n\nFaults:\n{FAULT_GRAMMAR}")
}
