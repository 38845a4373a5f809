//! Settling rows in doubt and adopting existing templates, end to end.

#[path = "recover/attempts.rs"]
mod attempts;
#[path = "recover/exports.rs"]
mod exports;
mod support;

use serde_json::json;
use support::{Project, Sandbox, Template, numbered};

/// A project with this many templates, whose creates were all sent and never answered.
fn doubtful(sandbox: &Sandbox, count: u32, api: &str) -> Project {
    sandbox.faults(&["bulk:*:reset-after"]);
    let project = Project::on(sandbox, api);
    project.templates(&numbered(1..=count));
    project.apply().exits(4);
    sandbox.faults(&[]);
    project
}

/// A project whose creates became jobs that never end.
fn waiting(sandbox: &Sandbox, count: u32) -> Project {
    sandbox.faults(&["bulk:*:job=never"]);
    let project = Project::on(sandbox, "job_timeout = \"1s\"");
    project.templates(&numbered(1..=count));
    project.apply().exits(3).says("If it never ends: certctl recover");
    sandbox.faults(&[]);
    project
}

#[test]
fn endless_job_can_be_settled_by_key() {
    let sandbox = Sandbox::start(&["--no-upsert"]);
    let project = waiting(&sandbox, 3);
    let list = project.run(&["recover"]).exits(0);
    list.says("Nothing is in doubt.\n\n3 templates are pending").says("The job may still be at work");
    project.run(&["recover", "t-002"]).exits(0).says("1 template is pending").says("  job       ");
    // What import says is true now.
    let id = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";
    project.run(&["import", "t-001", id]).exits(1).says("To settle it first: certctl recover t-001");
    // Patterns do not select it, and it is not sent again while the job may be working.
    project.run(&["recover", "t-*", "--not-created"]).exits(1).says("no template in doubt matches t-*");
    project
        .run(&["recover", "t-001", "--resend"])
        .exits(1)
        .says("the server's job")
        .says("cannot be sent again");
    project.run(&["recover", "t-001", "--created", id]).exits(0);
    project.run(&["recover", "t-002", "--applied"]).exits(0);
    let warned = project.run(&["recover", "t-003", "--not-created"]).exits(0);
    warned
        .says("warning: the server's job")
        .says("may still be at work on t-003")
        .says("makes a second template");
    assert_eq!(
        (&project.row("t-001")["status"], &project.row("t-001")["id"]),
        (&json!("applied"), &json!(id))
    );
    assert_eq!(project.row("t-002")["status"], "applied");
    assert_eq!(project.apply_json(0)["summary"]["created"], 1);
    assert_eq!(sandbox.times_sent("Title 003"), 2);
    assert_eq!(sandbox.times_sent("Title 001"), 1);
}

mod exports_from_spreadsheets {
    use super::*;

