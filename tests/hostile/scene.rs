//! A misbehaving sandbox, a project, one apply against it, and checks that must hold whatever the server did.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Project, Run, Sandbox, Template, numbered};

/// An apply against a hostile server.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) project: Project,
    pub(crate) run: Run,
}

impl Scene {
    /// Two creates in one request, against a server that would turn a second create into a second template.
    #[track_caller]
    pub(crate) fn creating(fault: &str) -> Self {
        Self::of(&[fault], "", &numbered(1..=2))
    }

    /// Creates of these templates, with these lines in the `api` table of certctl.toml.
    #[track_caller]
    pub(crate) fn of(faults: &[&str], api: &str, templates: &[Template]) -> Self {
        let mut arguments = vec!["--no-upsert"];
        for fault in faults {
            arguments.extend(["--fault", fault]);
        }
        let sandbox = Sandbox::start(&arguments);
        let project = Project::on(&sandbox, api);
        project.templates(templates);
        let run = project.apply();
        let scene = Self { sandbox, project, run };
        scene.assert_nothing_lost_or_confused();
        scene
    }

    /// An update of one applied template, with these faults.
    #[track_caller]
    pub(crate) fn updating(faults: &[&str]) -> Self {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        sandbox.faults(faults);
        project.templates(&[Template::number(1).titled("Changed")]);
        let run = project.apply();
        Self { sandbox, project, run }
    }

    /// Checks the exit code, and how many rows of the state have each status.
    #[track_caller]
    pub(crate) fn ends(self, code: i32, statuses: &[(&str, usize)]) -> Self {
        let Self { sandbox, project, run } = self;
        let run = run.exits(code);
        let expected: BTreeMap<String, usize> =
            statuses.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
        assert_eq!(count(&project), expected, "statuses\n{}", run.stdout);
        Self { sandbox, project, run }
    }

    /// Checks that the output contains all these texts.
    #[track_caller]
    pub(crate) fn says(mut self, texts: &[&str]) -> Self {
        for text in texts {
            self.run = self.run.says(text);
        }
        self
    }

    /// Checks that rows in doubt are frozen: plan names them, recover shows how to settle them, and an apply on a healthy
    /// server never sends them.
    #[track_caller]
    pub(crate) fn assert_doubts_are_frozen(self) -> Self {
        let doubtful = keys(&self.project, "in_doubt");
        assert!(!doubtful.is_empty(), "nothing is in doubt");
        assert!(
            self.run.stdout.contains("certctl recover"),
            "it does not say what to do\n{}",
            self.run.stdout
        );
        self.project.run(&["plan"]).exits(0).says(&format!("{} in doubt", doubtful.len()));
        let recover = self.project.run(&["recover"]).exits(0).says("--created").says("--not-created");
        for key in &doubtful {
            assert!(recover.stdout.contains(key), "{key}: {}", recover.stdout);
        }
        self.sandbox.faults(&[]);
        let titles: Vec<String> = doubtful.iter().map(|key| title(&self.project, key)).collect();
        let sent =
            |scene: &Self| titles.iter().map(|title| scene.sandbox.times_sent(title)).collect::<Vec<_>>();
        let before = sent(&self);
        self.project.apply().exits(4);
        assert_eq!(sent(&self), before, "a create in doubt was sent again");
        self.assert_nothing_lost_or_confused();
        self
    }

    /// Checks that an apply on a healthy server completes the rest, and that another one sends nothing.
    #[track_caller]
    pub(crate) fn next_apply_completes(self) -> Self {
        self.sandbox.faults(&[]);
        self.project.apply().exits(0);
        assert_eq!(self.project.apply_json(0)["requests"], 0);
        self.project.run(&["plan"]).exits(0).says("No changes.");
        self.assert_nothing_lost_or_confused();
        self
    }

    /// Checks how many API requests the server received.
    #[track_caller]
    pub(crate) fn costs(self, requests: usize) -> Self {
        assert_eq!(self.sandbox.requests().len(), requests);
        self
    }

    /// Checks that no template was created twice, that every template on the server is recorded as applied, pending or in
    /// doubt, and that every id in the state belongs to the template for the same course.
    #[track_caller]
    pub(crate) fn assert_nothing_lost_or_confused(&self) {
        self.sandbox.assert_no_double_create();
        let held = self.sandbox.templates();
        let resource = |value: &Value| value["attributes"]["resourceId"].as_str().map(str::to_owned);
        let state = state_rows(&self.project);
        for template in &held {
            let known = state.values().any(|row| {
                row["status"] != "failed"
                    && (resource(row) == resource(template)
                        || resource(&row["attempt"]) == resource(template))
            });
            assert!(known, "the server holds what the state does not know: {template}");
        }
        for (key, row) in &state {
            let Some(id) = row["id"].as_str() else { continue };
            let owner = held.iter().find(|template| template["id"] == id);
            assert_eq!(owner.map(resource), Some(resource(row)), "{key} has another template's id");
        }
    }
}

fn state_rows(project: &Project) -> BTreeMap<String, Value> {
    if !project.file("state/test.json").exists() {
        return BTreeMap::new();
    }
    serde_json::from_value(project.state()["templates"].clone()).unwrap()
}

fn count(project: &Project) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for row in state_rows(project).into_values() {
        *count.entry(row["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    count
}

/// The keys of the rows with this status.
pub(crate) fn keys(project: &Project, status: &str) -> Vec<String> {
    state_rows(project).into_iter().filter(|(_, row)| row["status"] == status).map(|(key, _)| key).collect()
}

fn title(project: &Project, key: &str) -> String {
    project.row(key)["attempt"]["attributes"]["title"].as_str().unwrap().to_owned()
}

/// Runs cases in parallel: they mostly wait.
pub(crate) fn at_once<C: Sync>(cases: &[C], run: impl Fn(&C) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| run(case));
        }
    });
}
