//! Exports that a spreadsheet program has saved again.

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
    project.write("export.csv", format!("id,resourcetype,resourceid,title,{audience}\n{row},Title 001,,\n"));
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
    for (time, deleted) in
        [("1/1/2020 0:00", ""), ("43831", ""), ("2020-01-01 00:00:00", "x"), ("2020-01-01 00:00:00", "1.0")]
    {
        project.write(
            "export.csv",
            format!("{header}\n{first},course,{one},Title 001,,,{time},{deleted}\n,,,,,,,\n"),
        );
        let told = project.run(&["recover", "t-001", "--from-csv", "export.csv"]).exits(4);
        told.says("export.csv:2:").says("1 problem in 1 file").says("line 2 of export.csv may be for it");
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
        .says("1 adopted, 0 known already, 1 not adopted, 0 not in the export; 1 of the export is not in");
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
