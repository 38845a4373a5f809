//! `certctl observer certify`: issues the certificates that the observer lacks. Each one is a visible act on the server,
//! so a person must ask for it at a terminal, and each request is recorded before it is sent. One whose answer was lost
//! is not repeated.

use super::issue::{Issued, Issuing, issue_all};
use super::look;
use crate::cli::args::{CertifyArgs, Global};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::ledger::open;
use crate::cli::output::Output;
use crate::cli::signals;
use crate::inventory::{certifiable, observer_status};
use crate::model::{Advice, Exit, Key};
use crate::plan::Scope;
use crate::report::{certifiable_text, issued_text};
use crate::view::counted;

pub(super) fn run(global: &Global, args: &CertifyArgs, output: &Output) -> Result<Exit, Failure> {
    if !Output::can_ask() {
        return Err(Failure::error(
            "observer certify issues certificates, which others can see. It asks for confirmation and needs a terminal for \
             that. Nothing was sent",
        ));
    }
    let context = Context::load_with_templates(global, output)?;
    let desired = context.desired(false, output)?;
    let scope = Scope::parse(&args.keys, &[])?;
    // Before the look: what another run issues meanwhile would be issued once more.
    let ledger = open(&context, global, "observer certify", output)?;
    let look = look(&context, Some(ledger.document()), output)?;
    look.tell_costs(output);
    let Some(user_id) = look.user_id.clone() else {
        return Err(no_user(&context.environment.name));
    };
    let read = look.read(None);
    output.left_out(&read.observation.findings);
    if let Some(why) = &read.observation.not_read {
        return Err(Failure::error(format!(
            "{why}. So it is not known which certificates the observer lacks, and nothing was sent"
        )));
    }

    let status = observer_status(&read.observation, &desired, Some(ledger.document()));
    let is_named = |key: &Key| args.keys.iter().any(|name| name == key.as_str());
    let chosen = certifiable(&status, &desired, |key| scope.contains(key), is_named, args.again);
    output.text(&certifiable_text(&chosen, output.style(), output.commands()))?;
    if chosen.wanted.is_empty() {
        output.text(&context.environment_line())?;
        return Ok(Exit::Ok);
    }
    let certificates = counted(chosen.wanted.len(), "certificate");
    let unconfirmed = if look.is_confirmed {
        ""
    } else {
        " The server does not say whether this email address and this id belong to the same user."
    };
    let question = format!(
        "Issue {certificates} to {} (user {user_id}) on {}? They appear in reports, and integrations are told of them. No \
         mail is sent.{unconfirmed}",
        look.email, context.identity.url
    );
    if !output.confirms(&question) {
        return Err(Failure::error("not approved: nothing was sent"));
    }
    let _hold = signals::hold_sending(&context.store);
    let issuing = Issuing { context: &context, user_id, email: look.email, output };
    let issued = issue_all(&issuing, &chosen.wanted, ledger)?;
    output.has_recorded();
    output.text(&issued_text(
        &issued.results,
        issued.stopped.as_deref(),
        output.style(),
        output.commands(),
    ))?;
    output.text(&context.environment_line())?;
    Ok(exit(&issued))
}

fn exit(issued: &Issued) -> Exit {
    use crate::state::CertificateOutcome as Outcome;
    let any = |is: fn(&Outcome) -> bool| issued.results.iter().any(|(_, outcome)| is(outcome));
    if any(|outcome| matches!(outcome, Outcome::InDoubt { .. })) {
        Exit::InDoubt
    } else if issued.interrupted {
        Exit::Interrupted
    } else if !any(|outcome| !matches!(outcome, Outcome::NotSent)) {
        Exit::Error
    } else if any(|outcome| !matches!(outcome, Outcome::Issued)) {
        Exit::Partial
    } else {
        Exit::Ok
    }
}

fn no_user(environment: &str) -> Failure {
    Failure::error(format!(
        "it is not known which user the observer is: write the user's id, as the admin page shows it, into certctl.toml as \
         user_id in [environments.{environment}.observer]"
    ))
    .run("To see what the observer lacks", Advice::ObserverStatus)
}
