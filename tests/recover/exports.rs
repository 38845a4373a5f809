//! What an export proves and what it does not: nothing is adopted or confirmed that it does not show.

use serde_json::{Value, json};

use crate::doubtful;
use crate::support::{Project, Sandbox, Template, numbered};

const SOME_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const NIL: &str = "00000000-0000-0000-0000-000000000000";
const AUDIENCE: [&str; 2] = ["usercustomfieldslug", "usercustomfieldvalue"];

/// One line of an export, by column.
#[derive(Clone)]
struct Line(Vec<(&'static str, String)>);

impl Line {
    /// The first template, just changed, with every column that identifies it.
    fn of(id: &str) -> Self {
        let now = jiff::Timestamp::now().to_string();
        Self(
            [
                ("id", id),
                ("resourcetype", "course"),
                ("resourceid", &Template::number(1).resource),
                ("title", "Title 001"),
                ("usercustomfieldslug", ""),
                ("usercustomfieldvalue", ""),
                ("updatedat", &now),
            ]
            .map(|(column, text)| (column, text.to_owned()))
            .to_vec(),
        )
    }

    fn with(mut self, column: &'static str, text: &str) -> Self {
        match self.0.iter_mut().find(|(other, _)| *other == column) {
            Some((_, cell)) => text.clone_into(cell),
            None => self.0.push((column, text.to_owned())),
        }
        self
    }

    fn without(mut self, columns: &[&str]) -> Self {
        self.0.retain(|(column, _)| !columns.contains(column));
        self
    }

    fn header(&self) -> String {
        self.0.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(",")
    }

    fn cells(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(",")
    }

    fn export(&self) -> String {
        format!("{}\n{}\n", self.header(), self.cells())
    }
}

/// Every column of the vendor's table, filled with the values of the sent template.
fn whole(id: &str) -> Line {
    [
        ("asset", ""),
        ("assetlibraryid", "NULL"),
        ("supplementalassets", "[]"),
        ("expirationdate", "9999-12-01 00:00:00.000000"),
        ("expirationdays", "365"),
        ("customcss", ""),
        ("recertificationaction", ""),
        ("recertificationactiontext", ""),
        ("recertificationactionurl", ""),
        ("recertificationafterdays", ""),
        ("recertificationautoreset", "f"),
        ("recertificationinstructions", ""),
        ("statusgroup", "a"),
    ]
    .into_iter()
    .fold(Line::of(id), |line, (column, text)| line.with(column, text))
    .with("createdat", &jiff::Timestamp::now().to_string())
}

/// A template with an expiry whose create was processed but never answered.
fn with_expiry(sandbox: &Sandbox) -> Project {
    sandbox.faults(&["bulk:*:reset-after"]);
    let project = Project::on(sandbox, "");
    project.templates(&[Template::number(1).with("expirationDays: 365")]);
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// A server that has the course's template for one audience, but no default.
fn for_an_audience(sandbox: &Sandbox) -> String {
    let elsewhere = Project::on(sandbox, "");
    let template = Template::number(1).keyed("emea");
    elsewhere.templates(&[template.with("userCustomFieldSlug: region").with("userCustomFieldValue: emea")]);
    elsewhere.apply().exits(0);
    sandbox.id_of("Title 001")
}

mod imports {
    use super::*;

    fn is_not_adopted(line: &Line) {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.write("export.csv", line.export());
        let told = project.run(&["import", "--from-csv", "export.csv"]).exits(3);
        told.says("t-001").says("not adopted");
        let state = project.snapshot();
        let adopted = state.values().any(|bytes| String::from_utf8_lossy(bytes).contains("\"imported\""));
        assert!(!adopted, "{}", line.header());
    }

    #[test]
    fn need_the_audience_and_the_title() {
        for columns in [&AUDIENCE[..], &AUDIENCE[..1], &AUDIENCE[1..], &["title"]] {
            is_not_adopted(&Line::of(SOME_ID).without(columns));
        }
        for title in ["", "NULL", "Title 001 ", " Title 001", "TITLE 001"] {
            is_not_adopted(&Line::of(SOME_ID).with("title", title));
        }
    }

    #[test]
    fn never_overwrite_another_audience() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let id = for_an_audience(&sandbox);
        let project = Project::on(&sandbox, "addressing = \"id\"");
        project.templates(&numbered(1..=1));
        project.write("export.csv", Line::of(&id).without(&AUDIENCE).export());
        project.run(&["import", "--from-csv", "export.csv"]).exits(3).says("usercustomfieldslug");
        project.templates(&[Template::number(1).titled("Default")]);
        project.apply().exits(0);
        assert_eq!(sandbox.id_of("Title 001"), id, "it is what it was");
        // With those columns, it is clearly another template.
        let seen = Line::of(&id).with(AUDIENCE[0], "region").with(AUDIENCE[1], "emea");
        project.write("export.csv", seen.export());
        project.run(&["import", "--from-csv", "export.csv"]).exits(0).says("0 adopted");
    }

    #[test]
    fn warn_that_absence_proves_nothing() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        let line = Line::of(SOME_ID);
        project.write("export.csv", line.export());
        let told = project.run(&["import", "--from-csv", "export.csv"]).exits(0);
        told.says("Not in the export: t-002").says("proves nothing").says("look in the admin page");
        project.templates(&numbered(1..=1));
        let told = project.run(&["import", "--from-csv", "export.csv"]).exits(0);
        assert!(!told.stdout.contains("proves nothing"), "{}", told.stdout);
    }

    #[test]
    fn take_no_nil_id() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let before = project.snapshot();
        for nil in [NIL, "{00000000-0000-0000-0000-000000000000}", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
            for command in [["recover", "t-001", "--created", nil].as_slice(), &["import", "t-001", nil]] {
                project.run(command).exits(1).says("is not a template id");
            }
        }
        assert_eq!(project.snapshot(), before);
        is_not_adopted(&Line::of(NIL));
    }
}

