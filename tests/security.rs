//! The API key: where it is sent, and that it never appears anywhere else. SECURITY.md refers to this file.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "security/commands.rs"]
mod commands;
#[path = "security/forms.rs"]
mod forms;
#[path = "security/listener.rs"]
mod listener;
mod support;

use std::collections::BTreeMap;
use std::io::Read as _;

use commands::COMMANDS;
use forms::has_no_key;
use listener::{Listener, http};
use serde_json::json;
#[cfg(unix)]
use support::running::Running;
use support::{KEY, Project, Run, Sandbox, certctl, numbered};

/// Runs a command at the highest verbosity, and searches everything it printed and wrote for the key.
#[track_caller]
fn watched(project: &Project, arguments: &[&str]) -> Run {
    let run = project.run(&[arguments, &["-vv"]].concat());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    has_no_key(&format!("stdout of {arguments:?}"), run.stdout.as_bytes());
    has_no_key(&format!("stderr of {arguments:?}"), run.stderr.as_bytes());
    for (path, content) in project.snapshot() {
        if !path.ends_with("key.txt") {
            has_no_key(&format!("{arguments:?} wrote {}", path.display()), &content);
        }
    }
    run
}

/// A project with the marked key from this source.
fn keyed(url: &str, source: &str) -> Project {
    let mut project = Project::empty();
    project.configure(url, "batch_size = 2");
    project.set_env("CERTCTL_LOG", "trace");
    project.templates(&numbered(1..=3));
    project.write("key.txt", KEY);
    match source {
        "CERTCTL_API_KEY" | "TI_API_KEY" => project.set_env(source, KEY),
        "CERTCTL_API_KEY_FILE" => project.set_env(source, "key.txt"),
        _ => {
            let toml = project.read("certctl.toml");
            let command = "api_key_command = [\"cat\", \"key.txt\"]\n[environments.test.api]";
            project.write("certctl.toml", toml.replace("[environments.test.api]", command));
        }
    }
    project
}

const SOURCES: [&str; 4] = ["CERTCTL_API_KEY", "TI_API_KEY", "CERTCTL_API_KEY_FILE", "api_key_command"];
const ID: &str = "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01";

#[test]
fn no_command_shows_or_writes_the_key() {
    for source in SOURCES {
        let sandbox = Sandbox::start(&["--fault", "bulk:2:reset-after"]);
        let project = keyed(&sandbox.url, source);
        assert_eq!(watched(&project, &["apply", "-y"]).code, 4, "{source}");
        project.templates(&numbered(1..=4));
        for arguments in COMMANDS.iter().flat_map(|(_, runs)| *runs) {
            watched(&project, arguments);
        }
        assert!(sandbox.requests().len() >= 3, "{source}: the key was used");
        has_no_key("the sandbox's log", sandbox.http("GET", "/_sandbox/requests", "").as_bytes());
    }
}

#[test]
fn no_failure_shows_the_key() {
    let sandbox = Sandbox::start(&["--fault", "bulk:*:status=401"]);
    let plain = Listener::silent();
    for (url, words) in
        [(sandbox.url.as_str(), "401"), (&format!("https://{}", plain.address), "cannot reach")]
    {
        let mut project = keyed(url, "CERTCTL_API_KEY");
        project.set_env("NO_PROXY", "*");
        watched(&project, &["apply", "-y", "--json"]).exits(1).says(words);
    }
    has_no_key("what a server without TLS got", &plain.heard());

    // Invalid keys, and keys at the wrong place.
    let mut project = keyed(&sandbox.url, "CERTCTL_API_KEY");
    project.set_env("CERTCTL_API_KEY", &format!("{KEY} {KEY}"));
    assert_eq!(watched(&project, &["apply", "-y"]).code, 1);
    for flag in [format!("--api-key={KEY}"), format!("--key={KEY}")] {
        assert_eq!(watched(&project, &["apply", "-y", &flag]).code, 1);
    }
    for name in ["api_key", "key", "token", "authorization"] {
        let project = keyed(&sandbox.url, "CERTCTL_API_KEY");
        let line = format!("{name} = \"{KEY}\"\n[environments.test.api]");
        let toml = project.read("certctl.toml").replace("[environments.test.api]", &line);
        project.write("certctl.toml", toml);
        for arguments in [&["plan", "-vv"][..], &["validate", "--json"]] {
            let run = project.run(arguments).exits(1).says(name).says("CERTCTL_API_KEY");
            has_no_key("stdout", run.stdout.as_bytes());
            has_no_key("stderr", run.stderr.as_bytes());
        }
    }
}

