//! The ready pipelines of `examples/pipelines`, fitted to a project.

use std::path::Path;

use serde_json::Value;

use super::super::args::Ci;
use super::new_file::{IfThere, NewFile};

/// What a reader replaces by the repository and the commit that has certctl's action.yml.
pub(super) const PLACEHOLDER: &str = "your-org/certctl@v0.1.0";

/// The branch that the examples name.
pub(super) const MAIN: &str = "main";

/// The environment that the examples name.
pub(super) const PRODUCTION: &str = "production";

/// A pipeline for one environment of a project.
pub(super) struct Pipeline<'a> {
    pub(super) ci: Ci,
    /// The project's folder from the root of the repository, with `/` between names; empty at the root.
    pub(super) folder: &'a str,
    pub(super) environment: &'a str,
    /// Whether the state is on storage that machines share.
    pub(super) is_shared: bool,
    /// What a workflow starts on, if the project is at the root.
    pub(super) watched: Vec<String>,
    /// The branch that changes are merged into.
    pub(super) branch: &'a str,
}

impl Pipeline<'_> {
    /// The file at the root of a repository; `None` if no pipeline is wanted.
    pub(super) fn file(&self, root: &Path) -> Option<NewFile> {
        let (name, text) = match self.ci {
            Ci::None => return None,
            Ci::Github => (".github/workflows/certctl.yml", self.github()),
            Ci::Gitlab => (".gitlab-ci.yml", self.gitlab()),
        };
        Some(NewFile { base: root.to_owned(), name, text, if_there: IfThere::ShowText })
    }

    fn github(&self) -> String {
        let mut text = self.for_environment(if self.is_shared {
            include_str!("../../../examples/pipelines/github/certctl-shared.yml")
        } else {
            include_str!("../../../examples/pipelines/github/certctl.yml")
        });
        let all = match self.folder {
            "" => self.watched.clone(),
            folder => vec![format!("{}/**", glob_escaped(folder))],
        };
        let all = all.iter().map(|pattern| quoted(pattern)).collect::<Vec<_>>().join(", ");
        let paths = if self.is_shared {
            r#""certctl.toml", "templates/**""#
        } else {
            r#""certctl.toml", "templates/**", "state/**""#
        };
        text = text.replace(paths, &all);
        if self.branch != MAIN {
            let branch = self.branch;
            for (before, after) in
                [("branches: [", "]"), ("github.ref_name == '", "'"), ("only the branch ", ",")]
            {
                let branch = if after == "]" { quoted(branch) } else { branch.to_owned() };
                text = text.replace(&format!("{before}{MAIN}{after}"), &format!("{before}{branch}{after}"));
            }
        }
        if !self.folder.is_empty() {
            // What would be an expression is a text.
            let folder = self.folder.replace("${{", "${{ '${{' }}");
            text =
                text.replace("working-directory: .\n", &format!("working-directory: {}\n", quoted(&folder)));
        }
        text
    }

    fn gitlab(&self) -> String {
        let text = self.for_environment(if self.is_shared {
            include_str!("../../../examples/pipelines/gitlab/shared.gitlab-ci.yml")
        } else {
            include_str!("../../../examples/pipelines/gitlab/.gitlab-ci.yml")
        });
        if self.folder.is_empty() {
            return text;
        }
        let folder = quoted(&self.folder.replace('$', "$$"));
        text.replace("  CERTCTL_DIR: .\n", &format!("  CERTCTL_DIR: {folder}\n"))
    }

    /// The text for this environment. Its name has letters, digits, `-`, `_` and `.` only, and could be a number.
    fn for_environment(&self, text: &str) -> String {
        if self.environment == PRODUCTION {
            return text.to_owned();
        }
        ["environment: ", "CERTCTL_ENV: "].into_iter().fold(
            text.replace(PRODUCTION, self.environment),
            |text, name| {
                let quoted = quoted(self.environment);
                text.replace(&format!("{name}{}\n", self.environment), &format!("{name}{quoted}\n"))
            },
        )
    }
}