    #[test]
    fn without_a_time_only_ids_are_taken() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let row = format!("{},course,{}", sandbox.id_of("Title 001"), Template::number(1).resource);
        for (title, cell) in [("", ""), (",title", ",Title 001")] {
            project.write("export.csv", format!("id,resourcetype,resourceid{title}\n{row}{cell}\n"));
            let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
            told.says(
                "usercustomfieldslug and usercustomfieldvalue, so it does not show which template is which",
            )
            .says("0 settled, 1 still in doubt");
        }
        let audience = "usercustomfieldslug,usercustomfieldvalue";
        project
            .write("export.csv", format!("id,resourcetype,resourceid,title,{audience}\n{row},Title 001,,\n"));
        project.run(&["recover", "--from-csv", "export.csv"]).exits(0).says("recorded as existing");
        // The time of its latest change is unknown, so its contents are sent again.
        assert_eq!(project.plan_json()["summary"]["update"], 1);
        project.apply().exits(0);
        assert_eq!(sandbox.templates().len(), 1);
        project.run(&["plan"]).exits(0).says("No changes.");
    }

    #[test]
    fn unreadable_cells_settle_nothing() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 2, "");
        let [first, second] = ["Title 001", "Title 002"].map(|title| sandbox.id_of(title));
        let [one, two] = [1, 2].map(|number| Template::number(number).resource);
        let header =
            "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,updatedat,deleted";
        for (time, deleted) in [
            ("1/1/2020 0:00", ""),
            ("43831", ""),
            ("2020-01-01 00:00:00", "x"),
            ("2020-01-01 00:00:00", "1.0"),
        ] {
            project.write(
                "export.csv",
                format!("{header}\n{first},course,{one},Title 001,,,{time},{deleted}\n,,,,,,,\n"),
            );
            let told = project.run(&["recover", "t-001", "--from-csv", "export.csv"]).exits(4);
            told.says("export.csv:2:").says("1 problem in 1 file").says("line 2 of the export");
            assert_eq!(project.row("t-001")["status"], "in_doubt", "{time} {deleted}");
            let told = project.run(&["import", "--from-csv", "export.csv"]).exits(3);
            told.says("export.csv:2:").says("0 adopted");
        }
        // The other lines count.
        let good = format!("{second},course,{two},Title 002,,,{},false", jiff::Timestamp::now());
        let bad = format!("{first},course,{one},Title 001,,,whenever,");
        project.write("export.csv", format!("{header}\n{bad}\n{good}\n"));
        project.run(&["recover", "--from-csv", "export.csv"]).exits(4).says("1 settled, 1 still in doubt");
        assert_eq!(project.row("t-002")["status"], "applied");
    }

    #[test]
    fn deleted_templates_are_neither_adopted_nor_settled() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let (id, course) = (sandbox.id_of("Title 001"), Template::number(1).resource);
        let newcomer = Project::on(&sandbox, "");
        newcomer.templates(&numbered(1..=1));
        for word in ["WAHR", "y", "TRUE"] {
            project.write(
                "export.csv",
                format!("id,resourcetype,resourceid,title,deleted\n{id},course,{course},Title 001,{word}\n"),
            );
            let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
            told.says("1 deleted passed over").says("0 settled, 1 still in doubt");
            assert_eq!(project.row("t-001")["status"], "in_doubt", "{word}");
            newcomer.write("export.csv", project.read("export.csv"));
            let told = newcomer.run(&["import", "--from-csv", "export.csv"]).exits(0);
            told.says("1 deleted passed over").says("0 adopted");
            assert!(!newcomer.file("state/test.json").exists(), "{word}");
        }
    }

    #[test]
    fn rows_skipped_by_import_are_named() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=2));
        let course = |number| Template::number(number).resource;
        let id = |number: u8| format!("aaaaaaaa-0000-4000-8000-{number:012}");
        let header = "id|resourcetype|resourceid|title|usercustomfieldslug|usercustomfieldvalue";
        project.write(
            "export.csv",
            format!(
                "\"sep=|\"\r\n{header}\r\n{}|course|{}|Title 001||\r\n{}|course|{}|Title 002||\r\n{}|course|{}|Title 002||\r\n\
                 {}|course|{}|Old times||\r\n",
                id(1),
                course(1),
                id(2),
                course(2),
                id(3),
                course(2),
                id(4),
                course(9)
            ),
        );
        let told = project.run(&["import", "--from-csv", "export.csv"]).exits(3);
        told.says("+ t-001  adopted")
            .says("! t-002  not adopted: the export has several templates for it")
            .says("\"Old times\"  aaaaaaaa-0000-4000-8000-000000000004")
            .says(
                "1 adopted, 0 known already, 1 not adopted, 0 not in the export; 1 of the export is not in",
            );
    }

    #[test]
    fn workbooks_are_recognised() {
        let project = Project::empty();
        project.configure("https://academy.example.com", "");
        project.templates(&numbered(1..=1));
        for (bytes, word, help) in [
            (&b"PK\x03\x04\x14\x00....[Content_Types].xml"[..], "an Excel file (.xlsx)", "CSV UTF-8"),
            (b"\xff\xfei\x00d\x00", "UTF-16", "CSV UTF-8"),
            (b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "a web page", "a login page"),
        ] {
            std::fs::write(project.file("export.csv"), bytes).unwrap();
            for command in ["import", "recover"] {
                project.run(&[command, "--from-csv", "export.csv"]).exits(1).says(word).says(help);
            }
        }
    }
}

mod list {
    use super::*;