/// Places where somebody may write the key: the file, the text to replace, and the replacement.
const MISPLACED: [(&str, &str, &str); 15] = [
    ("certctl.toml", "default_environment", "\"KEY\" = 1\ndefault_environment"),
    ("certctl.toml", "default_environment", "KEY = 1\ndefault_environment"),
    ("certctl.toml", "default_environment", "KEY\ndefault_environment"),
    ("certctl.toml", "default_environment", "x = \"KEY\"\ndefault_environment"),
    ("certctl.toml", "[environments.test.safety]", "[environments.\"KEY\"]\n[environments.test.safety]"),
    ("certctl.toml", "[environments.test.safety]", "[environments.test.\"KEY\"]\n[environments.test.safety]"),
    (
        "certctl.toml",
        "[environments.test.safety]",
        "[environments.test.vars]\n\"KEY\" = []\n[environments.test.safety]",
    ),
    (
        "certctl.toml",
        "[environments.test.safety]",
        "[environments.test.vars]\nx = \"KEY\"\n[environments.test.safety]",
    ),
    ("certctl.toml", "url = \"", "url = \"https://a.example/KEY/\"\nx = \""),
    ("certctl.toml", "url = \"", "url = \"https://a.example/;apikey=KEY\"\nx = \""),
    ("templates/all.yaml", "    title:", "    title2: KEY\n    title:"),
    ("templates/all.yaml", "    title:", "    \"KEY\": 1\n    title:"),
    ("templates/all.yaml", "    title:", "    customCss: \"/* KEY */\"\n    title:"),
    ("templates/all.yaml", "    title:", "    asset: https://a.example/KEY\n    title:"),
    ("templates/all.yaml", "    title:", "    resourceType: KEY\n    title: ${var.KEY}\n    title:"),
];

#[test]
fn misplaced_key_is_not_shown() {
    // Like the vendor's, like any other, and one that no rule recognises as a key.
    for key in [KEY, "ti_live_FOOBAR123", "correcthorse"] {
        for (file, before, after) in MISPLACED {
            let mut project = keyed("https://a.example", "CERTCTL_API_KEY");
            project.set_env("CERTCTL_API_KEY", key);
            let text = project.read(file);
            assert!(text.contains(before), "{file} has no {before}");
            project.write(file, text.replacen(before, &after.replace("KEY", key), 1));
            let commands: [&[&str]; 4] = [
                &["validate", "-vv"],
                &["validate", "--format", "github"],
                &["plan", "--json", "--out", "saved.plan"],
                &["plan", "--report", "markdown=a.md", "--report", "html=a.html", "--report", "json=a.json"],
            ];
            for arguments in commands {
                let run = project.run(arguments);
                let what = format!("{key} at {after}: {arguments:?}");
                assert_eq!(run.code, 1, "{what}\n{}{}", run.stdout, run.stderr);
                // Markdown puts a backslash before underscores.
                for said in [run.stdout, run.stderr] {
                    assert!(!said.replace('\\', "").contains(key), "{what}\n{said}");
                }
            }
            assert!(!project.file("saved.plan").exists());
            for report in ["a.md", "a.html", "a.json"] {
                let said = project.read(report).replace('\\', "");
                assert!(!said.contains(key), "{key} at {after}: {report}\n{said}");
            }
        }
    }
}

#[test]
fn key_in_a_variable_is_not_shown() {
    let mut project = keyed("https://a.example", "CERTCTL_API_KEY");
    let text = project.read("templates/all.yaml").replacen("title: ", "title: ${var.x} ", 1);
    project.write("templates/all.yaml", text);
    let flag = format!("x={KEY}");
    watched(&project, &["plan", "--var", &flag]).exits(1).says("--var x has the API key in its value");
    project.set_env("CERTCTL_VAR_x", KEY);
    watched(&project, &["plan", "--out", "saved.plan"])
        .exits(1)
        .says("CERTCTL_VAR_x has the API key in its value");
}

