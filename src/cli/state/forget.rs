//! `certctl state rm`: forgets templates, and asks first where the server has one.

use crate::apply::Exit;
use crate::cli::args::Global;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::ledger::{open, record};
use crate::cli::output::Output;
use crate::cli::signals;
use crate::model::{Advice, Key, few};
use crate::plan::Scope;
use crate::state::{Document, Record};

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
    let known: Vec<&Key> = keys.iter().filter(|key| may_exist(ledger.document(), key)).collect();
    if !known.is_empty() && !auto_approve {
        approve(context, &known, output)?;
    }
    let _hold = signals::hold();
    record(ledger, keys.iter().map(|key| Record::Forget { key: key.clone() }).collect(), output)?;
    output.text(&format!(
        "{} forgotten. What is on the server stays there, and what the YAML still has, the next apply creates again.\n{}",
        if let [one] = keys.as_slice() { format!("{one} is") } else { format!("{} are", few(&keys)) },
        context.environment_line()
    ))?;
    Ok(Exit::Ok)
}

/// The rows that are meant: by their key, or by a pattern. Sorted.
fn chosen(document: &Document, names: &[String]) -> Result<Vec<Key>, Failure> {
    let mut keys = Vec::new();
    for name in names {
        let key = Key::new(name.as_str()).map_err(|error| Failure::error(error.to_string()))?;
        if document.templates.contains_key(&key) || !name.contains(['*', '?', '[']) {
            document.row(&key)?;
            keys.push(key);
            continue;
        }
        let pattern = Scope::parse(std::slice::from_ref(name), &[])?;
        let before = keys.len();
        keys.extend(document.templates.keys().filter(|key| pattern.contains(key)).cloned());
        if keys.len() == before {
            return Err(Failure::error(format!("{name} names nothing that the state has"))
                .run("To see all keys", Advice::StateList));
        }
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}

/// Whether the server has it, as far as is known, or may have it.
fn may_exist(document: &Document, key: &Key) -> bool {
    document.templates.get(key).is_some_and(|row| row.exists() || row.attempt().is_some())
}

fn approve(context: &Context, known: &[&Key], output: &Output) -> Result<(), Failure> {
    let what = match known {
        [one] => format!("{one} is on the server, or may be"),
        _ => format!("{} are on the server, or may be", few(known)),
    };
    if !Output::can_ask() {
        return Err(Failure::error(format!("{what}. There is nobody to ask here, so nothing was changed"))
            .run("To forget without a question", Advice::Again { auto_approve: true, max_changes: None }));
    }
    let environment = &context.environment.name;
    let question = format!(
        "{what}. Forgotten, only the admin page can find it again, and an apply may create a second one. Forget in the \
         state of {environment} ({})?",
        context.owner.url
    );
    if output.confirms(&question) { Ok(()) } else { Err(Failure::error("not approved: nothing was changed")) }
}
