//! The commands that certctl prints where it looks at the server, run exactly as printed.

use crate::pasted::{ONE_BY_ONE, has, has_every_key, sandbox};
use crate::scene::{KEYS, PROJECT, Scene};
use crate::support::Sandbox;

/// The name of an export needs quotes in a shell.
const EXPORT: &str = "the export.csv";
const REPORTS: [&str; 4] = ["--report", "markdown=drift.md", "--report", "html=drift.html"];

#[test]
fn of_an_export() {
    let mut scene = Scene::new(Sandbox::start(&["--no-upsert"]), "");
    scene.templates(&KEYS);
    scene.run(&["apply", "-y"]).exits(0);
    let export = scene.sandbox.export();
    // A second one of each, so that a person has to choose.
    let doubled: String = export
        .lines()
        .skip(1)
        .enumerate()
        .map(|(number, line)| format!("8f14e45f-ceea-467f-a0e6-{number:012}{}\n", &line[36..]))
        .collect();
    std::fs::write(scene.here().join("export.csv"), export.clone() + &doubled).unwrap();
    for key in KEYS {
        scene.run(&["state", "rm", "-y", "--", key]).exits(0);
    }
    scene.run(&["import", "--from-csv", "export.csv"]).exits(3);
    has_every_key(&scene.paste(), "import");
    // The same id under another key.
    std::fs::write(scene.here().join("export.csv"), &export).unwrap();
    scene.run(&["import", "--from-csv", "export.csv"]).exits(0);
    scene.run(&["state", "rm", "-y", "--", KEYS[1]]).exits(0);
    let lines: Vec<&str> = export.lines().collect();
    let line = |title: &str| *lines.iter().find(|line| line.contains(title)).unwrap();
    let one_for_another = format!("{}{}", &line("production 0")[..36], &line("production 1")[36..]);
    std::fs::write(scene.here().join("export.csv"), format!("{}\n{one_for_another}\n", lines[0])).unwrap();
    scene.run(&["import", "--from-csv", "export.csv"]).exits(3);
    has(&scene.paste(), &["StateShow"]);
}

/// Applied templates, and an export in which the first one has another title.
fn edited() -> Scene {
    let scene = Scene::applied(sandbox(), "", &KEYS);
    let export = scene.sandbox.export().replace("production 0", "edited by hand");
    std::fs::write(scene.here().join(EXPORT), export).unwrap();
    scene
}

#[test]
fn of_a_difference() {
    let mut scene = edited();
    scene.run(&[&["drift", "--from-csv", EXPORT][..], &REPORTS].concat()).exits(0);
    has(&scene.paste(), &["Refresh"]);
    for report in ["drift.md", "drift.html"] {
        scene.seen(report);
        has(&scene.paste(), &["Refresh"]);
    }
}

#[test]
fn of_what_was_not_compared() {
    // In one environment alone, whose answers give an id to each template.
    let mut scene = Scene::new(sandbox(), ONE_BY_ONE);
    scene.templates(&KEYS);
    scene.run(&["apply", "-y"]).exits(0);
    let export = scene.sandbox.export();
    let of_first = export.lines().find(|line| line.contains("production 0")).unwrap();
    let replaced = format!("8f14e45f-ceea-467f-a0e6-6b2d6a6f6f99{}", &of_first[36..]);
    std::fs::write(scene.here().join(EXPORT), export.replace(of_first, &replaced)).unwrap();
    scene.sandbox.faults(&["bulk:*:reset-after"]);
    scene.numbered(&[(1, KEYS[1])], "    expirationDays: 7\n");
    scene.run(&["apply", "-y", "--target", KEYS[1]]).exits(4);
    scene.paste();
    scene.run(&[&["drift", "--from-csv", EXPORT][..], &REPORTS].concat()).exits(0);
    has(&scene.paste(), &["Import", "Recover"]);
    for report in ["drift.md", "drift.html"] {
        scene.seen(report);
        has(&scene.paste(), &["Import", "Recover"]);
    }
}

#[test]
fn of_a_refresh() {
    let mut scene = edited();
    let refresh = ["refresh", "--from-csv", EXPORT, "--target", "plain"];
    // No terminal, so no question.
    scene.run(&refresh).exits(1);
    let commands = scene.paste();
    let again = format!(
        "certctl -C '{PROJECT}' refresh --target plain --from-csv '{EXPORT}' --auto-approve -e production"
    );
    assert!(commands.contains(&again), "{commands:#?}");
    scene.run(&[&refresh[..], &["-y"]].concat()).exits(0);
    has(&scene.paste(), &["Plan"]);
}
