//! Tests of what other programs use.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{Error, Sandbox, State, TargetEnvironment, Templates};
use crate::model::{Attributes, Key, Timestamp};
use crate::plan::Summary;
use crate::state::{Document, Record, StateIdentity, Writes};

const URL: &str = "https://academy.example.com";

const YAML: &str = "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, \
                    resourceId: 00000000-0000-4000-8000-000000000001 }\n";

const FILE: &str = "state/production.json";

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn production() -> TargetEnvironment {
    TargetEnvironment::new("production", URL)
}

fn load(environment: &TargetEnvironment, yaml: &str) -> Result<Templates, Error> {
    Templates::from_texts(environment, [("cloud.yaml", yaml)], now())
}

/// A journal of a first run that was interrupted while its only request was under way.
fn journal(environment: &str) -> String {
    let at = Timestamp::from_unix_seconds(1_800_000_000);
    let attributes: Attributes = serde_json::from_value(serde_json::json!({
        "title": "Cloud 101",
        "resourceType": "course",
        "resourceId": "00000000-0000-4000-8000-000000000001",
    }))
    .unwrap();
    let open = Record::Open {
        at,
        base: None,
        by: None,
        environment: environment.to_owned(),
        format: crate::state::JOURNAL_FORMAT.to_owned(),
        lineage: "l".to_owned(),
        operation: "apply".to_owned(),
        serial: 0,
        url: URL.to_owned(),
        write: None,
        writes: Writes::default(),
    };
    let row = crate::state::IntentRow {
        action: crate::state::Operation::Create,
        digest: attributes.digest(),
        key: Key::new("cloud-101").unwrap(),
        natural_key: crate::model::NaturalKey::of(&attributes),
        attributes,
        requested_by_user: false,
    };
    let intent = Record::Intent { at, batch: "1".to_owned(), rows: vec![row] };
    format!("{}{}", open.to_line().unwrap(), intent.to_line().unwrap())
}

mod templates {
    use super::*;

    #[test]
    fn without_a_state_all_are_created() {
        let plan = load(&production(), YAML).unwrap().plan(None).unwrap();
        assert_eq!(plan.summary(), Summary { create: 1, ..Summary::default() });
        let actions: Vec<_> = plan.actions().map(|(key, action)| (key.as_str(), action)).collect();
        assert_eq!(actions, [("cloud-101", "create")]);
        assert!(plan.has_changes());
        let json: Value = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
        assert_eq!((&json["format"], &json["url"]), (&"certctl.plan/v1".into(), &URL.into()));
    }

    #[test]
    fn every_problem_is_in_the_error() {
        let yaml = YAML.replace("Cloud 101", "\"${var.title}\"").replace("course", "curse");
        let error = load(&production(), &yaml).unwrap_err();
        let rules: Vec<_> = error.findings().iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["undefined-variable", "enumeration"]);
        let text = error.to_string();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.starts_with("cloud.yaml:2:"), "{text}");
    }

    #[test]
    fn variables_and_other_environments_count() {
        let yaml = YAML.replace("Cloud 101", "\"${var.title}\"").replace("{ ", "{ environments: [staging], ");
        let environment = production().beside(["staging"]).variable("title", "Cloud");
        let elsewhere = load(&environment, &yaml).unwrap();
        assert_eq!(elsewhere.keys().count(), 0, "it is for staging only");
        let staging = TargetEnvironment::new("staging", URL).variable("title", "Cloud");
        let keys: Vec<_> = load(&staging, &yaml).unwrap().keys().map(Key::to_string).collect();
        assert_eq!(keys, ["cloud-101"]);
    }

    #[test]
    fn the_given_time_decides_what_is_over() {
        let yaml = YAML.replace("{ ", "{ expirationDate: 2027-01-10, ");
        let warned = |seconds| {
            let now = UNIX_EPOCH + Duration::from_secs(seconds);
            let templates = Templates::from_texts(&production(), [("a.yaml", yaml.as_str())], now).unwrap();
            templates.warnings().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        assert_eq!(warned(1_800_000_000), ["past-expiry"]);
        assert!(warned(1_700_000_000).is_empty());
    }
}

mod states {
    use super::*;

    fn text(environment: &str) -> String {
        let identity = StateIdentity { environment: environment.to_owned(), url: URL.to_owned() };
        Document { serial: 1, ..Document::empty(&identity, "l".to_owned()) }.to_text().unwrap()
    }

    #[test]
    fn neither_file_is_no_state() {
        assert!(State::from_texts(FILE, None, None).unwrap().is_none());
    }

    #[test]
    fn an_interrupted_request_is_in_doubt() {
        let state = State::from_texts(FILE, None, Some(journal("production").as_bytes())).unwrap().unwrap();
        let in_doubt: Vec<_> = state.in_doubt().map(Key::as_str).collect();
        assert_eq!(in_doubt, ["cloud-101"]);
        let plan = load(&production(), YAML).unwrap().plan(Some(&state)).unwrap();
        assert_eq!((plan.summary().create, plan.summary().in_doubt), (0, 1), "not created twice");
    }

    #[test]
    fn a_journal_of_another_version_is_an_error() {
        let error = State::from_texts(
            FILE,
            Some(text("production").as_bytes()),
            Some(journal("production").as_bytes()),
        )
        .unwrap_err();
        assert!(error.to_string().contains("belongs to another version"), "{error}");
    }

    #[test]
    fn a_state_of_another_environment_is_an_error() {
        let state = State::from_texts(FILE, Some(text("staging").as_bytes()), None).unwrap().unwrap();
        assert_eq!((state.serial(), state.keys().count()), (1, 0));
        let error = load(&production(), YAML).unwrap().plan(Some(&state)).unwrap_err();
        assert!(error.to_string().contains("staging"), "{error}");
    }

    #[test]
    fn damaged_texts_are_errors_with_their_file() {
        let damaged = State::from_texts(FILE, Some(b"{"), None).unwrap_err();
        assert!(damaged.to_string().contains(FILE), "{damaged}");
        let damaged = State::from_texts(FILE, None, Some(b"?\n?\n")).unwrap_err();
        assert!(damaged.to_string().contains("state/production.json.journal"), "{damaged}");
    }
}

#[tokio::test]
async fn a_sandbox_answers_until_it_is_shut_down() {
    assert!(Sandbox::start("").await.is_err(), "requests cannot carry an empty key");
    let sandbox = Sandbox::start("any-key").await.unwrap();
    let address = sandbox.url().strip_prefix("http://").unwrap().to_owned();
    assert!(tokio::net::TcpStream::connect(&address).await.is_ok());
    sandbox.shutdown().await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
}
