//! Each check, right and wrong.

mod state;

use super::clock::diagnose_clock;
use super::*;
use crate::model::{Finding, KeyCheck, RunOption, SourceLocation, Timestamp};
use crate::report::{note_text, words_text};
use crate::state::{GitSetup, HeldLock, Holder, LockHolder, ObserverShows, StoreLook, UnusableFolder};
use crate::view::specimens::SpecimenCommands;

/// `wrong key: … | what to do`.
fn said(diagnosis: &Diagnosis) -> String {
    let (health, subject) = (diagnosis.health.name(), diagnosis.subject);
    let words = words_text(&diagnosis.words, &SpecimenCommands);
    let commands = diagnosis.remedy.lines().iter().filter(|line| line.command.is_some()).count();
    assert!(diagnosis.health != Health::Wrong || commands > 0, "no command for {subject}: {words}");
    match note_text(&diagnosis.remedy, &SpecimenCommands).replace('\n', " / ") {
        remedy if remedy.is_empty() => format!("{health} {subject}: {words}"),
        remedy => format!("{health} {subject}: {words} | {remedy}"),
    }
}

fn all(diagnoses: &[Diagnosis]) -> Vec<String> {
    diagnoses.iter().map(said).collect()
}

#[track_caller]
fn begins(said: &str, with: &str) {
    assert!(said.starts_with(with), "{said:?} does not begin with {with:?}");
}

fn complaint() -> Complaint {
    Complaint { message: "it broke".to_owned(), help: Help::none().say("Mend it.") }
}

fn server(answer: KeyCheck) -> ServerFacts {
    ServerFacts {
        url: "https://a.example".to_owned(),
        key: Ok("CERTCTL_API_KEY".to_owned()),
        is_key_sent: true,
        proxy: None,
        answer: Ok(answer),
        clock_ahead: Some(2),
    }
}

#[test]
fn a_right_server_has_three_right_lines() {
    assert_eq!(
        all(&diagnose_server(Some(&server(KeyCheck::Accepted)))),
        [
            "right connection: https://a.example answers",
            "right key: the key (from CERTCTL_API_KEY) is right",
            "right clock: it agrees with the server's",
        ]
    );
    let proxy = Some("the proxy p:1 (HTTPS_PROXY)".to_owned());
    let found = diagnose_server(Some(&ServerFacts { proxy, ..server(KeyCheck::Accepted) }));
    begins(
        &said(&found[0]),
        "right connection: https://a.example answers, through the proxy p:1 (HTTPS_PROXY)",
    );
    assert_eq!(all(&diagnose_server(None)), ["right connection: the embedded server: no network, no key"]);
}

#[test]
fn each_answer_is_judged() {
    let reason = || "why".to_owned();
    for (answer, connection, key) in [
        (KeyCheck::Refused, "right", "wrong key: the key (from CERTCTL_API_KEY) is refused"),
        (KeyCheck::Forbidden, "right", "wrong key: the key (from CERTCTL_API_KEY) is known to the server"),
        (KeyCheck::Limited, "right", "look key: the key (from CERTCTL_API_KEY) was not checked"),
        (KeyCheck::Moved { status: 301, to: Some("https://b.example".to_owned()) }, "wrong", "look key: "),
        (KeyCheck::NotFound, "wrong", "look key: "),
        (KeyCheck::Failing { status: 503 }, "look", "look key: "),
        (KeyCheck::Strange { status: 200 }, "wrong", "look key: "),
        (KeyCheck::Untrusted { reason: reason() }, "wrong", "look key: "),
        (KeyCheck::Unreachable { reason: reason() }, "wrong", "look key: "),
        (KeyCheck::Unanswered { reason: reason() }, "wrong", "look key: "),
    ] {
        let found = diagnose_server(Some(&server(answer.clone())));
        begins(&said(&found[0]), &format!("{connection} connection: "));
        begins(&said(&found[1]), key);
        // The clock is told only if the academy itself said its time.
        assert_eq!(found.len(), if answer.is_answered() { 3 } else { 2 }, "{answer:?}");
    }
    let untrusted = diagnose_server(Some(&server(KeyCheck::Untrusted { reason: reason() })));
    let set = r#"SetVariable { variable: "SSL_CERT_FILE", value: "/path/to/authority.pem" }"#;
    assert!(said(&untrusted[0]).ends_with(set), "{}", said(&untrusted[0]));
}