    #[test]
    fn says_what_was_sent_and_next_steps() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 2, "");
        let list = project.run(&["recover"]).exits(0);
        for part in [
            "2 templates are in doubt",
            "? t-001",
            "Title 002",
            "as a create, in request 1-1",
            "3 attributes, sha256:",
        ] {
            assert!(list.stdout.contains(part), "{part}\n{}", list.stdout);
        }
        let mut rest = list.stdout.split("? t-002").nth(1).unwrap();
        for way in [
            "--from-csv FILE",
            "--created ID",
            "--applied",
            "--not-created",
            "--resend",
            "may make a second one",
        ] {
            rest = rest
                .split_once(way)
                .unwrap_or_else(|| panic!("{way} is not where it should be\n{}", list.stdout))
                .1;
        }
        let one = project.run(&["recover", "t-002"]).exits(0);
        assert!(
            one.stdout.contains("1 template is in doubt") && !one.stdout.contains("t-001"),
            "{}",
            one.stdout
        );
        project.run(&["recover", "-v", "t-002"]).exits(0).says("resourceType: \"course\"");
        project.run(&["recover", "t-00"]).exits(1).says("did you mean t-00");
        project.run(&["recover", "x-*"]).exits(1).says("no template in doubt matches x-*");
    }

    #[test]
    fn groups_many_rows_by_request() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 30, "batch_size = 20\nconcurrency = 1");
        let list = project.run(&["recover"]).exits(0).stdout;
        assert_eq!(list.matches("Request 1-").count(), 2, "{list}");
        assert_eq!(list.matches("--resend").count(), 1, "{list}");
        assert_eq!(list.matches("\n  ? t-0").count(), 30, "{list}");
        assert_eq!(project.run(&["recover", "-v"]).exits(0).stdout.matches("--resend").count(), 30);
        // A pattern selects everything that matches.
        project.run(&["recover", "t-*", "--not-created"]).exits(0).says("t-030: recorded as not created");
        project.run(&["recover"]).exits(0).says("Nothing is in doubt.");
    }

    #[test]
    fn has_one_line_per_pending_row() {
        let sandbox = Sandbox::start(&[]);
        let project = waiting(&sandbox, 12);
        let list = project.run(&["recover"]).exits(0).stdout;
        assert_eq!(list.matches("\n  ? t-0").count(), 12, "{list}");
        assert_eq!(list.matches("--not-created").count(), 1, "{list}");
    }

    #[test]
    fn keeps_a_grouped_rows_own_reason() {
        let sandbox =
            Sandbox::start(&["--fault", "bulk:*:wrong-count=+1", "--fault", "bulk:*:reject=Title 003"]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=12));
        project.apply().exits(4);
        let list = project.run(&["recover"]).exits(0).stdout;
        let own = list.lines().skip_while(|line| !line.contains("? t-003")).nth(1).unwrap();
        assert!(own.contains("the server's error was"), "{own}\n{list}");
        assert_eq!(list.matches("the server's error was").count(), 1, "{list}");
        assert_eq!(list.matches("which does not add up").count(), 1, "{list}");
    }
}

mod resend {
    use super::*;

