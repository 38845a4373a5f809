//! Several attempts with unknown outcomes: none is forgotten, and nothing unknown is called known.

use serde_json::{Value, json};

use crate::support::{Project, Sandbox, Template};

/// A template whose create was processed but never answered.
fn doubtful(sandbox: &Sandbox) -> Project {
    let project = Project::on(sandbox, "");
    sandbox.faults(&["bulk:*:reset-after"]);
    project.templates(&[Template::number(1).with("expirationDays: 365")]);
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// The same, with its YAML changed, sent again, and cut off before the server acts.
fn sent_twice(sandbox: &Sandbox) -> Project {
    let project = doubtful(sandbox);
    project.templates(&[changed()]);
    sandbox.faults(&["bulk:*:reset-before"]);
    project.run(&["recover", "t-001", "--resend"]).exits(4);
    sandbox.faults(&[]);
    project
}

fn changed() -> Template {
    Template::number(1).titled("Changed").with("customCss: \"b { color: red }\"")
}

fn held(sandbox: &Sandbox) -> Value {
    let templates = sandbox.templates();
    assert_eq!(templates.len(), 1, "{templates:?}");
    templates[0]["attributes"].clone()
}

mod refused_repetitions {
    use super::*;

    const REFUSALS: [&str; 4] =
        ["bulk:*:reject=Title 001", "bulk:*:status=400", "bulk:*:status=404", "bulk:*:status=422"];

    #[test]
    fn leave_the_create_in_doubt() {
        for refusal in REFUSALS {
            // A server that would turn a second create into a second template.
            let sandbox = Sandbox::start(&["--no-upsert"]);
            let project = doubtful(&sandbox);
            sandbox.faults(&[refusal]);
            project.run(&["recover", "t-001", "--resend"]).exits(4).says("sent again and refused");
            sandbox.faults(&[]);
            let row = project.row("t-001");
            assert_eq!(row["status"], "in_doubt", "{refusal}");
            let why = row["error"]["message"].as_str().unwrap();
            assert!(why.contains("the attempt before is as little known as it was"), "{refusal}: {why}");
            assert_eq!(row["attempt"]["batch"], "1-1", "{refusal}");
            assert_eq!(project.plan_json()["summary"]["in_doubt"], 1, "{refusal}");
            assert_eq!(project.apply_json(4)["requests"], 0, "{refusal}");
            project.run(&["recover"]).exits(0).says("? t-001").says("sent again and refused");
            assert_eq!(sandbox.templates().len(), 1, "{refusal}");
        }
    }

    #[test]
    fn are_in_doubt_in_saved_plans() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = doubtful(&sandbox);
        let plain = project.read("certctl.toml");
        let saved = plain.replace(
            "[environments.test.safety]\n",
            "[environments.test.safety]\nrequire_saved_plan = true\n",
        );
        project.write("certctl.toml", saved);
        project.run(&["recover", "t-001", "--resend"]).exits(0).says("nothing was sent");
        assert_eq!(project.row("t-001")["status"], "in_doubt");
        assert_eq!(project.row("t-001")["attempt"]["ordered"], true);
        project.run(&["recover", "t-001"]).exits(0).says("to be sent again by the next apply");
        project.run(&["plan", "--out", "again.plan"]).exits(0).says("1 to add");
        sandbox.faults(&["bulk:*:status=422"]);
        let told = project.run(&["apply", "again.plan", "--json"]).exits(4).json();
        assert_eq!(told["results"][0]["outcome"], "in_doubt", "{told}");
        sandbox.faults(&[]);
        // The request was carried out: nothing repeats it.
        project.write("certctl.toml", plain);
        assert_eq!(project.row("t-001")["attempt"].get("ordered"), None);
        assert_eq!(project.apply_json(4)["requests"], 0);
        assert_eq!(sandbox.templates().len(), 1);
    }

    #[test]
    fn are_settled_by_what_is_found() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = doubtful(&sandbox);
        sandbox.faults(&["bulk:*:status=422"]);
        project.run(&["recover", "t-001", "--resend"]).exits(4);
        sandbox.faults(&[]);
        project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
        assert_eq!(project.row("t-001")["status"], "applied");
        assert_eq!(project.apply_json(0)["requests"], 0);
    }
}

mod different_contents {
    use super::*;

    /// Every way to say that it exists.
    fn ways(sandbox: &Sandbox, project: &Project) -> [Vec<String>; 3] {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        project.write("export.csv", sandbox.export());
        let id = sandbox.id_of("Title 001");
        [
            words(&["recover", "t-001", "--created", &id]),
            words(&["recover", "t-001", "--applied"]),
            words(&["recover", "t-001", "--from-csv", "export.csv"]),
        ]
    }

    #[test]
    fn keep_both_attempts_and_list_them() {
        let sandbox = Sandbox::start(&[]);
        let project = sent_twice(&sandbox);
        let row = project.row("t-001");
        assert_eq!((&row["status"], &row["attempt"]["batch"]), (&json!("in_doubt"), &json!("2-1")));
        assert_eq!(row["earlierAttempts"].as_array().map(Vec::len), Some(1));
        assert_eq!(row["earlierAttempts"][0]["attributes"]["expirationDays"], 365);
        let list = project.run(&["recover"]).exits(0);
        list.says("as a create, in request 2-1")
            .says("as a create, in request 1-1, with another customCss, expirationDays, title")
            .says("It was sent with different contents");
        let show = project.run(&["state", "show", "t-001"]).exits(0);
        show.says("in request 1-1").says("expirationDays: 365").says("customCss: (nothing)");
    }