#[test]
fn key_in_server_text_is_redacted() {
    let row = json!({"title": "Title 001", "resourceId": "00000000-0000-4000-8000-000000000001",
        "error": "refused, you sent {KEY}", "record": {"headers": {"Authorization": "{KEY}"}, "url": "{ENCODED}"}});
    let answers: BTreeMap<&str, String> = [
        ("401", http(401, "", r#"{"message":"no such key: {KEY} {ESCAPED}"}"#)),
        ("403 text", http(403, "", "forbidden for {KEY} and {ENCODED}")),
        ("404", http(404, "", "<html>{KEY}</html>")),
        ("500", http(500, "", r#"{"error":"{KEY}"}"#)),
        (
            "row error",
            http(200, "", &json!({"createdCount": 1, "createdIds": ["a"], "errors": [row]}).to_string()),
        ),
        (
            "warning and ids",
            http(
                200,
                "",
                &json!({"createdCount": 2, "createdIds": ["{KEY}", "b"], "warnings": ["{KEY}", "{ENCODED}"]})
                    .to_string(),
            ),
        ),
        (
            "job",
            http(
                200,
                "",
                &json!({"createdCount": 0, "backgroundJob":
                {"id": "j {KEY}", "status": "failed", "errorMessage": "{KEY}"}})
                .to_string(),
            ),
        ),
        ("other shape", http(200, "", r#"{"seen":"{KEY}"}"#)),
        ("not JSON", http(200, "", "{KEY}")),
        ("redirect", http(307, "Location: https://elsewhere.example/?{ENCODED}&{KEY}\r\n", "")),
        ("redirect to a log-in", http(302, "Location: https://elsewhere.example/?next={TWICE}\r\n", "{PARTLY}")),
        ("404 encoded", http(404, "", "<html>{PARTLY} {TWICE}</html>")),
        ("retry", http(429, "Retry-After: 0\r\nX-RateLimit-Limit: {KEY}\r\n", "{KEY}")),
        ("strange status", http(299, "X: {KEY}\r\n", "{KEY}")),
        ("401 escaped", http(401, "", r#"{"message":"no such key: {SOME} {ALL}"}"#)),
        (
            "row error escaped",
            http(
                200,
                "",
                r#"{"createdCount":1,"createdIds":["{ALL}"],"warnings":["{SOME}"],"errors":[{"title":"Title 001",
                "resourceId":"00000000-0000-4000-8000-000000000001","error":"refused {SOME}",
                "record":{"deep":[[{"{ALL}":"{SOME}"}]],"text":"{\"key\":\"{INNER}\"}"}}]}"#,
            ),
        ),
        ("not JSON escaped", http(200, "", r#"{"seen":"{SOME} {ALL}"#)),
        ("not HTTP", "{KEY} {KEY}\r\n\r\n".to_owned()),
    ]
    .into();
    std::thread::scope(|scope| {
        for (what, answer) in &answers {
            scope.spawn(move || {
                let server = Listener::answering(answer);
                let project = keyed(&format!("http://{}", server.address), "CERTCTL_API_KEY");
                project.templates(&numbered(1..=2));
                let run = watched(&project, &["apply", "-y", "--json", "--report", "json=run.json"]);
                assert!(String::from_utf8_lossy(&server.heard()).contains(KEY), "{what}: the key was sent");
                if ["401", "403 text", "row error", "not JSON", "401 escaped", "row error escaped"]
                    .contains(what)
                {
                    assert!(run.stdout.contains("(the API key)"), "{what}: {}", run.stdout);
                }
                for arguments in
                    [&["plan"][..], &["recover"], &["state", "list"], &["state", "show", "t-001"]]
                {
                    watched(&project, arguments);
                }
            });
        }
    });
}

#[cfg(unix)]
#[test]
fn sandbox_shows_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.jsonl");
    let mut command = certctl();
    command.args(["sandbox", "--listen", "127.0.0.1:0", "--api-key", KEY, "-vv", "--store"]).arg(&store);
    let mut running = Running::start(command.env("CERTCTL_LOG", "trace"));
    let mut url = Vec::new();
    let mut byte = [0];
    while running.child().stdout.as_mut().unwrap().read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        url.push(byte[0]);
    }
    let project = keyed(&String::from_utf8(url).unwrap(), "CERTCTL_API_KEY");
    watched(&project, &["apply", "-y"]).exits(0);
    running.signal("TERM");
    let run = running.end().exits(0);
    has_no_key("the sandbox's stdout", run.stdout.as_bytes());
    has_no_key("the sandbox's stderr", run.stderr.as_bytes());
    has_no_key("the sandbox's store", &std::fs::read(store).unwrap());
}

#[test]
fn no_key_over_plain_http() {
    // Refused by its name: a listener on loopback could not be reached under it anyway.
    for url in [
        "http://academy.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:9",
        "http://[::ffff:7f00:1]:9",
    ] {
        let project = keyed(url, "CERTCTL_API_KEY");
        assert_eq!(watched(&project, &["apply", "-y"]).code, 1, "{url}");
    }
}

#[test]
fn no_key_to_another_host() {
    let elsewhere = Listener::silent();
    let location = format!("http://{}/incoming/v2", elsewhere.address);
    let redirecting = Sandbox::start(&["--fault", &format!("bulk:*:redirect={location}")]);
    let project = keyed(&redirecting.url, "CERTCTL_API_KEY");
    watched(&project, &["apply", "-y"]).exits(1).says(&location);

    // Connections within this machine need no proxy.
    let sandbox = Sandbox::start(&[]);
    let mut project = keyed(&sandbox.url, "CERTCTL_API_KEY");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"] {
        project.set_env(name, &format!("http://{}", elsewhere.address));
    }
    watched(&project, &["apply", "-y"]).exits(0);
    assert_eq!(elsewhere.heard(), b"", "another host heard something");
}

#[test]
fn no_key_to_an_address_unlike_the_states() {
    let sandbox = Sandbox::start(&[]);
    let project = keyed(&sandbox.url, "CERTCTL_API_KEY");
    project.run(&["apply", "-y"]).exits(0);
    project.templates(&numbered(1..=5));
    project.run(&["plan", "--out", "saved.plan"]).exits(0);
    let elsewhere = Listener::silent();
    let toml = project.read("certctl.toml");
    project.write("certctl.toml", toml.replace(&sandbox.url, &format!("http://{}", elsewhere.address)));
    for arguments in [&["apply", "-y"][..], &["apply", "saved.plan"], &["apply", "-y", "--json"]] {
        watched(&project, arguments).exits(5).says(&sandbox.url);
    }
    assert_eq!(elsewhere.heard(), b"", "the other address heard something");
}

#[test]
fn offline_commands_need_no_key() {
    let project = keyed("https://academy.example.com", "api_key_command");
    let toml = project.read("certctl.toml").replace("[\"cat\", \"key.txt\"]", "[\"touch\", \"asked\"]");
    project.write("certctl.toml", toml);
    for arguments in [
        &["validate"][..],
        &["plan", "--out", "saved.plan"],
        &["show", "saved.plan"],
        &["state", "list"],
        &["recover"],
        &["import", "t-001", ID],
        &["state", "mv", "t-001", "t-007"],
    ] {
        project.run(arguments).exits(0);
    }
    assert!(!project.file("asked").exists(), "the key's command was run");
    project.run(&["apply", "-y"]).exits(1).says("the API key is empty");
    assert!(project.file("asked").exists());
}

#[cfg(unix)]
#[test]
fn file_modes_ignore_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::start(&["--fault", "bulk:3:stall-before"]);
    let project = Project::on(&sandbox, "");
    let with_umask = |arguments: &[&str]| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "umask 000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_certctl")]).args(arguments);
        support::at_home(&mut shell, project.home());
        shell.env("CERTCTL_API_KEY", KEY).current_dir(project.path());
        shell
    };
    for last in [1, 2] {
        project.templates(&numbered(1..=last));
        assert!(
            with_umask(&["plan", "--out", "a.plan", "--report", "json=b.json"])
                .output()
                .unwrap()
                .status
                .success()
        );
        assert!(with_umask(&["apply", "-y", "--report", "json=c.json"]).output().unwrap().status.success());
    }
    project.templates(&numbered(1..=3));
    let running = Running::start(&mut with_umask(&["apply", "-y"]));
    sandbox.has_read(3);
    for (name, mode) in [
        ("state/test.json", 0o600),
        ("state/test.json.backup", 0o600),
        ("state/test.json.journal", 0o600),
        ("state/test.json.lock", 0o600),
        ("a.plan", 0o644),
        ("b.json", 0o644),
        ("c.json", 0o644),
    ] {
        let found = std::fs::metadata(project.file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(found.permissions().mode() & 0o777, mode, "{name}");
    }
    running.kill();
}
