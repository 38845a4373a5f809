//! Files in a stranger's pull request that git would interpret, and links that lead elsewhere.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::clone::{Clone, clean};
use crate::support::{KEY, Run, Sandbox, numbered};

/// Makes a directory a bare repository whose configuration runs a program; anyone can commit such files.
fn make_bare(folder: &Path, runs: &Path) {
    let files: [(&str, String); 5] = [
        ("HEAD", "ref: refs/heads/main\n".to_owned()),
        ("config", String::new()),
        ("objects/.keep", String::new()),
        ("refs/.keep", String::new()),
        ("hooks/post-index-change", format!("#!/bin/sh\ntouch {}\n", runs.display())),
    ];
    for (name, text) in files {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let program = format!("touch {}; false", runs.display());
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = \"{program}\"\n\
         [diff]\n\texternal = \"{program}\"\n"
    );
    std::fs::write(folder.join("config"), config).unwrap();
}

#[test]
fn bare_repositories_run_nothing() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let ran = clone.project.file("ran");
    make_bare(clone.project.path(), &ran);
    // The trap works: unrestricted git runs the program.
    std::fs::rename(clone.project.file(".git"), clone.project.file("away")).unwrap();
    let mut git = Command::new("git");
    clean(&mut git);
    let _ = git.args(["status"]).current_dir(clone.project.path()).output().unwrap();
    assert!(ran.exists(), "this git does not obey a bare repository: the test shows nothing");
    std::fs::remove_file(&ran).unwrap();
    for script in [
        "github/plan",
        "github/validate",
        "plain/plan",
        "gitlab/plan",
        "plain/begin",
        "plain/record",
        "plain/apply",
        "plain/merged",
    ] {
        let argument = if script == "plain/merged" { "main" } else { "certctl-out/change.plan" };
        let mut command = clone.script(script, &[argument]);
        // As in a merge request, which is merged for its plan.
        command.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
        let _ = Run::of(command.env("CERTCTL_API_KEY", KEY).output().unwrap());
        assert!(!ran.exists(), "{script} ran a program of the pull request");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

/// Attributes would change the bytes on their way into git, but the state has a digest of each row.
#[test]
fn git_attributes_never_change_the_state() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    clone.project.write(".gitattributes", "*.json ident working-tree-encoding=UTF-16LE eol=crlf\n");
    clone.commit("Attributes");
    clone.run("plain/plan", &[]).exits(0);
    clone.run("plain/apply", &[]).exits(0);
    assert_eq!(clone.pushed("main", "state/test.json").unwrap(), clone.project.read("state/test.json"));
}

#[test]
fn links_of_the_change_are_not_followed() {
    let sandbox = Sandbox::start(&[]);
    let clone = Clone::with(&sandbox, &numbered(1..=1));
    let elsewhere = tempfile::tempdir().unwrap();
    let victim = elsewhere.path().join("victim");
    let writes_nothing = |said: &str, out: Option<&str>| {
        std::fs::write(&victim, "precious").unwrap();
        for script in ["plain/plan", "github/plan", "gitlab/plan"] {
            let mut command = clone.script(script, &[]);
            command.envs(out.map(|out| ("CERTCTL_OUT", out)));
            Run::of(command.output().unwrap()).exits(1).says(said).says("remove it");
        }
        assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 1);
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    };
    let out = clone.project.file("certctl-out");
    symlink(elsewhere.path(), &out).unwrap();
    writes_nothing("certctl-out", None);
    writes_nothing("certctl-out", Some("certctl-out/deeper"));
    writes_nothing("certctl-out", Some(out.to_str().unwrap()));
    std::fs::remove_file(&out).unwrap();
    std::fs::create_dir(&out).unwrap();
    for name in ["plan.txt", "summary.md", "gl-code-quality-report.json", "exit-code", "##[error"] {
        symlink(&victim, out.join(name)).unwrap();
        // The log contains nothing that GitHub would interpret.
        writes_nothing(&name.replace("##[", "##\\["), None);
        std::fs::remove_file(out.join(name)).unwrap();
    }
    Run::of(clone.script("plain/plan", &[]).output().unwrap()).exits(0);
}
