//! `import --write` and `refresh --write`, killed at every point: no file is half written, and the same command again finishes
//! the rest.

use std::collections::BTreeMap;
use std::path::PathBuf;

use certctl::crash::Point;
use serde_json::Value;

use crate::edits::told;
use crate::kill::{passages, run_until, spots};
use crate::promises::state;
use crate::support::{Project, Template, numbered};

/// Points that only these commands reach.
pub(crate) const FILES: [Point; 4] =
    [Point::FileStaged, Point::FilePlaced, Point::FileWritten, Point::FileReplaced];

/// No test connects to it.
const URL: &str = "https://academy.example.com";

/// One template in an export: its number, title, style sheet, and the day of its last change.
type Line<'l> = (u32, &'l str, &'l str, u8);

fn export(lines: &[Line<'_>]) -> String {
    let line = |(number, title, css, day): &Line<'_>| {
        let (id, resource) =
            (format!("8f14e45f-ceea-467f-a0e6-{number:012}"), Template::number(*number).resource);
        let kind = if *number == 3 { "learningPath" } else { "course" };
        format!("{id},{kind},{resource},{title},,,\"{css}\",a,2026-03-{day:02} 08:00:00\n")
    };
    let lines: String = lines.iter().map(line).collect();
    format!(
        "id,resourcetype,resourceid,title,usercustomfieldslug,usercustomfieldvalue,customcss,statusgroup,updatedat\n{lines}"
    )
}

/// Every file that people read, with its text: those of the state, and what is left of killed writes, are left out.
fn files(project: &Project) -> BTreeMap<PathBuf, String> {
    let is_ours = |path: &PathBuf| {
        let name = path.strip_prefix(project.path()).unwrap().display().to_string();
        !name.starts_with("state/") && name != "trace.txt" && !name.contains(".certctl-tmp-")
    };
    let name = |path: PathBuf| path.strip_prefix(project.path()).unwrap().to_owned();
    let all = project.snapshot().into_iter().filter(|(path, _)| is_ours(path));
    all.map(|(path, text)| (name(path), String::from_utf8(text).unwrap())).collect()
}

fn rows(project: &Project) -> Value {
    told(&state(project, URL))
}

/// Kills the command at every point that it reaches, in a project that `set_up` makes.
fn kill_everywhere(command: &[&str], set_up: impl Fn() -> Project) {
    let whole = set_up();
    let passages = passages(&whole, command);
    let (end, end_rows) = (files(&whole), rows(&whole));
    whole.run(&["plan"]).exits(0).says("No changes.");
    let reached = FILES.iter().filter(|point| passages.contains_key(point.name())).count();
    assert!(reached >= 2, "{command:?} writes no file: {passages:?}");
    let spots = spots(&passages, true);
    for spot in &spots {
        let project = set_up();
        let (before, before_rows) = (files(&project), rows(&project));
        let serial = state(&project, URL).serial;
        assert!(before != end && before_rows != end_rows, "{command:?} does nothing");
        assert!(run_until(&project, command, spot), "{command:?} was not killed at {spot:?}");
        let now = files(&project);
        for (path, text) in &now {
            let is_whole = [&before, &end].iter().any(|files| files.get(path) == Some(text));
            assert!(is_whole, "{spot:?}: {} is neither old nor new:\n{text}", path.display());
        }
        assert!(before.keys().all(|path| now.contains_key(path)), "{spot:?}: a file is gone");
        let now_rows = rows(&project);
        assert!([&before_rows, &end_rows].contains(&&now_rows), "{spot:?}: {now_rows:#}");
        // Nothing can be sent in between: a plan with the files but without the state would create every template again.
        let plan = project.run(&["plan", "--json", "--allow-empty"]).exits(0).json();
        assert_eq!(plan["summary"]["create"], 0, "{spot:?}: {}", plan["summary"]);
        project.run(command).exits(0);
        let done = files(&project);
        // No template names a text that the killed run put in place, and the next run takes another name.
        let lacks = end.keys().find(|path| !done.contains_key(*path));
        assert!(lacks.is_none(), "{spot:?}: {lacks:?} is not there");
        assert_eq!(rows(&project), end_rows, "{spot:?}");
        let plan = project.plan_json();
        assert_eq!(plan["summary"]["unchanged"], end_rows.as_object().unwrap().len(), "{spot:?}: {plan}");
        assert_eq!(project.state()["serial"], serial + 1, "{spot:?}: one edit, one version");
        assert!(!project.file("state/test.json.journal").exists(), "{spot:?}");
        project.run(&["plan"]).exits(0).says("No changes.");
    }
    println!("{command:?}: killed {} times at {} points", spots.len(), passages.len());
}

#[test]
fn import_write() {
    let css = format!(".certificate {{ {} }}", "color: #12324a; ".repeat(20));
    let command = ["import", "--from-csv", "export.csv", "--write", "templates", "--group-by", "type"];
    kill_everywhere(&command, || {
        let project = Project::empty();
        project.configure(URL, "");
        project
            .write("export.csv", export(&[(1, "Cloud", &css, 1), (2, "Data", &css, 1), (3, "Path", "", 1)]));
        project
    });
}

#[test]
fn refresh_write() {
    kill_everywhere(&["refresh", "-y", "--write", "--from-csv", "export.csv"], || {
        let project = Project::empty();
        project.configure(URL, "");
        project.templates(&numbered(1..=1));
        project.write("templates/more.yaml", format!("templates:\n{}", Template::number(2).yaml()));
        project.write("export.csv", export(&[(1, "Title 001", "", 1), (2, "Title 002", "", 1)]));
        project.run(&["import", "--from-csv", "export.csv"]).exits(0);
        project.write("export.csv", export(&[(1, "Cloud", "", 2), (2, "Data", "", 2)]));
        project
    });
}
