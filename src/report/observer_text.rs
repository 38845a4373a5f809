//! Reports which templates the observer sees, for people and as JSON. `observer status` calls it.

use serde::Serialize;
use serde_json::json;

use super::documents::FindingDocument;
use super::{Style, safe_text};
use crate::inventory::{Learned, LearnedFrom, ObserverStatus, UnseenReason, VisibleTemplate};
use crate::model::{Advice, Commands, Finding, Help, Key, few};
use crate::state::ObserverShows;
use crate::view::counted;

/// What is to be told of the observer.
#[derive(Clone, Copy, Debug)]
pub struct ObserverReport<'a> {
    /// Who it is.
    pub email: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// What it sees.
    pub status: &'a ObserverStatus,
    /// The certificates that cannot be read.
    pub findings: &'a [Finding],
    /// What certificates show, if that is known.
    pub shows: Option<ObserverShows>,
    /// What was learned just now.
    pub learned: Option<&'a Learned>,
}

/// The limit of lines in a list, unless everything is printed.
const LISTED: usize = 20;

/// The report for people.
pub fn observer_text(report: &ObserverReport<'_>, style: Style, commands: &dyn Commands) -> String {
    let status = report.status;
    let all = status.seen.len() + status.unseen.len();
    let head = format!(
        "The observer {} sees {} of {} that the YAML has.",
        safe_text(report.email),
        status.seen.len(),
        counted(all, "template")
    );
    let mut text = format!("{}\n", style.bold(&head));
    let listed = if style.is_verbose() { usize::MAX } else { LISTED };
    for VisibleTemplate { key, id, issued_at } in status.seen.iter().take(listed) {
        let name = style.signed("+", &format!("+ {}", safe_text(key.as_str())));
        text.push_str(&format!("{name}  {}, certificate of {issued_at}\n", safe_text(id.as_str())));
    }
    text.push_str(&more(status.seen.len(), listed));
    for (key, reason) in status.unseen.iter().take(listed) {
        let name = style.signed("?", &format!("? {}", safe_text(key.as_str())));
        text.push_str(&format!("{name}  not seen: {}\n", why(reason)));
    }
    text.push_str(&more(status.unseen.len(), listed));
    text.push_str(&unmanaged(status));
    text.push_str(&shows(report));
    let help = help(status);
    if !help.is_empty() {
        text.push_str(&format!("{}\n", help.lines(commands).join("\n")));
    }
    text
}

fn more(count: usize, listed: usize) -> String {
    if count > listed { format!("… and {} more (-v lists all)\n", count - listed) } else { String::new() }
}

fn unmanaged(status: &ObserverStatus) -> String {
    let count = status.unmanaged.len();
    if count == 0 {
        return String::new();
    }
    let titles: Vec<String> = status
        .unmanaged
        .iter()
        .map(|one| format!("{:?}", safe_text(one.title().unwrap_or_default())))
        .collect();
    let mut text = format!(
        "It also sees {} that the YAML does not have: {}.\n",
        counted(count, "template"),
        few(&titles)
    );
    if status.seen.is_empty() && !status.unseen.is_empty() {
        text.push_str(
            "It sees none of the templates in the YAML. Is `url` in certctl.toml the right academy?\n",
        );
    }
    text
}

/// Why a template is not seen, in words.
fn why(reason: &UnseenReason) -> String {
    match reason {
        UnseenReason::NoCertificate { is_known } => {
            let rest =
                if *is_known { "" } else { ", and the state does not know whether the template exists" };
            format!("the observer has no certificate of its course or learning path{rest}")
        }
        UnseenReason::Audience { slug, value, is_member } => {
            let (slug, value) = (safe_text(slug), safe_text(value));
            if *is_member {
                format!(
                    "the observer belongs to its audience ({slug} = {value:?}) and has no certificate of it"
                )
            } else {
                format!(
                    "it is for learners whose field {slug} is {value:?}, and the observer has no certificate of it"
                )
            }
        }
        UnseenReason::NotRead(why) => {
            format!("it is not known whether the observer has a certificate for it: {}", safe_text(why))
        }
        UnseenReason::Uncertain(at) => format!(
            "a certificate for it may have been issued at {at}, and the observer does not see one. Look in the admin page"
        ),
        UnseenReason::NotApplied => "it is not on the server yet: apply it first".to_owned(),
        UnseenReason::Open => "it is not known whether it is on the server: settle that first".to_owned(),
        UnseenReason::Several { ids } => {
            let ids: Vec<String> = ids.iter().map(|id| safe_text(id.as_str())).collect();
            format!("certificates show several templates for it: {}", few(&ids))
        }
        UnseenReason::OtherId { known, shown } => format!(
            "certificates show {} for it, and the state has {}",
            safe_text(shown.as_str()),
            safe_text(known.as_str())
        ),
        UnseenReason::Unreadable { seen_at } => {
            format!("{} is for it and cannot be read", safe_text(&seen_at.to_string()))
        }
    }
}

