//! The queries of docs/drift.md against `PostgreSQL`, whose protocol the vendor's reporting product speaks. Skipped where it is
//! not installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::export::foreign;
use crate::support::Run;
use crate::{Export, applied, differences, three};

/// The folder with the newest `PostgreSQL` server of Debian's packages.
fn installed() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.retain(|folder| folder.join("initdb").exists());
    versions.sort();
    versions.pop()
}

/// A server on a socket in a folder of its own; it is stopped when dropped.
struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
}

impl Postgres {
    fn start(programs: PathBuf) -> Self {
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let server = Self { programs, folder };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(server.path()).status().unwrap().success());
        }
        let data = server.path().join("data");
        server.run(
            "initdb",
            &["--auth=trust", "--username=reader", "--encoding=UTF8", "--no-locale", "-D"],
            &data,
        );
        let options = format!("-k {} -c listen_addresses= -c fsync=off", server.path().display());
        server.run("pg_ctl", &["start", "-w", "-l", "/dev/null", "-o", &options, "-D"], &data);
        server
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs one of the server's programs, which refuse to run as root.
    fn run(&self, program: &str, arguments: &[&str], data: &Path) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command.args(arguments).arg(data).current_dir("/").output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
    }

    /// Lets a program find the server.
    fn reached_by(&self, command: &mut Command) {
        command.env("PGHOST", self.path()).env("PGUSER", "reader").env("PGDATABASE", "postgres");
    }

    fn query(&self, query: &str) {
        let mut psql = Command::new("psql");
        self.reached_by(&mut psql);
        let output = psql.args(["--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-c", query]).output().unwrap();
        assert!(output.status.success(), "{}\n{query}", text(&output));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D"], &self.path().join("data"));
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The lines with psql in docs/drift.md.
fn documented() -> Vec<String> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drift.md")).unwrap();
    page.lines().filter(|line| line.starts_with("psql ")).map(str::to_owned).collect()
}

fn literal(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "null".to_owned(),
        serde_json::Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => format!("'{other}'"),
    }
}

/// The tables with types as vendor-api.md section 6.1 tells them: texts, whole numbers, booleans, times without a zone.
fn fill(server: &Postgres, export: &Export) {
    server.query(
        "create table certificatetemplates (id varchar, title varchar, resourcetype varchar, resourceid varchar, \
         asset varchar, supplementalassets varchar, expirationdate timestamp, expirationdays int, customcss varchar, \
         usercustomfieldslug varchar, usercustomfieldvalue varchar, recertificationautoreset boolean, \
         statusgroup char(1), updatedat timestamp, statusgroupupdatedat timestamp); \
         create table certificatetemplatelabels (certificatetemplateid varchar, certificatefieldid varchar, x int, y int, \
         fontsize int, fontcolor varchar, textalign varchar, statusgroup char(1)); \
         create table certificatefieldsblocks (id varchar, label varchar, type varchar); \
         create table certificates (id varchar, certificatetemplateid varchar, userid varchar, statusgroup char(1));",
    );
    for line in &export.lines {
        let of = |name: &str| literal(&line.attributes[name]);
        let (id, status) = (&line.id, if line.is_deleted { "d" } else { "a" });
        server.query(&format!(
            "insert into certificatetemplates values ('{id}', {}, {}, {}, {}, null, '9999-12-01 00:00:00.000000', {}, {}, null, \
             null, false, '{status}', now() at time zone 'utc', '9999-12-01'); \
             insert into certificates select n, '{id}', n % 3, 'a' from generate_series(1, 10) n;",
            of("title"), of("resourceType"), of("resourceId"), of("asset"), of("expirationDays"), of("customCss"),
        ));
        for label in line.attributes["labels"].as_array().into_iter().flatten() {
            let of = |name: &str| literal(&label[name]);
            server.query(&format!(
                "insert into certificatetemplatelabels values ('{id}', {}, {}, {}, {}, {}, {}, 'a');",
                of("certificateFieldId"),
                of("x"),
                of("y"),
                of("fontSize"),
                of("fontColor"),
                of("textAlign"),
            ));
        }
    }
}

#[test]
fn documented_queries_make_readable_exports() {
    let Some(programs) = installed() else {
        // Not every machine has it.
        return;
    };
    let server = Postgres::start(programs);
    let (_sandbox, project, mut export) = applied(&three());
    export.set("Title 001", "customCss", json!("a::after { content: \"x, y\";\n  color: 'red' }"));
    export.lines.push(foreign(1, "By hand, \"quoted\" – é 日本"));
    fill(&server, &export);
    let lines = documented();
    assert!(lines.len() == 4 && lines[3].contains("\\copy"), "{lines:?}");
    // The last makes the first file again, in the other way.
    for lines in [&lines[..3], &lines[3..]] {
        for line in lines {
            let mut shell = Command::new("sh");
            server.reached_by(&mut shell);
            Run::of(shell.args(["-c", line]).current_dir(project.path()).output().unwrap()).exits(0);
        }
        let command = [
            "drift",
            "--from-csv",
            "templates.csv",
            "--labels",
            "labels.csv",
            "--certificates",
            "certificates.csv",
            "--json",
            "--detailed-exitcode",
        ];
        let document = project.run(&command).exits(2).json();
        assert_eq!(differences(&document), ["t-001 customCss"]);
        assert_eq!((&document["findings"], &document["summary"]["unmanaged"]), (&json!([]), &json!(1)));
        assert_eq!(document["templates"][0]["learners"], 3);
        assert_eq!(document["unmanaged"][0]["title"], "By hand, \"quoted\" – é 日本");
    }
    let mut script = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/plain/export"));
    server.reached_by(&mut script);
    let output = script
        .env_remove("CERTCTL_OUT")
        .env_remove("CERTCTL_EXPORTS")
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(
        project.read("certctl-out/exports/certificatetemplatelabels.csv").lines().count(),
        project.read("labels.csv").lines().count()
    );
}
