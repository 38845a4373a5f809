//! Plans and results, read by a careful person: nothing in them may lead to a wrong action.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "reading/a_page.rs"]
mod a_page;
#[path = "reading/a_rename_to_a_key_with_a_row.rs"]
mod a_rename_to_a_key_with_a_row;
mod support;
#[path = "reading/templates_that_changed_places.rs"]
mod templates_that_changed_places;
#[path = "reading/warnings.rs"]
mod warnings;

use serde_json::Value;
use support::{Project, Run, Sandbox, Template, numbered};

/// One statement in every format.
struct Statement {
    terminal: String,
    /// `None` for a result: only a plan has this format.
    compact: Option<String>,
    markdown: String,
    html: String,
    json: Value,
}

impl Statement {
    /// A plan, in every format.
    fn plan(project: &Project, flags: &[&str]) -> Self {
        Self::plan_ending(0, project, flags)
    }

    /// A plan with this exit code, in every format.
    fn plan_ending(code: i32, project: &Project, flags: &[&str]) -> Self {
        let with = |more: &[&str]| project.run(&[&["plan"], flags, more].concat()).exits(code);
        let terminal = with(&["--report", "markdown=told.md", "--report", "html=told.html"]).stdout;
        Self {
            terminal,
            compact: Some(with(&["--compact"]).stdout),
            markdown: project.read("told.md"),
            html: project.read("told.html"),
            json: with(&["--json"]).json(),
        }
    }

    /// The formats for people.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let compact = self.compact.as_deref().map(|compact| ("compact", compact));
        let others = [
            ("terminal", self.terminal.as_str()),
            ("Markdown", self.markdown.as_str()),
            ("HTML", self.html.as_str()),
        ];
        others.into_iter().chain(compact).collect()
    }

    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        for (form, told) in self.texts() {
            // Wherever a line is wrapped.
            let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(text.trim()), "{form} does not say {text:?}:\n{told}");
        }
        self
    }

    #[track_caller]
    fn never_says(&self, text: &str) -> &Self {
        for (form, told) in self.texts() {
            let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!words.contains(text), "{form} says {text:?}:\n{told}");
        }
        self
    }
}

fn applied(sandbox: &Sandbox, count: u32) -> Project {
    let project = Project::on(sandbox, "");
    project.templates(&numbered(1..=count));
    project.apply().exits(0);
    project
}

/// The template with this number, for another one's course.
fn of_course(number: u32, course: u32) -> Template {
    Template { resource: Template::number(course).resource, ..Template::number(number) }
}

mod a_renamed_template {
    use super::*;

    #[test]
    fn must_not_be_deleted() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 2);
        project.templates(&[Template::number(1).keyed("t-001-new"), Template::number(2)]);
        let told = Statement::plan(&project, &[]);
        told.says("1 perhaps renamed, 1 held back").never_says("1 orphaned").never_says("admin page");
        assert!(told.terminal.contains("! t-001  perhaps renamed: do not delete it"), "{}", told.terminal);
        assert!(told.markdown.contains("#### Perhaps renamed: do not delete"), "{}", told.markdown);
        assert!(told.html.contains(">Perhaps renamed: do not delete</h2>"), "{}", told.html);
        assert!(!told.html.contains("a person has to, in the admin page"), "{}", told.html);
        let summary = &told.json["summary"];
        assert_eq!((&summary["renamed"], &summary["orphan"]), (&1.into(), &1.into()), "{summary}");
        let orphan = &told.json["actions"][0];
        assert_eq!((&orphan["action"], &orphan["renamed_to"]), (&"orphan".into(), &"t-001-new".into()));
    }

    #[test]
    fn is_recognised_without_the_new_key() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 2);
        project.templates(&[Template::number(1).keyed("t-001-new"), Template::number(2)]);
        let told = Statement::plan(&project, &["--target", "t-001"]);
        told.says("1 perhaps renamed").never_says("admin page");
    }

    #[test]
    fn that_is_removed_is_an_orphan() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 2);
        project.templates(&numbered(2..=3));
        let told = Statement::plan(&project, &[]);
        told.says("1 orphaned").never_says("erhaps renamed");
        assert_eq!(told.json["summary"].get("renamed"), None);
        assert_eq!(told.json["actions"][0].get("renamed_to"), None);
    }

    #[test]
    fn is_only_moved() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 1);
        project.templates(&[Template::number(1).keyed("first")]);
        project.write("templates/moved.yaml", "moved:\n  - { from: t-001, to: first }\n");
        let told = Statement::plan(&project, &[]);
        told.says("1 to move").never_says("another key");
        assert!(told.terminal.contains("> first  moved, was t-001"), "{}", told.terminal);
        let run = apply_told(&project);
        assert!(run.terminal.contains("> first  moved, was t-001"), "{}", run.terminal);
        assert!(run.html.contains(">Moved</h2>") && run.html.contains("was t-001"), "{}", run.html);
        assert!(run.markdown.contains("was `t-001`"), "{}", run.markdown);
        run.never_says("another key");
    }
}