/// What certificates show, and what follows from it.
fn shows(report: &ObserverReport<'_>) -> String {
    let what = match report.shows {
        Some(ObserverShows::Now) => "Certificates show templates as they are: ids and contents count.",
        Some(ObserverShows::AtIssue) => AT_ISSUE,
        None => {
            "It is not known whether certificates show templates as they are or as they were when the certificates were \
             issued: ids count, contents do not. `observer status` learns it after an apply has changed a template that the \
             observer sees."
        }
    };
    let evidence = report.learned.map(evidence).unwrap_or_default();
    format!("{what}{evidence}\n")
}

const AT_ISSUE: &str =
    "Certificates show templates as they were when the certificates were issued: ids count, contents do not.";

/// What certificates turned out to show, contrary to what the state says.
pub fn contradicted_text(learned: &Learned) -> String {
    format!(
        "the state says that certificates show templates as they are, and that is wrong. {AT_ISSUE}{}",
        evidence(learned)
    )
}

fn evidence(learned: &Learned) -> String {
    match &learned.evidence {
        LearnedFrom::Changed { key, at, issued_at } => format!(
            " Learned just now from {}, which was changed at {at}; its certificate was issued at {issued_at}.",
            safe_text(key.as_str())
        ),
        LearnedFrom::Differing(id) => format!(
            " Learned just now from two certificates that show the template {} with different contents.",
            safe_text(id.as_str())
        ),
    }
}

fn help(status: &ObserverStatus) -> Help {
    let any = |is: fn(&UnseenReason) -> bool| status.unseen.iter().any(|(_, reason)| is(reason));
    let mut help = Help::none();
    if any(|reason| matches!(reason, UnseenReason::Open)) {
        help = help.run("To settle what is in doubt", Advice::Recover { keys: Vec::new() });
    }
    if any(|reason| {
        matches!(reason, UnseenReason::NoCertificate { .. } | UnseenReason::Audience { is_member: true, .. })
    }) {
        help = help.run(
            "To issue the certificates that are missing",
            Advice::ObserverCertify { keys: Vec::new(), again: false },
        );
    }
    help
}

/// `certctl.observer/v1`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ObserverDocument<'a> {
    /// The environment.
    environment: &'a str,
    /// The certificates that cannot be read. What they are for is not seen.
    findings: Vec<FindingDocument<'a>>,
    /// Name and major version of the format.
    format: &'static str,
    /// The configured templates that certificates show, sorted by key.
    seen: Vec<SeenDocument<'a>>,
    /// What certificates show of a template that was edited after their issue: `now`, `at-issue` or `not known`.
    shows: &'static str,
    /// The configured templates that no certificate shows, sorted by key.
    unseen: Vec<UnseenDocument<'a>>,
}

/// A template that a certificate shows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct SeenDocument<'a> {
    /// The vendor's id.
    id: &'a str,
    /// When the newest certificate was issued (ISO 8601).
    issued_at: String,
    /// The template's key.
    key: &'a Key,
}

/// A template that no certificate shows.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnseenDocument<'a> {
    /// The template's key.
    key: &'a Key,
    /// Why, in words.
    reason: String,
}

/// The report as JSON.
pub fn observer_json(report: &ObserverReport<'_>) -> String {
    let seen = report.status.seen.iter().map(|seen| SeenDocument {
        id: seen.id.as_str(),
        issued_at: seen.issued_at.to_string(),
        key: &seen.key,
    });
    let unseen = report.status.unseen.iter().map(|(key, reason)| UnseenDocument { key, reason: why(reason) });
    let document = ObserverDocument {
        environment: report.environment,
        findings: report.findings.iter().map(Into::into).collect(),
        format: "certctl.observer/v1",
        seen: seen.collect(),
        shows: report.shows.map_or("not known", ObserverShows::name),
        unseen: unseen.collect(),
    };
    format!("{:#}\n", json!(document))
}
