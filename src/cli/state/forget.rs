//! `certctl state rm`: removes templates from the state, and asks first if the server has one. It deletes nothing on
//! the server.

use crate::cli::args::Global;
use crate::cli::chosen_rows::chosen_rows;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::ledger::{open, record};
use crate::cli::output::Output;
use crate::cli::signals;
use crate::model::{Advice, Exit, Key, few};
use crate::state::{Document, Record, Row};

pub(super) fn run(
    context: &Context,
    global: &Global,
    names: &[String],
    auto_approve: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let ledger = open(context, global, "state rm", output)?;
    let keys = chosen(ledger.document(), names)?;
    let mut trial = ledger.document().clone();
    for key in &keys {
        trial.forget(key)?;
    }
    let row = |key: &Key| ledger.document().templates.get(key);
    let known: Vec<&Key> = keys.iter().filter(|key| row(key).is_some_and(Row::may_exist)).collect();
    if !known.is_empty() && !auto_approve {
        approve(context, ledger.document(), &known, output)?;
    }
    let _hold = signals::hold();
    record(ledger, keys.iter().map(|key| Record::Forget { key: key.clone() }).collect(), output)?;
    output.text(&format!(
        "{} forgotten. The server keeps what it has. The next apply creates again what is still in the YAML.\n{}",
        if let [one] = keys.as_slice() { format!("{one} is") } else { format!("{} are", few(&keys)) },
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

/// Returns the selected rows, sorted: by key, or by pattern.
fn chosen(document: &Document, names: &[String]) -> Result<Vec<Key>, Failure> {
    let nothing = |name: &str| {
        Failure::error(format!("no template in the state matches {name}"))
            .run("To see all keys", Advice::StateList)
    };
    chosen_rows(document, names, || document.templates.keys(), nothing)
}

fn approve(context: &Context, document: &Document, known: &[&Key], output: &Output) -> Result<(), Failure> {
    let keys = few(known);
    let holds = known.iter().all(|key| document.templates.get(*key).is_some_and(Row::exists));
    let (it, second) =
        if known.len() == 1 { ("it", "a second one") } else { ("them", "a second one of each") };
    let keeps = if holds { format!("keeps {it}") } else { format!("may have {it}, and keeps what it has") };
    if !Output::can_ask() {
        return Err(Failure::error(format!(
            "{keys}: the server {keeps}. state rm asks for confirmation and needs a terminal for that. Nothing was changed"
        ))
        .run("To forget without a question", Advice::Again { auto_approve: true, max_changes: None }));
    }
    let question = format!(
        "certctl would forget {keys} (environment {}). The server {keeps}, and the next apply may create {second}. \
         Forget {it}?",
        context.environment.name,
    );
    if output.confirms(&question) { Ok(()) } else { Err(Failure::error("not approved: nothing was changed")) }
}
