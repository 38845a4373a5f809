//! What `doctor` found, in each format.

use super::*;
use crate::model::{Advice, Help, KeyCheck};
use crate::view::doctor::{
    Complaint, GitFound, HistoryFacts, LockFacts, MachineFacts, ProjectFacts, RowCounts, ServerFacts,
    StateFacts, diagnose_machine, diagnose_project, diagnose_server, diagnose_state,
};
use crate::view::specimens::SpecimenCommands;

fn machine() -> DoctorPart {
    let machine = MachineFacts {
        git: GitFound::Missing,
        marks: Ok("/home/ann/.local/state/certctl/marks".to_owned()),
        authorities: Vec::new(),
        proxy_variables: vec!["HTTPS_PROXY"],
    };
    let project = ProjectFacts {
        folder: "my academy".to_owned(),
        environments: Ok(vec!["production".to_owned(), "sandbox".to_owned()]),
        findings: Vec::new(),
        left_out: Vec::new(),
    };
    let mut diagnoses = diagnose_machine(&machine);
    // The version, the system and the processor are those of this machine.
    diagnoses.remove(0);
    diagnoses.push(diagnose_project(&project));
    DoctorPart { environment: None, diagnoses }
}

fn production() -> DoctorPart {
    let server = ServerFacts {
        url: "https://academy.example.com".to_owned(),
        key: Ok("CERTCTL_API_KEY".to_owned()),
        is_key_sent: true,
        proxy: Some("the proxy proxy.example.com:3128 (HTTPS_PROXY)".to_owned()),
        answer: Ok(KeyCheck::Refused),
        clock_ahead: Some(-1_205),
    };
    let lost = Complaint {
        message: "the state state/production.json is older than the mark.\nRestore it:\n  cp a b".to_owned(),
        help: Help::none().run("To see what it holds", Advice::StateList),
    };
    let state = StateFacts {
        place: "state/production.json".to_owned(),
        rows: Ok(Some(RowCounts { serial: 7, all: 40, in_doubt: 2, ..RowCounts::default() })),
        flaws: Vec::new(),
        history: HistoryFacts { lost: Some(lost), ..HistoryFacts::default() },
        lock: LockFacts::Free,
        is_interrupted: true,
        lost_records: None,
    };
    let mut diagnoses = diagnose_server(Some(&server));
    diagnoses.extend(diagnose_state(&state));
    DoctorPart { environment: Some("production".to_owned()), diagnoses }
}

fn sandbox() -> DoctorPart {
    DoctorPart { environment: Some("sandbox".to_owned()), diagnoses: diagnose_server(None) }
}

/// The text; the command that sets a clock differs by system.
fn plain(text: &str) -> String {
    text.lines().filter(|line| !line.contains("To set it")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn text_and_json_tell_the_same() {
    let parts = [machine(), production(), sandbox()];
    let printed: Vec<PrintedPart<'_>> =
        parts.iter().map(|part| (part, &SpecimenCommands as &dyn Commands)).collect();
    let text = doctor_text(&printed, Style::default());
    let document: serde_json::Value = serde_json::from_str(&doctor_json(&printed, Exit::Error)).unwrap();
    let mut expected = Vec::new();
    for check in document["checks"].as_array().unwrap() {
        let message = check["message"].as_str().unwrap();
        expected.extend(message.lines().map(str::to_owned));
        for step in check["remedy"].as_array().unwrap() {
            let (words, command) = (step["words"].as_str().unwrap(), step["command"].as_str());
            expected.push(command.map_or(words.to_owned(), |command| format!("{words}: {command}")));
        }
    }
    let mut rest = text.as_str();
    for line in expected {
        let (_, after) = rest.split_once(&line).unwrap_or_else(|| panic!("{line:?} is not in {rest}"));
        rest = after;
    }
}

#[test]
fn text_tells_each_part_in_order() {
    let parts = [machine(), production(), sandbox()];
    let printed: Vec<PrintedPart<'_>> =
        parts.iter().map(|part| (part, &SpecimenCommands as &dyn Commands)).collect();
    insta::assert_snapshot!("text", plain(&doctor_text(&printed, Style::default())));
    let coloured = doctor_text(&printed[2..], Style::new(true, false));
    insta::assert_snapshot!("colour", coloured.replace('\u{1b}', "^"));
    insta::assert_snapshot!("json", doctor_json(&printed[1..], Exit::Error));
}