#[test]
fn unreachable_servers_have_fitting_remedies() {
    for (url, proxy, remedy) in [
        ("https://a.example/sub", None, r#"{ variable: "HTTPS_PROXY", value: "http://HOST:PORT" }"#),
        (
            "https://a.example:8443/sub",
            Some("the proxy p:1 (HTTPS_PROXY)"),
            r#"{ variable: "NO_PROXY", value: "a.example" }"#,
        ),
        (
            "http://127.0.0.1:9",
            None,
            "Start the server there, or correct `url` in certctl.toml, and look again: certctl Doctor",
        ),
    ] {
        let answer = KeyCheck::Unreachable { reason: "why".to_owned() };
        let facts = ServerFacts { url: url.to_owned(), proxy: proxy.map(str::to_owned), ..server(answer) };
        let found = said(&diagnose_server(Some(&facts))[0]);
        assert!(found.ends_with(remedy) && found.contains(" | "), "{found}");
    }
}

#[test]
fn a_key_that_was_not_sent_is_not_judged() {
    let facts = ServerFacts { is_key_sent: false, ..server(KeyCheck::Refused) };
    let found = all(&diagnose_server(Some(&facts)));
    begins(&found[0], "right connection: ");
    begins(&found[1], "look key: the key (from CERTCTL_API_KEY) was not checked: while the state");
}

#[test]
fn without_a_key_the_server_is_asked() {
    let facts = ServerFacts { key: Err(complaint()), ..server(KeyCheck::Refused) };
    let found = diagnose_server(Some(&facts));
    begins(&said(&found[0]), "right connection: ");
    assert_eq!(said(&found[1]), "wrong key: it broke | Mend it. / Then look again: certctl Doctor");
    let facts = ServerFacts { answer: Err(complaint()), ..server(KeyCheck::Accepted) };
    begins(&said(&diagnose_server(Some(&facts))[0]), "wrong connection: it broke | Mend it.");
}

#[test]
fn clocks_are_judged_by_the_tolerance() {
    for (ahead, expected) in [
        (Some(60), "right clock: it agrees"),
        (Some(-60), "right clock: it agrees"),
        (Some(61), "look clock: it is 61 seconds ahead of the server's | To set it: "),
        (Some(-300), "look clock: it is 5 minutes behind the server's"),
        (Some(301), "wrong clock: it is 5 minutes ahead of the server's | Times are compared"),
        (Some(-7_200), "wrong clock: it is 2 hours behind"),
        (Some(i64::MIN), "wrong clock: it is 106751991167300 days behind"),
        (None, "look clock: it cannot be compared"),
    ] {
        begins(&said(&diagnose_clock(ahead)), expected);
    }
}

#[test]
fn observers_are_judged() {
    let observer = |shows| ObserverFacts {
        email: "o@a.example".to_owned(),
        password: Ok("CERTCTL_OBSERVER_PASSWORD".to_owned()),
        shows,
    };
    begins(&said(&diagnose_observer(None)), "right observer: there is none");
    begins(
        &said(&diagnose_observer(Some(&observer(Some(ObserverShows::Now))))),
        "right observer: o@a.example",
    );
    begins(&said(&diagnose_observer(Some(&observer(Some(ObserverShows::AtIssue))))), "right observer: ");
    let unknown = said(&diagnose_observer(Some(&observer(None))));
    begins(&unknown, "look observer: ");
    assert!(unknown.contains("ObserverStatus"), "{unknown}");
    let none = ObserverFacts { password: Err(complaint()), ..observer(None) };
    begins(&said(&diagnose_observer(Some(&none))), "wrong observer: it broke | Mend it.");
    // The command of the complaint is enough.
    let help = Help::none().run("To begin", Advice::Init);
    let told = Complaint { help, ..complaint() }.about("x");
    assert_eq!(said(&told), "wrong x: it broke | To begin: certctl Init");
    // An option alone cannot be pasted.
    let help = Help::none().run("Name it", Advice::AddOption(RunOption::Environment));
    assert!(said(&Complaint { help, ..complaint() }.about("x")).ends_with("Then look again: certctl Doctor"));
}

#[test]
fn machines_are_judged() {
    let right = MachineFacts {
        git: GitFound::Version("2.47.3".to_owned()),
        marks: Ok("/home/me".to_owned()),
        authorities: Vec::new(),
        proxy_variables: Vec::new(),
    };
    let found = all(&diagnose_machine(&right));
    assert!(found.iter().all(|line| line.starts_with("right ")), "{found:?}");
    assert!(
        found[0].contains(env!("CARGO_PKG_VERSION")) && found[0].contains("certctl.state/v1"),
        "{found:?}"
    );
    let file = |problem: Option<&str>| AuthorityFile {
        variable: "SSL_CERT_FILE",
        path: "/ca.pem".to_owned(),
        problem: problem.map(str::to_owned),
    };
    let wrong = MachineFacts {
        git: GitFound::Missing,
        marks: Err(UnusableFolder { why: "why".to_owned(), open_to_others: Some("/home/me/certctl".into()) }),
        authorities: vec![file(None), file(Some("it does not exist"))],
        proxy_variables: vec!["HTTPS_PROXY", "NO_PROXY"],
    };
    let found = all(&diagnose_machine(&wrong));
    begins(&found[1], "look git: git is not installed");
    begins(&found[2], "look user-folder: the newest states cannot be kept on this machine: why");
    let close = r#"To let only its owner write there: certctl KeepOthersOut { folder: "/home/me/certctl" }"#;
    assert!(found[2].ends_with(close), "{}", found[2]);
    assert_eq!(found[3], "right certificate-authorities: SSL_CERT_FILE names /ca.pem");
    begins(
        &found[4],
        "wrong certificate-authorities: SSL_CERT_FILE names /ca.pem, which cannot be used: it does",
    );
    assert!(found[4].ends_with(r#"UnsetVariable { variable: "SSL_CERT_FILE" }"#), "{}", found[4]);
    assert_eq!(found[5], "right proxy: HTTPS_PROXY, NO_PROXY are set");
    let failed = MachineFacts { git: GitFound::Failed("why".to_owned()), ..right };
    begins(&all(&diagnose_machine(&failed))[1], "look git: git cannot be asked: why");
}

fn finding() -> Finding {
    Finding {
        place: SourceLocation::no_line("a.yaml"),
        rule: "a",
        message: "it is wrong".to_owned(),
        help: None,
        related: Vec::new(),
        option: None,
    }
}

#[test]
fn projects_are_judged() {
    let right = ProjectFacts {
        folder: "academy".to_owned(),
        environments: Ok(vec!["production".to_owned(), "sandbox".to_owned()]),
        findings: Vec::new(),
        left_out: Vec::new(),
    };
    assert_eq!(
        said(&diagnose_project(&right)),
        "right configuration: certctl.toml in academy has 2 environments: production, sandbox"
    );
    let missing = ProjectFacts { environments: Err(complaint()), ..right.clone() };
    assert_eq!(
        said(&diagnose_project(&missing)),
        "wrong configuration: it broke | Mend it. / Then look again: certctl Doctor"
    );
    let wrong = ProjectFacts { findings: vec![finding()], left_out: vec!["production".to_owned()], ..right };
    let found = said(&diagnose_project(&wrong));
    begins(&found, "wrong configuration: 1 problem in 1 file: a.yaml");
    assert!(found.ends_with("Not looked at until then: production"), "{found}");
}

#[test]
fn template_files_are_judged() {
    let right = TemplateFacts { templates: 2, files: 1, warnings: 0, findings: Vec::new() };
    assert_eq!(said(&diagnose_templates(&right)), "right templates: 2 templates in 1 file");
    let warned = TemplateFacts { warnings: 1, ..right.clone() };
    begins(&said(&diagnose_templates(&warned)), "look templates: 2 templates in 1 file, with 1 warning | ");
    let wrong = TemplateFacts { findings: vec![finding(), finding()], ..right };
    begins(&said(&diagnose_templates(&wrong)), "wrong templates: 2 problems in 1 file: a.yaml");
}

#[test]
fn verdict_counts_by_health() {
    let count = |right, look, wrong| HealthCount { right, look, wrong }.verdict();
    assert_eq!(count(1, 0, 0), "Nothing is wrong; 1 is right.");
    assert_eq!(count(5, 1, 1), "1 thing is wrong, 1 is worth a look; 5 are right.");
    assert_eq!(count(0, 2, 3), "3 things are wrong, 2 are worth a look; 0 are right.");
    let diagnoses = vec![diagnose_clock(None), diagnose_clock(Some(0)), diagnose_clock(Some(9_999))];
    let part = DoctorPart { environment: None, diagnoses };
    assert_eq!(HealthCount::of([&part]), HealthCount { right: 1, look: 1, wrong: 1 });
}
