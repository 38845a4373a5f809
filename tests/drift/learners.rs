//! The export of certificates: for how many learners a difference matters.

use std::fmt::Write as _;

use serde_json::json;

use crate::{applied, drift, drift_json, three};

#[test]
fn learners_are_told_beside_the_difference() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    export.line("Title 002").is_deleted = true;
    let [first, second] = ["Edited", "Title 002"].map(|title| export.line(title).id.clone());
    let lines = format!("{first},ann,a\n{first},ann,i\n{first},ben,a\n{second},ann,a\n{second},cid,d\n");
    project.write("certificates.csv", format!("certificatetemplateid,userid,statusgroup\n{lines}"));
    let certificates = ["--certificates", "certificates.csv"];
    let run = drift(&project, &export, &certificates).exits(0);
    run.says("2 learners hold its certificate").says("1 learner holds its certificate");
    let more = [&certificates[..], &["--json"]].concat();
    let document = drift(&project, &export, &more).exits(0).json();
    assert_eq!(
        (&document["templates"][0]["learners"], &document["templates"][1]["learners"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(drift_json(&project, &export, 2)["templates"][0]["learners"], json!(null));

    project.write("certificates.csv", format!("certificatetemplateid\n{first}\n{first}\n"));
    let run = drift(&project, &export, &certificates).exits(0);
    run.says("2 certificates of it").says("certificates are counted, not learners");
}

#[test]
fn unreadable_certificates_are_found() {
    let (_sandbox, project, export) = applied(&three());
    project.write("certificates.csv", "certificatetemplateid,userid\nx,ann\n");
    let run =
        drift(&project, &export, &["--certificates", "certificates.csv", "--detailed-exitcode"]).exits(3);
    run.says("certificates.csv:2:1").says("is not a template id");
    project.write("certificates.csv", "id,name\n");
    let run = drift(&project, &export, &["--certificates", "certificates.csv"]).exits(1);
    run.says("the column certificatetemplateid is required");
    drift(&project, &export, &["--certificates", "none.csv"])
        .exits(1)
        .says("cannot read the export none.csv");
}

/// The file is larger than what is in memory at a time.
#[test]
fn many_certificates_are_counted() {
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "title", json!("Edited"));
    let first = export.line("Edited").id.clone();
    let mut text = "id,certificatetemplateid,userid,issuedat,statusgroup\n".to_owned();
    for number in 0..200_000_u32 {
        let user = number % 50_000;
        writeln!(
            text,
            "{number:032},{first},00000000-0000-4000-8000-{user:012},2026-01-01 00:00:00.000000,a"
        )
        .unwrap();
    }
    assert!(text.len() > 16 << 20);
    project.write("certificates.csv", text);
    let document =
        drift(&project, &export, &["--certificates", "certificates.csv", "--json"]).exits(0).json();
    assert_eq!(document["templates"][0]["learners"], 50_000);
}

#[test]
fn every_command_counts_the_certificates() {
    let (_sandbox, project, mut export) = applied(&three());
    let first = export.line("Title 001").id.clone();
    project.write("export.csv", export.templates());
    project.write(
        "certificates.csv",
        format!("certificatetemplateid,userid\n{first},ann\n{first},ben\n{first},ann\nx,ann\n"),
    );
    for command in ["import", "recover", "refresh"] {
        let run = project.run(&[command, "--from-csv", "export.csv", "--certificates", "certificates.csv"]);
        let run = run.exits(3).says("certificates.csv:5:1");
        if command != "refresh" {
            run.says("Learners hold 2 certificates of 1 template.");
        }
    }
}
