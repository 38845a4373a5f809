//! Reports which certificates the observer lacks, and what came of issuing them. `observer certify` calls it.

use super::{Style, safe_text};
use crate::inventory::{CannotBeShown, Certifiable};
use crate::model::{Advice, Commands, Help, Key};
use crate::state::CertificateOutcome;
use crate::view::counted;

/// What can be issued, and what cannot.
pub fn certifiable_text(certifiable: &Certifiable, style: Style, commands: &dyn Commands) -> String {
    let mut text = String::new();
    for (key, resource) in &certifiable.wanted {
        let name = style.signed("+", &format!("+ {}", safe_text(key.as_str())));
        text.push_str(&format!("{name}  a certificate of {}\n", safe_text(&resource.to_string())));
    }
    for (key, reason) in &certifiable.impossible {
        let name = style.signed("!", &format!("! {}", safe_text(key.as_str())));
        text.push_str(&format!("{name}  the observer cannot see it: {}\n", why_not(reason)));
    }
    for (key, at) in &certifiable.uncertain {
        let name = style.signed("?", &format!("? {}", safe_text(key.as_str())));
        text.push_str(&format!("{name}  left out: a certificate for it may have been issued at {at}\n"));
    }
    if !certifiable.uncertain.is_empty() {
        let keys = certifiable.uncertain.keys().cloned().collect();
        let again = Advice::ObserverCertify { keys, again: true };
        let help = Help::none().run("If the admin page shows that there is none", again);
        text.push_str(&format!("{}\n", help.lines(commands).join("\n")));
    }
    if certifiable.wanted.is_empty() {
        text.push_str("There is no certificate to issue.\n");
    }
    text
}

fn why_not(reason: &CannotBeShown) -> String {
    match reason {
        CannotBeShown::Audience { slug, value } => format!(
            "it is for learners whose field {} is {:?}. If the observer is one of them, name the template by its key",
            safe_text(slug),
            safe_text(value)
        ),
        CannotBeShown::Gets(key) => {
            format!("for the same course or learning path, the observer gets {}", safe_text(key.as_str()))
        }
    }
}

/// What came of issuing them.
pub fn issued_text(
    results: &[(Key, CertificateOutcome)],
    stopped: Option<&str>,
    style: Style,
    commands: &dyn Commands,
) -> String {
    let mut text = String::new();
    for (key, outcome) in results {
        let key = safe_text(key.as_str());
        let (sign, words) = match outcome {
            CertificateOutcome::Issued => ("+", "issued".to_owned()),
            CertificateOutcome::Refused { message } => ("!", format!("refused: {}", safe_text(message))),
            CertificateOutcome::NotSent => ("!", "not issued".to_owned()),
            CertificateOutcome::InDoubt { message } => {
                ("?", format!("may have been issued: {}", safe_text(message)))
            }
        };
        text.push_str(&format!("{}  {words}\n", style.signed(sign, &format!("{sign} {key}"))));
    }
    if let Some(why) = stopped {
        text.push_str(&format!("No other certificate was asked for: {}.\n", safe_text(why)));
    }
    let issued = results.iter().filter(|(_, outcome)| *outcome == CertificateOutcome::Issued).count();
    let totals = format!("{issued} of {} issued.", counted(results.len(), "certificate"));
    text.push_str(&format!("{}\n", style.bold(&totals)));
    let help = Help::none().run("To see what the observer sees now", Advice::ObserverStatus);
    text.push_str(&format!("{}\n", help.lines(commands).join("\n")));
    text
}