    #[test]
    fn sends_each_row_alone() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 3, "");
        let before = sandbox.requests().len();
        let told = project.run(&["recover", "t-001", "t-003", "--resend"]).exits(0);
        told.says("warning: 2 creates are sent again, one a request")
            .says("only the admin page can delete one");
        let sent: Vec<usize> = sandbox.requests()[before..]
            .iter()
            .map(|request| request["body"]["templates"].as_array().unwrap().len())
            .collect();
        assert_eq!(sent, [1, 1]);
        assert_eq!(project.row("t-001")["status"], "applied");
        assert_eq!(project.row("t-001")["settled"][0]["as"], "resend");
        assert_eq!(project.row("t-002")["status"], "in_doubt");
        assert_eq!(project.apply_json(4)["requests"], 0);
    }

    #[test]
    fn changes_nothing_if_it_cannot_send() {
        let sandbox = Sandbox::start(&[]);
        let mut project = doubtful(&sandbox, 2, "");
        let before = project.read("state/test.json");
        project.run(&["recover", "--resend"]).exits(1).says("KEY is required: name the templates to settle");
        project.unset_env("CERTCTL_API_KEY");
        project.run(&["recover", "t-001", "--resend"]).exits(1).says("CERTCTL_API_KEY");
        project.set_env("CERTCTL_API_KEY", support::KEY);
        project.templates(&numbered(2..=2));
        project.run(&["recover", "t-001", "--resend"]).exits(1).says("the configuration no longer has t-001");
        assert_eq!(project.read("state/test.json"), before);
        // Not answered this time either: in doubt again.
        sandbox.faults(&["bulk:*:reset-before"]);
        project.run(&["recover", "t-002", "--resend"]).exits(4);
        assert_eq!(project.row("t-002")["status"], "in_doubt");
    }

    #[test]
    fn leaves_an_unsent_row_in_doubt() {
        for fault in [
            "bulk:*:status=401",
            "bulk:*:redirect=https://elsewhere.example/",
            "bulk:*:429=7200",
            "bulk:*:status=503,retry-after=0",
        ] {
            let sandbox = Sandbox::start(&["--no-upsert"]);
            let project = doubtful(&sandbox, 1, "");
            let before = project.read("state/test.json");
            sandbox.faults(&[fault]);
            project.run(&["recover", "t-001", "--resend"]).exits(4);
            assert_eq!(project.read("state/test.json"), before, "{fault}");
            sandbox.faults(&[]);
            // No ordinary apply carries out that request, and the row can still be settled.
            assert_eq!(project.apply_json(4)["requests"], 0, "{fault}");
            project.run(&["recover"]).exits(0).says("? t-001").says("--created ID");
            project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
            assert_eq!(project.apply_json(0)["requests"], 0, "{fault}");
            sandbox.assert_no_double_create();
        }
    }

    #[test]
    fn leaves_doubt_if_the_server_is_down() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        drop(sandbox);
        let told = project.run(&["recover", "t-001", "--resend"]).exits(4);
        told.says("cannot reach").says("not sent again");
        assert_eq!(project.row("t-001")["status"], "in_doubt");
        project.run(&["recover", "t-001", "--applied"]).exits(0);
    }

    #[test]
    fn is_explained_before_recording_if_impossible() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let before = project.read("state/test.json");
        let mut elsewhere = Template::number(1);
        elsewhere.resource = Template::number(9).resource;
        project.templates(&[elsewhere]);
        let told = project.run(&["recover", "t-001", "--resend"]).exits(1);
        told.says("is for another resource or audience")
            .says("Put the resource back")
            .says("Nothing was sent");
        assert_eq!(project.read("state/test.json"), before);
        project.run(&["recover", "t-001"]).exits(0).says("1 template is in doubt");
        project.templates(&numbered(1..=1));
        project.run(&["recover", "t-001", "--resend"]).exits(0);
        assert_eq!(project.row("t-001")["status"], "applied");
    }

    #[test]
    fn respects_required_saved_plans() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let toml = project.read("certctl.toml").replace(
            "[environments.test.safety]\n",
            "[environments.test.safety]\nrequire_saved_plan = true\n",
        );
        project.write("certctl.toml", toml);
        let before = sandbox.requests().len();
        project
            .run(&["recover", "t-001", "--resend"])
            .exits(0)
            .says("nothing was sent")
            .says("certctl plan --out");
        assert_eq!(sandbox.requests().len(), before);
        // If it turns out later, the request can be withdrawn.
        let state = project.read("state/test.json");
        project.run(&["recover", "t-001", "--created", &sandbox.id_of("Title 001")]).exits(0);
        assert_eq!(project.row("t-001")["settled"][0]["as"], "resend");
        assert_eq!(project.row("t-001")["settled"][1]["as"], "created");
        // The other way to settle the same state, so without the mark of the first.
        project.write("state/test.json", state);
        project.on_another_machine();
        project.run(&["plan", "--out", "again.plan"]).exits(0);
        project.run(&["apply", "again.plan"]).exits(0);
        assert_eq!(sandbox.times_sent("Title 001"), 2);
    }
}

mod from_csv {
    use super::*;

