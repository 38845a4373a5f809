//! Exports that settle rows in doubt and adopt templates.

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
    project.run(&["recover", "--from-csv", "export.csv"]).exits(4).says("under the title \"Something else\"");
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
    // What was seen is the baseline, and it is what the YAML says.
    let plan = project.plan_json();
    assert_eq!(plan["summary"]["unchanged"], 11);
    assert_eq!((&plan["summary"]["update"], &plan["summary"]["create"]), (&json!(0), &json!(30)));
    // A second time it finds nothing to do, and the state stays unchanged.
    let before = project.read("state/test.json");
    project.run(&["import", "--from-csv", "export.csv"]).exits(0).says("0 adopted, 11 known already");
    assert_eq!(project.read("state/test.json"), before);
    project.apply().exits(0);
    assert_eq!(sandbox.templates().len(), 70);
}