/// The commands in a text, each as a list of arguments.
fn commands(text: &str) -> Vec<Vec<String>> {
    let moves = text.lines().filter_map(|line| Some(line.split_once("certctl state mv ")?.1));
    moves
        .map(|rest| rest.split_whitespace().take(2).map(|word| word.trim_matches('\'').to_owned()).collect())
        .collect()
}

mod an_imported_template {
    use super::*;

    #[test]
    fn has_no_invented_history() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&[Template::number(1).with("expirationDays: 365")]);
        project.run(&["import", "t-001", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]).exits(0);
        let told = Statement::plan(&project, &["--out", "saved.plan"]);
        told.never_says("does not expire by age").never_says("nothing</span>");
        for (form, text) in told.texts() {
            let text = text.to_lowercase();
            assert!(text.contains("what the server holds of it is not known"), "{form}: {text}");
            assert!(text.contains("all 4 attributes are sent"), "{form}: {text}");
        }
        let action = &told.json["actions"][0];
        assert_eq!((&action["before"], &action["changes"]), (&Value::Null, &serde_json::json!([])));
        assert_eq!(project.run(&["show", "--json", "saved.plan"]).exits(0).json(), told.json);
    }
}

/// An apply, in every format.
fn apply_told(project: &Project) -> Statement {
    let reports =
        ["--report", "markdown=told.md", "--report", "html=told.html", "--report", "json=told.json"];
    let run = project.run(&[&["apply", "-y"], &reports[..]].concat()).exits(0);
    Statement {
        compact: None,
        terminal: run.stdout,
        markdown: project.read("told.md"),
        html: project.read("told.html"),
        json: serde_json::from_str(&project.read("told.json")).unwrap(),
    }
}

mod a_replaced_template {
    use super::*;

    #[test]
    fn is_reported_as_left_on_the_server() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 1);
        let id = sandbox.id_of("Title 001");
        project.templates(&[of_course(1, 9).titled("New title")]);
        let told = apply_told(&project);
        let end = told.terminal.split_once("Applied:").unwrap().1;
        assert!(end.contains("The server still has the old template of t-001"), "{}", told.terminal);
        assert!(end.contains(&format!("delete \"Title 001\" (id {id}) in the admin page.")), "{end}");
        assert!(end.contains("certctl state rm t-001.replaced-1"), "{end}");
        for text in [&told.markdown, &told.html] {
            assert!(text.contains("Title 001") && text.contains(&id), "{text}");
            assert!(text.contains("certctl state rm t-001.replaced-1"), "{text}");
        }
        assert_eq!(
            told.json["left_behind"],
            serde_json::json!([{"key": "t-001.replaced-1", "replaced": "t-001", "id": id, "title": "Title 001"}])
        );
        // The next run replaces nothing.
        assert_eq!(project.apply_json(0).get("left_behind"), None);
    }
}

mod a_template_that_is_put_back {
    use super::*;

    #[test]
    fn gets_its_template_by_the_printed_commands() {
        let sandbox = Sandbox::start(&[]);
        let project = applied(&sandbox, 1);
        project.templates(&[of_course(1, 9)]);
        project.apply().exits(0);
        project.templates(&numbered(1..=1));
        let told = Statement::plan(&project, &[]);
        // The key already has a row, so nothing can be moved to it.
        told.says("1 perhaps renamed, 1 held back").never_says("{ from:").never_says("gets a second");
        told.says("run these two commands once, in this order:");
        for command in commands(&told.terminal) {
            project.run(&["state", "mv", &command[0], &command[1]]).exits(0);
        }
        let after = Statement::plan(&project, &[]);
        after.says("0 to add, 0 to change, 0 to destroy, 1 orphaned.");
        assert_eq!(after.json["actions"][0]["key"], "t-001.exchanged");
    }
}

mod a_moved_template_in_doubt {
    use super::*;

    /// The state still has it under its old key.
    #[test]
    fn is_settled_under_its_state_key() {
        let sandbox = Sandbox::start(&["--fault", "bulk:1:reset-after"]);
        let project = Project::on(&sandbox, "");
        project.templates(&[Template::number(1)]);
        project.apply().exits(4);
        project.templates(&[Template::number(1).keyed("new-key")]);
        let yaml = project.read("templates/all.yaml");
        project.write("templates/all.yaml", format!("{yaml}moved:\n  - {{ from: t-001, to: new-key }}\n"));
        let advises = |key: &str| {
            let told = Statement::plan(&project, &[]);
            for (form, text) in told.texts().into_iter().filter(|(form, _)| *form != "compact") {
                assert!(text.contains(&format!("recover {key}")), "{form}: {text}");
            }
        };
        advises("t-001");
        project.run(&["recover", "t-001"]).exits(0);
        project.apply().exits(4);
        advises("new-key");
    }
}
