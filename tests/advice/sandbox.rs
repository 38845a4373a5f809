//! The sandbox of a fresh clone, which has the state but no data.

use crate::support::{Project, Run};

fn project() -> Project {
    let project = Project::empty();
    project.write("certctl.toml", "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.safety]\nmax_change_percent = 100\n");
    titled(&project, "First");
    project.run(&["apply", "-y"]).exits(0);
    project
}

fn titled(project: &Project, title: &str) {
    let template = |number: usize| {
        format!(
            "  t-{number:03}: {{ title: \"{title} {number}\", resourceType: course, resourceId: 00000000-0000-4000-8000-{number:012} }}\n"
        )
    };
    project
        .write("templates/all.yaml", format!("templates:\n{}", (1..=300).map(template).collect::<String>()));
}

/// What git gives to a colleague.
fn cloned(project: &Project) -> Project {
    let clone = Project::empty();
    for file in ["certctl.toml", "templates/all.yaml", "state/sandbox.json"] {
        clone.write(file, project.read(file));
    }
    clone
}

#[track_caller]
fn without_warnings(run: Run) -> Run {
    assert!(
        !run.stdout.contains("Warning") && !run.stderr.contains("warning"),
        "{}\n{}",
        run.stdout,
        run.stderr
    );
    run
}

#[test]
fn of_a_clone_begins_with_the_state() {
    let clone = cloned(&project());
    let before = clone.read("state/sandbox.json");
    without_warnings(clone.run(&["plan"])).exits(0).says("No changes.");
    titled(&clone, "Second");
    let run = without_warnings(clone.run(&["apply", "-y"])).exits(0).says("0 created, 300 updated");
    run.says(
        "this sandbox is new here, so it begins with what the state knows of the one before: 300 templates",
    );
    let id = |state: &str| {
        let state: serde_json::Value = serde_json::from_str(state).unwrap();
        state["templates"]["t-007"]["id"].clone()
    };
    assert_eq!(id(&before), id(&clone.read("state/sandbox.json")));
    // From now on it has its own data.
    titled(&clone, "Third");
    let run = without_warnings(clone.run(&["apply", "-y"])).exits(0).says("300 updated");
    assert!(!run.stderr.contains("is new here"), "{}", run.stderr);
}

#[test]
fn that_lost_templates_names_their_keys() {
    let project = project();
    // It has data, but not what the state knows.
    titled(&project, "Other");
    project.write(
        "state/sandbox.json.sandbox",
        "{\"id\":\"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\",\"createdAt\":\"\",\"attributes\":{\"title\":\"X\",\"resourceType\":\"course\",\"resourceId\":\"x\"}}\n",
    );
    let result = project.run(&["apply", "-y", "--json"]).exits(0).json();
    let warnings = result["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    let warning = warnings[0].as_str().unwrap();
    assert!(
        warning.contains("made 300 templates anew")
            && warning.contains("t-001, t-002, t-003, t-004, t-005 and 295 more"),
        "{warning}"
    );
    assert!(warning.len() < 600, "{warning}");
}
