//! Links and pipes in the place of files that certctl writes.

use super::*;

#[test]
fn symlinked_state_is_written_through_the_link() {
    for prepare in ["file", "folder", "dangling", "chain"] {
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        project.templates(&numbered(1..=1));
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("test.json");
        if prepare == "folder" {
            symlink(elsewhere.path(), project.file("state")).unwrap();
        } else {
            fs::create_dir(project.file("state")).unwrap();
            if prepare == "chain" {
                symlink(&target, project.file("state/between.json")).unwrap();
                symlink("between.json", project.file(STATE)).unwrap();
            } else {
                symlink(&target, project.file(STATE)).unwrap();
            }
        }
        if prepare == "file" {
            project.apply().exits(0);
            project.templates(&numbered(1..=2));
        }
        project.apply().exits(0);
        let link = if prepare == "folder" { "state" } else { STATE };
        assert!(fs::symlink_metadata(project.file(link)).unwrap().is_symlink(), "{prepare}");
        assert!(fs::symlink_metadata(&target).unwrap().is_file(), "{prepare}");
        assert!(elsewhere.path().join("test.json.lock").exists(), "{prepare}: locked where it is");
        project.run(&["plan"]).exits(0).says("No changes.");
    }
}

/// Anyone who can change a project's files may put a link there.
#[test]
fn links_at_internal_names_overwrite_nothing() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("victim");
    for (name, is_refused) in [
        ("state/test.json.lock", true),
        (JOURNAL, true),
        ("state/test.json.sandbox", true),
        ("state/test.json.backup", false),
    ] {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        project.apply().exits(0);
        for (round, text) in [(1, Some("precious")), (2, None)] {
            // Something to write each time.
            project.templates(&numbered(1..=1 + round));
            let _ = fs::remove_file(&victim);
            if let Some(text) = text {
                fs::write(&victim, text).unwrap();
            }
            let _ = fs::remove_file(project.file(name));
            symlink(&victim, project.file(name)).unwrap();
            if is_refused {
                let run = project.apply().exits(1).says(name).says("symbolic link");
                assert!(!run.stderr.contains("permissions"), "{}", run.stderr);
            } else {
                project.apply().exits(0);
                assert!(
                    fs::symlink_metadata(project.file(name)).unwrap().is_file(),
                    "{name} was not written"
                );
            }
            assert_eq!(fs::read_to_string(&victim).ok().as_deref(), text, "{name}");
        }
        fs::remove_file(project.file(name)).unwrap_or_default();
        project.apply().exits(0);
    }
}

#[test]
fn link_at_rescued_name_overwrites_nothing() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("victim");
    for text in [Some("precious"), None] {
        let _ = fs::remove_file(&victim);
        if let Some(text) = text {
            fs::write(&victim, text).unwrap();
        }
        let sandbox = Sandbox::start(&[]);
        let project = Project::on(&sandbox, "");
        let running = applying(&sandbox, &project);
        let rescued = project.file("state/test.json.rescued");
        symlink(&victim, &rescued).unwrap();
        fs::copy(project.file("serial-1.json"), project.file(STATE)).unwrap();
        running.end().exits(3).says("was replaced");
        assert!(fs::symlink_metadata(&rescued).unwrap().is_file());
        assert!(fs::read_to_string(&rescued).unwrap().contains(&sandbox.id_of("Title 002")));
        assert_eq!(fs::read_to_string(&victim).ok().as_deref(), text);
    }
}

#[test]
fn pipes_at_internal_names_do_not_block() {
    for name in ["state/test.json.lock", JOURNAL, STATE, "state/test.json.sandbox"] {
        let project = Project::empty();
        project.configure("sandbox", "");
        project.templates(&numbered(1..=1));
        fs::create_dir(project.file("state")).unwrap();
        assert!(Command::new("mkfifo").arg(project.file(name)).status().unwrap().success());
        let run = project.apply().exits(1).says(name).says("not a regular file");
        assert!(!run.stderr.contains("permissions"), "{}", run.stderr);
        let code = project.run(&["plan"]).code;
        assert!([0, 1].contains(&code), "{name}");
    }
}