mod settlements {
    use super::*;

    fn stays_in_doubt(project: &Project, line: &Line, says: &str) {
        project.write("export.csv", line.export());
        project.run(&["recover", "--from-csv", "export.csv"]).exits(4).says("stays in doubt").says(says);
        assert_eq!(project.row("t-001")["status"], "in_doubt", "{}", line.export());
    }

    #[test]
    fn need_the_audience_and_the_title() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let id = for_an_audience(&sandbox);
        sandbox.faults(&["bulk:*:reset-before"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(4);
        sandbox.faults(&[]);
        for columns in [&AUDIENCE[..], &AUDIENCE[..1], &AUDIENCE[1..]] {
            stays_in_doubt(&project, &Line::of(&id).without(columns), columns[0]);
        }
        stays_in_doubt(&project, &Line::of(&id).without(&["title"]), "title");
        for title in ["", "NULL"] {
            stays_in_doubt(&project, &Line::of(&id).with("title", title), "line 2");
        }
        for title in ["Title 001 ", "\"Title 001\n\"", "Title\u{a0}001"] {
            stays_in_doubt(&project, &Line::of(&id).with("title", title), "under the title");
        }
    }

    #[test]
    fn of_complete_exports_are_known() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = with_expiry(&sandbox);
        let id = sandbox.id_of("Title 001");
        project.write("export.csv", whole(&id).export());
        let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(0);
        told.says("recorded as created").says("1 settled, 0 still in doubt");
        let row = project.row("t-001");
        assert_eq!((&row["status"], &row["id"]), (&json!("applied"), &json!(id)));
        assert_eq!(row["attributes"]["expirationDays"], 365);
        assert_eq!(project.apply_json(0)["requests"], 0);
    }

    /// Settled with an id but without contents, so that the next apply sends them.
    fn exists(project: &Project, line: &Line, why: &str) {
        let before = project.read("state/test.json");
        project.write("export.csv", line.export());
        let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(0);
        told.says("recorded as existing").says(why).says("the next apply sends all its attributes");
        let row = project.row("t-001");
        assert_eq!((&row["attributes"], &row["idSource"]), (&Value::Null, &json!("imported")), "{why}");
        assert_eq!(project.plan_json()["summary"]["update"], 1, "{why}");
        project.on_another_machine();
        project.write("state/test.json", before);
    }

    #[test]
    fn of_different_contents_are_not_known() {
        let sandbox = Sandbox::start(&[]);
        let project = with_expiry(&sandbox);
        let line = whole(&sandbox.id_of("Title 001"));
        for (column, text, why) in [
            ("expirationdays", "30", "expirationDays: 30"),
            ("expirationdays", "", "expirationDays: (nothing)"),
            ("customcss", "b{}", "customCss: \"b{}\""),
            ("recertificationafterdays", "0", "recertificationAfterDays: 0"),
            ("createdat", "2020-01-01 00:00:00", "made at 2020-01-01T00:00:00Z, before"),
            ("updatedat", "2020-01-01 00:00:00", "changed at 2020-01-01T00:00:00Z, before"),
            ("updatedat", "", "does not say when"),
        ] {
            let line = line.clone().with("createdat", "").with(column, text);
            exists(&project, &line, why);
        }
        exists(&project, &line.clone().without(&["expirationdays"]), "does not show expirationDays");
        exists(&project, &line.clone().without(&["updatedat"]), "does not say when");
        // The next apply fixes that.
        project.write("export.csv", line.with("expirationdays", "30").export());
        project.run(&["recover", "--from-csv", "export.csv"]).exits(0);
        project.apply().exits(0);
        assert_eq!(sandbox.templates().len(), 1);
        assert_eq!(project.apply_json(0)["requests"], 0);
    }