    #[test]
    fn settles_only_what_the_export_shows() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let project = doubtful(&sandbox, 4, "");
        // The export does not show the third, and the fourth has another title.
        let export = sandbox.export();
        let lines: Vec<&str> = export.lines().filter(|line| !line.contains("Title 003")).collect();
        project.write("export.csv", lines.join("\r\n").replace("Title 004", "Something else"));
        let told = project.run(&["recover", "--from-csv", "export.csv"]).exits(4);
        told.says("+ t-001  recorded as created").says("2 settled, 2 still in doubt.");
        let row = project.row("t-002");
        assert_eq!((&row["status"], &row["id"]), (&json!("applied"), &json!(sandbox.id_of("Title 002"))));
        assert_eq!(row["settled"][0]["as"], "created");
        project.run(&["state", "show", "t-002"]).exits(0).says("as created, id").says("said at");
        for key in ["t-003", "t-004"] {
            assert_eq!(project.row(key)["status"], "in_doubt");
        }
        // Absence proves nothing, and applying sends nothing.
        assert_eq!(project.apply_json(4)["requests"], 0);
        let again = project.run(&["recover", "t-003", "--from-csv", "export.csv"]).exits(4);
        again.says("t-003 --not-created").says("0 settled, 1 still in doubt.").says("2 in doubt now");
        project
            .run(&["recover", "--from-csv", "export.csv"])
            .exits(4)
            .says("under the title \"Something else\"");
    }

    #[test]
    fn refuses_an_invalid_export_with_all_findings() {
        let sandbox = Sandbox::start(&[]);
        let project = doubtful(&sandbox, 1, "");
        let course = Template::number(1).resource;
        let lines = ["x", "y"].map(|id| format!("{id},course,{course}\n")).concat();
        project.write("export.csv", format!("id,resourcetype,resourceid\n{lines}"));
        project.write("other.csv", "name,value\n");
        let before = project.snapshot();
        for command in [&["recover", "--from-csv"][..], &["import", "--from-csv"]] {
            let code = if command[0] == "recover" { 4 } else { 3 };
            let told = project.run(&[command, &["export.csv"]].concat()).exits(code);
            let told = told.says("export.csv:2:1").says("export.csv:3:1");
            let told = told.says("2 problems in 1 file. These lines were left out.");
            assert!(!told.stderr.contains("Nothing was sent"), "{}", told.stderr);
            project
                .run(&[command, &["other.csv"]].concat())
                .exits(1)
                .says("the columns id, resourcetype and resourceid are required");
            project.run(&[command, &["none.csv"]].concat()).exits(1).says("cannot read the export none.csv");
        }
        assert_eq!(project.snapshot(), before);
        project.run(&["import"]).exits(1).says("--from-csv");
        project.run(&["import", "t-001", "x", "--from-csv", "export.csv"]).exits(1);
        project.run(&["recover", "t-001", "--resend", "--from-csv", "export.csv"]).exits(1);
    }

    #[test]
    fn adopts_existing_templates() {
        let sandbox = Sandbox::start(&["--no-upsert"]);
        let elsewhere = Project::on(&sandbox, "");
        elsewhere.templates(&numbered(1..=40));
        elsewhere.apply().exits(0);
        let project = Project::on(&sandbox, "addressing = \"id\"");
        project.templates(&numbered(30..=70));
        project.write("export.csv", sandbox.export());
        let told = project.run(&["import", "--from-csv", "export.csv"]).exits(0);
        told.says("11 adopted, 0 known already, 0 not adopted, 30 not in the export; 29 of the export are not in the configuration.");
        assert_eq!(project.row("t-035")["id"], sandbox.id_of("Title 035"));
        assert_eq!(project.row("t-035")["idSource"], "imported");
        let plan = project.plan_json();
        assert_eq!((&plan["summary"]["update"], &plan["summary"]["create"]), (&json!(11), &json!(30)));
        // A second time it finds nothing to do, and the state stays unchanged.
        let before = project.read("state/test.json");
        project.run(&["import", "--from-csv", "export.csv"]).exits(0).says("0 adopted, 11 known already");
        assert_eq!(project.read("state/test.json"), before);
        project.apply().exits(0);
        assert_eq!(sandbox.templates().len(), 70);
    }
}
