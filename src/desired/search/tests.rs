//! Folders as they can be, and what is found in them.

use super::*;
use crate::desired::files::read;
use crate::desired::tests::globs as parsed;

fn look(root: &Path, globs: &[&str]) -> Matched {
    matching(root, &Boundary::of_project(root).unwrap(), &parsed(globs))
}

fn files(root: &Path, globs: &[&str]) -> Vec<String> {
    let matched = look(root, globs);
    assert_eq!(matched.findings, []);
    let read = read(&Boundary::of_project(root).unwrap(), &matched.files);
    assert_eq!(
        (read.0.len(), read.1),
        (matched.files.len(), Vec::new()),
        "every file that is found can be read"
    );
    matched.files.keys().map(|file| file.display().to_string()).collect()
}

fn said(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|found| format!("{} {}: {}", found.place, found.rule, found.message)).collect()
}

/// A repository with `[p]/templates/{a,.hidden}.yaml`, `[p]/templates/deep/b.yaml`, `shared/c.yaml`.
fn project() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("[p]");
    for name in ["templates/a.yaml", "templates/.hidden.yaml", "templates/deep/b.yaml", "../shared/c.yaml"] {
        write(&root, name, "layouts: {}\n");
    }
    std::fs::create_dir(root.join("templates/folder.yaml")).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    (folder, root)
}