/// A string of YAML: one of JSON is that, too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A path as GitHub's patterns for paths take it literally, except that a star stands for what would begin an expression.
pub(super) fn glob_escaped(path: &str) -> String {
    let mut escaped = String::new();
    for c in path.chars() {
        if "*?+[]!\\".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped.replace("${{", "*{{")
}

#[cfg(test)]
mod tests {
    use super::super::watched::watched;
    use super::*;

    fn text(ci: Ci, folder: &str, environment: &str, is_shared: bool) -> String {
        let watched = watched(["templates/*"], (!is_shared).then_some(Path::new("state/x.json")));
        let pipeline = Pipeline { ci, folder, environment, is_shared, watched, branch: MAIN };
        pipeline.file(Path::new("")).unwrap().text
    }

    fn yaml(text: &str) -> serde_yaml::Value {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn pipelines_at_the_root_are_the_examples() {
        for (ci, is_shared, example) in [
            (Ci::Github, false, include_str!("../../../examples/pipelines/github/certctl.yml")),
            (Ci::Github, true, include_str!("../../../examples/pipelines/github/certctl-shared.yml")),
            (Ci::Gitlab, false, include_str!("../../../examples/pipelines/gitlab/.gitlab-ci.yml")),
            (Ci::Gitlab, true, include_str!("../../../examples/pipelines/gitlab/shared.gitlab-ci.yml")),
        ] {
            assert_eq!(text(ci, "", "production", is_shared), example);
        }
    }

    #[test]
    fn workflows_start_and_work_in_the_folder() {
        for is_shared in [false, true] {
            let workflow = yaml(&text(Ci::Github, "eu/a [b]", "production", is_shared));
            for event in ["pull_request", "push"] {
                let paths: Vec<&str> = workflow["on"][event]["paths"]
                    .as_sequence()
                    .unwrap()
                    .iter()
                    .filter_map(serde_yaml::Value::as_str)
                    .collect();
                assert_eq!(paths, [r"eu/a \[b\]/**", ".github/workflows/certctl.yml"]);
            }
            for (name, job) in workflow["jobs"].as_mapping().unwrap() {
                let steps = job["steps"].as_sequence().unwrap();
                let step = steps.iter().find(|step| step["uses"] == PLACEHOLDER).unwrap();
                assert_eq!(step["with"]["working-directory"], "eu/a [b]", "{name:?}");
            }
            let pipeline = yaml(&text(Ci::Gitlab, "eu/$a", "production", is_shared));
            assert_eq!(pipeline["variables"]["CERTCTL_DIR"], "eu/$$a");
        }
        assert!(text(Ci::Github, "${{ x }}", "production", false).contains(r#""${{ '${{' }} x }}""#));
    }

    #[test]
    fn workflows_are_for_the_main_branch() {
        for is_shared in [false, true] {
            let watched = vec!["a/**".to_owned(), "b\"".to_owned()];
            let pipeline = Pipeline {
                ci: Ci::Github,
                folder: "",
                environment: "production",
                is_shared,
                watched,
                branch: "1.0",
            };
            let text = pipeline.file(Path::new("")).unwrap().text;
            let workflow = yaml(&text);
            assert_eq!(workflow["on"]["push"]["branches"], yaml("['1.0']"));
            assert_eq!(
                workflow["on"]["push"]["paths"],
                yaml(r#"["a/**", "b\"", .github/workflows/certctl.yml]"#)
            );
            assert!(text.contains("github.ref_name == '1.0'") && !text.contains("'main'"), "{text}");
        }
    }

    #[test]
    fn other_environments_are_named_everywhere() {
        for is_shared in [false, true] {
            for ci in [Ci::Github, Ci::Gitlab] {
                let text = text(ci, "production", "1.0", is_shared);
                assert_eq!(
                    text.matches("production").count(),
                    text.matches("\"production").count(),
                    "{text}"
                );
                let pipeline = yaml(&text);
                let apply = if ci == Ci::Github { &pipeline["jobs"]["apply"] } else { &pipeline["apply"] };
                assert_eq!(apply["environment"], "1.0");
            }
        }
    }
}
