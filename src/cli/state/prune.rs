//! `certctl state prune`: removes the objects beside a shared state that nothing needs any more: journals of runs that have
//! ended, what was written to probe the store, and old versions.

use super::super::args::Global;
use super::super::context::{Context, state_path};
use super::super::failure::Failure;
use super::super::ledger::{holder, lock};
use super::super::output::Output;
use super::super::recency::KnownVersions;
use super::super::signals;
use super::consent::Consent;
use crate::model::{Exit, StateAddress};
use crate::state::Prunable;

const REMOVE: Consent =
    Consent { command: "state prune", question: "Remove them?", to_do: "remove them", undone: "removed" };

pub(super) fn run(
    context: &Context,
    global: &Global,
    keep: usize,
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let state = state_path(&context.store);
    let keeps = match context.store.address() {
        None => Some("is a file: git has its versions, and only the one before is kept beside it"),
        Some(StateAddress::Http(_)) => {
            Some("is one document on its server, with its journal and without versions")
        }
        Some(StateAddress::Object(_)) => None,
    };
    if let Some(keeps) = keeps {
        let environment = context.environment_line();
        output.text(&format!("{state} {keeps}. There is nothing to remove.\n{environment}"))?;
        return Ok(Exit::Ok);
    }
    let holder = holder(context.given_keys(), "state prune");
    let locked = lock(context, global, &holder, output)?;
    KnownVersions::look_locked(context, locked.snapshot(), output)?.refuse_old()?;
    // An interrupted run's journal is left as it is, and what it says counts.
    let document = context.effective_state(locked.snapshot().clone())?;
    let prunable = context.store.prunable(locked.guard(), document.as_ref(), keep)?.unwrap_or_default();
    if prunable.count() == 0 {
        output
            .text(&format!("There is nothing to remove beside {state}.\n{}", context.environment_line()))?;
        return Ok(Exit::Ok);
    }
    output.say(&format!(
        "Environment {}: beside {state}, {}",
        context.environment.name,
        described(&prunable)
    ));
    REMOVE.ask(auto_approve, output)?;
    let _hold = signals::hold();
    context.store.prune(&prunable)?;
    output.has_recorded();
    output.text(&format!(
        "{} removed.\n{}",
        counted(prunable.count(), "object is", "objects are"),
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

fn described(prunable: &Prunable) -> String {
    let Prunable { journals, records, probes, versions, kept_versions } = prunable;
    let mut text = "these can be removed:\n".to_owned();
    if !records.is_empty() {
        text.push_str(&format!(
            "  {} of runs that are over ({})\n",
            counted(*journals, "journal", "journals"),
            counted(records.len(), "object", "objects")
        ));
    }
    if !probes.is_empty() {
        let objects = counted(probes.len(), "object", "objects");
        text.push_str(&format!("  {objects} written to find out whether the store compares and swaps\n"));
    }
    if let Some((oldest, newest)) = prunable.serials() {
        let of = counted(versions.len(), "old version", "old versions");
        let serials = if oldest == newest {
            format!("serial {oldest}")
        } else {
            format!("serials {oldest} to {newest}")
        };
        text.push_str(&format!("  {of} of the state ({serials}); {kept_versions} stay\n"));
    }
    text.push_str("`state show --at`, `restore` and `revert` cannot go back to versions that are removed.");
    text
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}
