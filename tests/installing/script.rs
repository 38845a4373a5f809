//! `install.sh`.

use super::release::{Release, VERSION, archive};
use super::{CHECKERS, Machine};

/// Checks that nothing is installed and that the reason is said.
#[track_caller]
fn refused(release: &Release, code: i32, reason: &str) {
    for machine in CHECKERS.into_iter().filter_map(Machine::that_checks_with) {
        let run = machine.install(release, &format!("{}/v{VERSION}", release.serve()), &[]);
        run.exits(code).says(reason);
        assert_eq!(machine.installed(), None);
        assert!(!machine.path().join(".local").exists(), "something was left behind");
    }
}

#[test]
fn right_release_is_installed() {
    let release = Release::new();
    for machine in CHECKERS.into_iter().filter_map(Machine::that_checks_with) {
        machine.install(&release, &format!("{}/v{VERSION}", release.serve()), &[]).exits(0).says("is in ");
        assert_eq!(machine.installed().unwrap(), format!("released certctl {VERSION}\n"));
    }
}

#[test]
fn folder_with_a_release_is_enough() {
    let release = Release::new();
    let machine = Machine::new();
    let to = machine.path().join("with a space");
    let run = machine.install(&release, release.folder().to_str().unwrap(), &["--to", to.to_str().unwrap()]);
    run.exits(0).says("PATH");
    assert!(to.join("certctl").exists());
}

#[test]
fn changed_archive_is_refused() {
    let release = Release::new();
    std::fs::write(release.file(&archive()), "something else").unwrap();
    refused(&release, 1, "has another SHA-256 sum");
}

#[test]
fn unlisted_archive_is_refused() {
    let release = Release::new();
    std::fs::write(release.file("SHA256SUMS"), format!("{}  another.tar.gz\n", release.sum_of_archive()))
        .unwrap();
    release.sign();
    refused(&release, 1, "does not list");
}

#[test]
fn missing_sums_are_refused() {
    let release = Release::new();
    std::fs::remove_file(release.file("SHA256SUMS")).unwrap();
    refused(&release, 1, "SHA256SUMS could not be fetched");
}

#[test]
fn missing_signature_is_refused() {
    let release = Release::new();
    std::fs::remove_file(release.file("SHA256SUMS.minisig")).unwrap();
    refused(&release, 1, "SHA256SUMS.minisig could not be fetched");
}

#[test]
fn sums_changed_after_signing_are_refused() {
    let release = Release::new();
    let signature = std::fs::read(release.file("SHA256SUMS.minisig")).unwrap();
    std::fs::write(release.file(&archive()), "something else").unwrap();
    release.sum(&release.sum_of_archive());
    std::fs::write(release.file("SHA256SUMS.minisig"), signature).unwrap();
    refused(&release, 1, "wrong signature");
}

#[test]
fn signature_by_another_key_is_refused() {
    let (release, other) = (Release::new(), Release::new());
    std::fs::copy(release.file("SHA256SUMS"), other.file("SHA256SUMS")).unwrap();
    other.sign();
    std::fs::copy(other.file("SHA256SUMS.minisig"), release.file("SHA256SUMS.minisig")).unwrap();
    refused(&release, 1, "wrong signature");
}

#[test]
fn damaged_signature_is_refused() {
    let release = Release::new();
    std::fs::write(release.file("SHA256SUMS.minisig"), "untrusted comment: x\n????\n").unwrap();
    refused(&release, 1, "wrong signature");
}

#[test]
fn missing_release_is_told_apart() {
    let release = Release::new();
    std::fs::remove_file(release.file(&archive())).unwrap();
    refused(&release, 3, "could not be fetched");
}

#[test]
fn unknown_system_is_told_apart() {
    let release = Release::new();
    let machine = Machine::new();
    machine.program("uname", "echo Plan9");
    machine.install(&release, "/nowhere", &[]).exits(3).says("cargo install");
}

#[test]
fn copy_without_a_key_installs_nothing() {
    let release = Release::new();
    let machine = Machine::new();
    let from = release.folder();
    if std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh"))
        .unwrap()
        .contains(":-none}")
    {
        machine.run("install.sh", &["--from", from.to_str().unwrap()], &[]).exits(3).says("has no key");
    }
    assert_eq!(machine.installed(), None);
}

#[test]
fn plain_http_is_refused() {
    let release = Release::new();
    let machine = Machine::new();
    machine.install(&release, "http://downloads.example.com/v1", &[]).exits(1).says("not an https address");
}

#[test]
fn wrong_option_is_named() {
    let machine = Machine::new();
    machine.run("install.sh", &["--prefix", "/usr"], &[]).exits(1).says("--prefix");
    machine.run("install.sh", &["--to"], &[]).exits(1).says("usage");
}

#[test]
fn cache_needs_no_network() {
    let release = Release::new();
    let cache = tempfile::tempdir().unwrap();
    let variables =
        [("CERTCTL_RELEASE_KEY", release.key.as_str()), ("CERTCTL_CACHE", cache.path().to_str().unwrap())];
    let from = format!("{}/v{VERSION}", release.serve());
    Machine::new().run("install.sh", &["--from", &from], &variables).exits(0);
    let nowhere = ["--from", "http://127.0.0.1:1"];
    let offline = Machine::new();
    offline.run("install.sh", &nowhere, &variables).exits(0);
    assert!(offline.installed().is_some());
    // What lies in a cache is checked like everything else.
    std::fs::write(cache.path().join(VERSION).join(archive()), "something else").unwrap();
    let deceived = Machine::new();
    deceived.run("install.sh", &nowhere, &variables).exits(1).says("has another SHA-256 sum");
    assert_eq!(deceived.installed(), None);
}

#[test]
fn half_a_copy_in_the_cache_is_not_used() {
    let release = Release::new();
    let cache = tempfile::tempdir().unwrap();
    let variables =
        [("CERTCTL_RELEASE_KEY", release.key.as_str()), ("CERTCTL_CACHE", cache.path().to_str().unwrap())];
    let folder = release.folder();
    let from = ["--from", folder.to_str().unwrap()];
    let machine = Machine::new();
    // The disk is full while the archive is copied into the cache.
    machine.program(
        "cp",
        r#"case $* in *.tar.gz*"$CERTCTL_CACHE"*) for last; do :; done; echo half >"$last"; exit 1 ;; *) exec /bin/cp "$@" ;; esac"#,
    );
    machine.run("install.sh", &from, &variables).exits(0).says("could not keep the release");
    Machine::new().run("install.sh", &from, &variables).exits(0);
}

#[test]
fn earlier_program_is_replaced() {
    let release = Release::new();
    let machine = Machine::new();
    std::fs::create_dir_all(machine.path().join(".local/bin")).unwrap();
    std::fs::write(machine.path().join(".local/bin/certctl"), "an older one").unwrap();
    machine.install(&release, release.folder().to_str().unwrap(), &[]).exits(0);
    assert!(machine.installed().unwrap().starts_with("released"));
}