    #[test]
    fn of_unreadable_cells_are_ignored() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = with_expiry(&sandbox);
        let line = whole(&sandbox.id_of("Title 001"));
        for (column, text) in [
            ("id", NIL),
            ("resourceid", "1"),
            ("expirationdays", "thirty"),
            ("expirationdays", "30.5"),
            ("expirationdays", "-5"),
            ("expirationdays", "1e3"),
            ("expirationdate", "soon"),
            ("expirationdate", "31.12.2027"),
            ("recertificationautoreset", "maybe"),
            ("recertificationafterdays", "x"),
            ("recertificationaction", "dance"),
            ("assetlibraryid", "7"),
            ("asset", "nowhere"),
            ("supplementalassets", "[1"),
            ("usercustomfieldslug", "region"),
            ("createdat", "junk"),
            ("createdat", "2099-01-01 00:00:00"),
            ("updatedat", "2099-01-01 00:00:00"),
            ("statusgroupupdatedat", "junk"),
            ("statusgroup", "z"),
        ] {
            let line = line.clone().with(column, text);
            stays_in_doubt(&project, &line, "export.csv:2:");
            project.run(&["import", "--from-csv", "export.csv"]).exits(3).says("export.csv:2:");
        }
    }

    #[test]
    fn of_a_contradictory_row_are_ignored() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = with_expiry(&sandbox);
        let line = whole(&sandbox.id_of("Title 001"));
        let both = line.clone().with("expirationdate", "2027-12-31 00:00:00");
        stays_in_doubt(&project, &both, "expirationDate and expirationDays");
        let dead = line.clone().with("deleted", "f").with("statusgroup", "d");
        stays_in_doubt(&project, &dead, "contradict");
        // One line shows it as deleted, the other as existing.
        let deleted = line.clone().with("statusgroup", "d");
        project.write("export.csv", format!("{}{}\n", line.export(), deleted.cells()));
        let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
        told.says("line 2 says something else of the id");
    }
}

mod absence {
    use super::*;

    #[test]
    fn is_no_proof() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = doubtful(&sandbox, 1, "");
        let line = whole(&sandbox.id_of("Title 001"));
        let (header, cells) = (line.header(), line.cells());
        let of = |line: &Line| format!("{header}\n{}\n", line.cells());
        for (export, says) in [
            (format!("{header}\n"), "does not show it"),
            (of(&line.clone().with("resourcetype", "bundle")), "does not show it"),
            (line.clone().with("statusgroup", "d").export(), "export.csv shows one that was deleted"),
            (format!("{header}\n{}", &cells[..60]), "1 line of it cannot be read"),
            (format!("{header}\n\"{cells}\n"), "1 line of it cannot be read"),
            (format!("{header}\n{}\n", cells.replace(',', ";")), "1 line of it cannot be read"),
            (line.clone().with("resourceid", "").export(), "1 line of it cannot be read"),
        ] {
            project.write("export.csv", &export);
            let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
            let told = told.says("that proves nothing").says(says).says(
                "Look in the admin page. Only if it is not there: certctl recover t-001 --not-created -e test",
            );
            assert!(!told.stdout.contains("it was not created"), "{}", told.stdout);
            assert_eq!(project.row("t-001")["status"], "in_doubt");
        }
        // Any line for the course means that it is not absent.
        project.write("export.csv", line.with("resourcetype", "").export());
        let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
        let told = told.says("line 2 of export.csv may be for it");
        assert!(!told.stdout.contains("--not-created"), "{}", told.stdout);
    }
}

mod words {
    use super::*;

    #[test]
    fn of_updates_differ_from_those_of_creates() {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        project.templates(&[Template::number(1).with("expirationDays: 30")]);
        sandbox.faults(&["bulk:*:reset-before"]);
        project.apply().exits(4);
        sandbox.faults(&[]);
        let told = project.run(&["recover", "t-001", "--not-created"]).exits(0);
        told.says("t-001: recorded as not changed, so the server has the old values; the next apply sends the new ones");
        assert_eq!(project.plan_json()["summary"]["update"], 1);
    }

    #[test]
    fn promise_nothing_for_a_key_without_yaml() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 2, "");
        project.templates(&numbered(2..=2));
        let told = project.run(&["recover", "t-*", "--not-created"]).exits(0);
        told.says("t-001: recorded as not created. The YAML has no template t-001, so nothing sends it. To forget it: certctl state rm")
            .says("t-002: recorded as not created; the next apply sends it");
        // It is settled even if the YAML cannot be read.
        let project = doubtful(&sandbox, 1, "");
        project.write("templates/all.yaml", "templates: [");
        let told = project.run(&["recover", "t-001", "--not-created"]).exits(0);
        told.says("t-001: recorded as not created; the next apply sends it if the YAML has it");
    }
}

#[test]
fn a_pending_row_is_settled_by_its_key() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = crate::waiting(&sandbox, 2);
    project.write("export.csv", Line::of(SOME_ID).export());
    let settle = |key: &str| project.run(&["recover", key, "--from-csv", "export.csv"]);
    project
        .run(&["recover", "--from-csv", "export.csv"])
        .exits(0)
        .says("Nothing is in doubt.")
        .says("2 pending, each settled only by its key: certctl recover");
    settle("t-002")
        .exits(3)
        .says("t-002  stays pending: the export does not show it")
        .says("To ask for its job again: certctl apply")
        .says("0 settled, 0 still in doubt, 1 still pending.");
    settle("t-001").exits(0).says("1 settled, 0 still in doubt.");
    assert_eq!(
        (&project.row("t-001")["id"], &project.row("t-002")["status"]),
        (&json!(SOME_ID), &json!("pending"))
    );
}