    #[test]
    fn are_confirmed_by_no_statement() {
        for way in 0..3 {
            let sandbox = Sandbox::start(&[]);
            let project = sent_twice(&sandbox);
            let words = ways(&sandbox, &project)[way].clone();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            project.run(&words).exits(0).says("so the next apply sends all its attributes");
            let row = project.row("t-001");
            assert_eq!((&row["status"], &row["attributes"]), (&json!("failed"), &Value::Null), "{words:?}");
            let plan = project.plan_json();
            assert_eq!((&plan["summary"]["update"], &plan["summary"]["create"]), (&json!(1), &json!(0)));
            assert_eq!(plan["actions"][0]["clear"], json!(["expirationDays"]), "{words:?}");
            project.apply().exits(0);
            let now = held(&sandbox);
            assert_eq!((&now["title"], now.get("expirationDays")), (&json!("Changed"), None), "{words:?}");
            assert_eq!(project.row("t-001")["status"], "applied");
            assert_eq!(project.apply_json(0)["requests"], 0, "{words:?}");
        }
    }

    #[test]
    fn are_all_denied_by_one_statement() {
        let sandbox = Sandbox::start(&[]);
        let project = sent_twice(&sandbox);
        assert_eq!(project.row("t-001")["earlierAttempts"].as_array().map(Vec::len), Some(1));
        project.run(&["recover", "t-001", "--not-created"]).exits(0);
        let row = project.row("t-001");
        assert_eq!((&row["status"], &row["attempt"]), (&json!("failed"), &Value::Null));
        assert_eq!(row.get("earlierAttempts"), None);
        assert_eq!(project.plan_json()["summary"]["create"], 1);
    }

    #[test]
    fn of_updates_are_cleared_as_well() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox);
        project.run(&["recover", "t-001", "--applied"]).exits(0);
        for (template, fault) in [
            (Template::number(1).with("customCss: \"a\""), "bulk:*:reset-after"),
            (Template::number(1).with("expirationDays: 9"), "bulk:*:reset-before"),
        ] {
            project.templates(&[template]);
            sandbox.faults(&[fault]);
            project.apply().exits(4);
        }
        sandbox.faults(&[]);
        assert_eq!(project.row("t-001")["earlierAttempts"].as_array().map(Vec::len), Some(1));
        project.run(&["recover", "t-001", "--applied"]).exits(0);
        assert_eq!(project.row("t-001")["attributes"], Value::Null);
        project.templates(&[Template::number(1)]);
        project.apply().exits(0);
        let now = held(&sandbox);
        assert_eq!((now.get("customCss"), now.get("expirationDays")), (None, None), "{now}");
    }
}

mod repetitions_that_wait {
    use super::*;

    #[test]
    fn are_queried_by_the_next_apply() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox);
        let toml = project.read("certctl.toml");
        project.write(
            "certctl.toml",
            toml.replace("[environments.test.api]\n", "[environments.test.api]\njob_timeout = \"1s\"\n"),
        );
        project.templates(&[changed()]);
        sandbox.faults(&["bulk:*:job=never"]);
        project.run(&["recover", "t-001", "--resend"]).exits(4);
        let row = project.row("t-001");
        assert_eq!((&row["status"], &row["job"]), (&json!("in_doubt"), &Value::Null));
        assert!(row["attempt"]["job"].is_string(), "{row}");
        // Patterns do not select it, and it is not sent again while the job may still be working.
        project.run(&["recover", "t-*", "--not-created"]).exits(1).says("no template in doubt matches t-*");
        project.run(&["recover", "t-001", "--resend"]).exits(1).says("cannot be sent again");
        project.run(&["recover"]).exits(0).says("Ask for it first").says("  job       ");
        let asked = project.apply_json(4);
        assert_eq!(asked["results"][0]["outcome"], "in_doubt", "{asked}");
        assert_ne!(asked["requests"], 0, "the job was asked for");
    }
}

/// Answers were lost, the YAML changed, and a person found the template in the admin page.
#[test]
fn settled_rows_are_not_reported_as_failed() {
    let sandbox = Sandbox::start(&["--fault", "bulk:1:reset-after"]);
    let project = Project::on(&sandbox, "");
    project.templates(&[Template::number(1)]);
    project.apply().exits(4);
    sandbox.faults(&["bulk:1:reset-before"]);
    project.templates(&[Template::number(1).titled("Second")]);
    project.run(&["recover", "t-001", "--resend"]).exits(4);
    sandbox.faults(&[]);
    project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
    let plan = project.run(&["plan"]).exits(0).says("1 to change").stdout;
    assert!(!plan.contains("failed last time") && !plan.contains("imported"), "{plan}");
    assert!(plan.contains("what the server holds of it is not known"), "{plan}");
}
