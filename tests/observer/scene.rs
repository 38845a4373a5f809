//! A sandbox with a learner, and a project that reads the learner's certificates.

use serde_json::{Value, json};

use crate::support::{KEY, Project, Run, Sandbox, Template};

/// The learner's password; it looks different in each encoding.
pub(crate) const PASSWORD: &str = "pass wörd+/9\"x";
/// The learner's id.
pub(crate) const USER: &str = "0b5e7c1e-0000-4000-8000-00000000a5e1";

/// A sandbox and a project on it.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) project: Project,
}

/// A project whose environment `test` is at this address, with an observer.
pub(crate) fn project_at(url: &str) -> Project {
    let mut project = Project::empty();
    project.configure(url, "");
    let settings = project.read("certctl.toml");
    project.write(
        "certctl.toml",
        format!(
            "{settings}[environments.test.observer]\nemail = \"observer@example.com\"\nuser_id = \"{USER}\"\n"
        ),
    );
    project.set_env("CERTCTL_API_KEY", KEY);
    project.set_env("CERTCTL_OBSERVER_PASSWORD", PASSWORD);
    project
}

impl Scene {
    /// A sandbox with these arguments, and these templates in the YAML.
    pub(crate) fn of(arguments: &[&str], templates: &[Template]) -> Self {
        let mut all = vec!["--observer-password", PASSWORD];
        all.extend(arguments);
        let sandbox = Sandbox::start(&all);
        let project = project_at(&sandbox.url);
        project.templates(templates);
        Self { sandbox, project }
    }

    /// Like [`Scene::of`], with the templates applied.
    pub(crate) fn applied(arguments: &[&str], templates: &[Template]) -> Self {
        let scene = Self::of(arguments, templates);
        scene.project.apply().exits(0);
        scene
    }

    /// Issues a certificate of this template, at this time.
    pub(crate) fn certificate(&self, title: &str, issued_at: &str) {
        self.certificate_showing(title, issued_at, &json!({}));
    }

    /// Like [`Scene::certificate`], with these members in the place of its own.
    pub(crate) fn certificate_showing(&self, title: &str, issued_at: &str, other: &Value) {
        let templates = self.sandbox.templates();
        let template = templates.iter().find(|template| template["attributes"]["title"] == title).unwrap();
        let mut certificate = json!({
            "certificateId": format!("certificate-{title}-{issued_at}"),
            "userId": USER,
            "templateId": template["id"],
            "issuedAt": issued_at,
            "expirationDate": null,
            "deleted": false,
            "shown": template["attributes"],
        });
        certificate.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        self.sandbox.http("PUT", "/_sandbox/certificates", &certificate.to_string());
    }

    /// The requests to `/helium`.
    pub(crate) fn queries(&self) -> Vec<Value> {
        let log: Value = serde_json::from_str(&self.sandbox.http("GET", "/_sandbox/requests", "")).unwrap();
        log.as_array().unwrap().iter().filter(|request| request["path"] == "/helium").cloned().collect()
    }

    /// The requests for certificates.
    pub(crate) fn certified(&self) -> Vec<Value> {
        let requests = self.sandbox.requests().into_iter();
        requests.filter(|request| request["path"].as_str().unwrap().ends_with("/certify")).collect()
    }

    pub(crate) fn status(&self) -> Value {
        self.project.run(&["observer", "status", "--json"]).exits(0).json()
    }

    /// Changes a template as the admin page does.
    pub(crate) fn edit(&self, title: &str, fields: &Value) {
        let mut fields = fields.clone();
        fields["id"] = json!(self.sandbox.id_of(title));
        self.sandbox.http("PUT", "/_sandbox/templates", &fields.to_string());
    }
}

/// Long ago.
pub(crate) const EARLY: &str = "2026-01-10T10:00:00.000Z";

pub(crate) fn keys(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect()
}

/// Checks that a run shows neither the key nor the password.
#[track_caller]
pub(crate) fn shows_no_secret(run: &Run) {
    for said in [&run.stdout, &run.stderr] {
        for secret in [KEY, PASSWORD, "pass+w", "pass%20w", "marked%2Bkey", "marked%2bkey", "apiKey=m"] {
            assert!(!said.contains(secret), "{secret}\n{said}");
        }
    }
}