fn write(root: &Path, name: &str, text: &str) {
    let path = plain_path(&root.join(name));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_file_has_one_path_however_found() {
    let (_folder, root) = project();
    let absolute = root.join("templates/deep").canonicalize().unwrap();
    let absolute = format!("{}/*.yaml", glob::Pattern::escape(absolute.to_str().unwrap()));
    assert_eq!(files(&root, &["templates/**/*.yaml"]), ["templates/a.yaml", "templates/deep/b.yaml"]);
    assert_eq!(
        files(
            &root,
            &["./templates/*.yaml", "templates/../templates/a.yaml", "../[[]p]/templates/a.yaml", &absolute]
        ),
        ["templates/a.yaml", "templates/deep/b.yaml"]
    );
    assert_eq!(files(&root, &["../shared/*.yaml"]), ["../shared/c.yaml"]);
}

#[test]
fn globs_mean_what_they_mean_elsewhere() {
    let (_folder, root) = project();
    for (glob, expected) in [
        ("**/*.yaml", ["templates/a.yaml", "templates/deep/b.yaml"].as_slice()),
        ("templates/**/b.yaml", &["templates/deep/b.yaml"]),
        ("templates/**", &["templates/a.yaml", "templates/deep/b.yaml"]),
        ("t*s/*.yaml", &["templates/a.yaml"]),
        ("*/deep/?.yaml", &["templates/deep/b.yaml"]),
        ("templates/[a-b].yaml", &["templates/a.yaml"]),
        ("templates/a.yaml", &["templates/a.yaml"]),
        ("templates/.*.yaml", &["templates/.hidden.yaml"]),
        ("templates//a.yaml", &["templates/a.yaml"]),
        ("templates/{a,deep/b}.{yml,yaml}", &["templates/a.yaml", "templates/deep/b.yaml"]),
        ("{templates,nowhere}/**/*.yaml", &["templates/a.yaml", "templates/deep/b.yaml"]),
        ("*.yaml", &[]),
        ("templates", &[]),
        ("templates/a.yaml/*", &[]),
        ("nowhere/**/*.yaml", &[]),
    ] {
        assert_eq!(files(&root, &[glob]), expected, "{glob}");
    }
}

#[test]
fn two_globs_can_match_one_file() {
    let (_folder, root) = project();
    let matched = look(&root, &["templates/*.yaml", "**/a.yaml", "templates/a.*"]);
    assert_eq!((matched.files.len(), said(&matched.unmatched)), (1, Vec::new()));
}

#[test]
fn a_glob_that_matches_nothing_is_a_finding() {
    let (_folder, root) = project();
    std::fs::create_dir(root.join("brand")).unwrap();
    let globs =
        ["templates/**/*.{yaml,yml}", "brand/**/*.yaml", "{templates,brand}/*.{yaml,yml}", "none.yaml"];
    assert_eq!(
        said(&look(&root, &globs).unmatched),
        [
            "certctl.toml:1:1 unmatched-glob: brand/**/*.yaml matches no file",
            "certctl.toml:1:1 unmatched-glob: {templates,brand}/*.{yaml,yml} matches no file below brand",
            "certctl.toml:1:1 unmatched-glob: none.yaml matches no file",
        ]
    );
}

#[test]
fn unmatched_template_files_are_a_warning() {
    let (_folder, root) = project();
    for (name, text) in [
        ("templates/b.yml", "anything"),
        ("templates/C.YAML", ""),
        ("templates/deep/d.txt", "# x\n'templates' :\n  a: {}\n"),
        ("templates/.e.yaml", "templates:\n"),
        // None of these.
        ("templates/README.md", "templates:\n"),
        ("templates/notes.txt", "the templates: are here"),
        ("templates/.f.yaml", "x: 1\n"),
        ("templates/logo.png", "\u{0}\u{1}"),
        ("docker-compose.yml", "services:\n"),
    ] {
        write(&root, name, text);
    }
    let named = |globs: &[&str]| -> Vec<String> {
        let matched = look(&root, globs);
        assert!(matched.unread.iter().all(|found| found.rule == "unread-file"), "{:?}", matched.unread);
        matched.unread.iter().map(|found| found.place.file.display().to_string()).collect()
    };
    let expected = ["templates/.e.yaml", "templates/C.YAML", "templates/b.yml", "templates/deep/d.txt"];
    assert_eq!(named(&["templates/**/*.yaml"]), expected);
    assert_eq!(named(&["templates/*.yaml", "templates/.e.yaml"]), ["templates/C.YAML", "templates/b.yml"]);
    assert_eq!(
        named(&["templates/**/*.yaml", "templates/*.y*ml", "**/[C]*", "**/*.txt"]),
        ["templates/.e.yaml"]
    );
    write(&root, "elsewhere/g.yml", "templates:\n");
    write(&root, "other.yml", "templates:\n");
    assert_eq!(named(&["*.yaml"]), ["other.yml"], "beside certctl.toml other tools keep their YAML");
    for number in 0..30 {
        write(&root, &format!("many/{number}.yml"), "");
    }
    let many = look(&root, &["many/*.yaml"]).unread;
    assert_eq!(many.len(), 21);
    assert!(many[20].message.contains("9 more"), "{}", many[20].message);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_never_lead_to_duplicates() {
        let (_folder, root) = project();
        for (target, name) in [(".", "self"), ("..", "up"), ("deep", "a-link"), ("../../shared", "shared")] {
            symlink(target, root.join("templates").join(name)).unwrap();
        }
        let expected = ["templates/a.yaml", "templates/deep/b.yaml", "templates/shared/c.yaml"];
        assert_eq!(files(&root, &["templates/**/*.yaml"]), expected);
        assert_eq!(
            files(&root, &["templates/a-link/*.yaml", "templates/**/*.yaml"]),
            expected,
            "by its own name"
        );
        symlink("a.yaml", root.join("templates/0.yaml")).unwrap();
        symlink("loop.yaml", root.join("loop.yaml")).unwrap();
        assert_eq!(files(&root, &["templates/*.yaml"]), ["templates/a.yaml"], "by its own name");
        assert_eq!(said(&look(&root, &["*.yaml"]).findings).len(), 1, "a link to itself");
    }

    #[test]
    fn files_outside_the_boundary_are_refused_by_name() {
        let (folder, root) = project();
        std::fs::write(folder.path().join(".git/config.yaml"), "secret").unwrap();
        for (target, name) in [
            ("/proc/self/environ", "e.yaml"),
            ("/", "root"),
            ("/etc", "not-matched.d"),
            ("/etc/passwd", "not-matched"),
            ("/nowhere/x", "missing.yaml"),
            ("../../.git", "git"),
        ] {
            symlink(target, root.join("templates").join(name)).unwrap();
        }
        let outside = |globs: &[&str]| {
            let matched = look(&root, globs);
            assert_eq!(said(&matched.unmatched), Vec::<String>::new());
            assert!(matched.findings.iter().all(|found| found.place.source_line.is_empty()));
            said(&matched.findings)
        };
        assert_eq!(
            outside(&["templates/*.yaml", "templates/r*t/**/*.yaml", "templates/g*/*"]),
            [
                "templates/e.yaml:1:1 outside-project: the file that this link leads to is not read: it lies outside of the project",
                "templates/git:1:1 outside-project: the folder that this link leads to is not looked into: it belongs to git, not to the project",
                "templates/missing.yaml:1:1 outside-project: the file that this link leads to is not read: it lies outside of the project",
                "templates/root:1:1 outside-project: the folder that this link leads to is not looked into: it lies outside of the project",
            ]
        );
        for glob in ["/etc/*.conf", "../../**/*.yml", "../../nowhere/*.yaml"] {
            let expected = format!(
                "certctl.toml:1:1 outside-project: {glob} leads to files that are not read: it lies outside of the project"
            );
            assert_eq!(outside(&[glob]), [expected]);
        }
        assert_eq!(
            outside(&["templates/root/etc/*.conf"]),
            [
                "certctl.toml:1:1 outside-project: templates/root is a symbolic link, and the folder that it leads to is not looked into: it lies outside of the project"
            ]
        );
        let gits =
            ["../.git/*.yaml", "templates/git/*.yaml", "../.g*/*.yaml"].map(|glob| outside(&[glob]).len());
        assert_eq!(gits, [1, 1, 1]);
    }

    #[test]
    fn names_that_are_not_utf_8_are_matched() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_folder, root) = project();
        let name = OsStr::from_bytes(b"caf\xe9.yaml");
        std::fs::write(root.join(name), "").unwrap();
        let matched = look(&root, &["*.yaml"]);
        assert_eq!(matched.files.keys().collect::<Vec<_>>(), [Path::new(name)]);
    }

    #[test]
    fn pipes_and_devices_are_findings_without_waiting() {
        let (_folder, root) = project();
        symlink("nowhere", root.join("templates/broken.yaml")).unwrap();
        let pipe = root.join("templates/pipe.yaml");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let matched = look(&root, &["templates/*.yaml"]);
        let (_, unread) = read(&Boundary::of_project(&root).unwrap(), &matched.files);
        let found: Vec<String> = matched
            .findings
            .iter()
            .chain(&unread)
            .map(|found| format!("{} {}", found.place, found.rule))
            .collect();
        assert_eq!(
            found,
            ["templates/broken.yaml:1:1 unreadable-file", "templates/pipe.yaml:1:1 unreadable-file"]
        );
    }
}
