//! `ci/install`, which the GitHub action and the GitLab job call.

use super::Machine;
use super::release::{Release, VERSION, archive};
use crate::support::Run;

/// A machine whose cargo only notes that it was called.
fn with_cargo() -> Machine {
    let machine = Machine::new();
    machine.program("cargo", "echo \"$@\" >>\"$HOME/cargo-was-called\"");
    machine
}

fn install(machine: &Machine, release: &Release, releases: &str, more: &[(&str, &str)]) -> Run {
    let root = machine.path().join("root");
    let variables = [("CERTCTL_RELEASE_KEY", release.key.as_str()), ("CERTCTL_RELEASES", releases)];
    let variables = [variables.as_slice(), &[("CERTCTL_ROOT", root.to_str().unwrap())], more].concat();
    machine.run("ci/install", &[], &variables)
}

fn cargo_was_called(machine: &Machine) -> bool {
    machine.path().join("cargo-was-called").exists()
}

#[test]
fn release_of_this_version_is_installed() {
    let release = Release::new();
    let machine = with_cargo();
    let address = release.serve();
    let run = install(&machine, &release, &address, &[]).exits(0);
    assert_eq!(
        run.stdout.trim(),
        machine.path().join(format!("root/{VERSION}/bin/certctl")).to_str().unwrap()
    );
    assert!(!cargo_was_called(&machine));
    // The second time nothing is fetched.
    install(&machine, &release, "http://127.0.0.1:1", &[]).exits(0);
    assert!(!cargo_was_called(&machine));
}

#[test]
fn without_a_release_it_is_built_and_said() {
    let release = Release::new();
    std::fs::remove_file(release.file(&archive())).unwrap();
    let machine = with_cargo();
    install(&machine, &release, &release.serve(), &[]).exits(0).says("built from source");
    assert!(cargo_was_called(&machine));
}

#[test]
fn untrusted_release_is_not_replaced_by_a_build() {
    let release = Release::new();
    std::fs::write(release.file(&archive()), "something else").unwrap();
    let machine = with_cargo();
    install(&machine, &release, &release.serve(), &[]).exits(1).says("has another SHA-256 sum");
    assert!(!cargo_was_called(&machine));
}

#[test]
fn another_version_is_not_built_from_this_source() {
    let release = Release::new();
    let machine = with_cargo();
    let run = install(&machine, &release, &release.serve(), &[("CERTCTL_VERSION", "v9.9.9")]);
    run.exits(1).says("certctl 9.9.9 is not to be had");
    assert!(!cargo_was_called(&machine));
}

#[test]
fn named_program_comes_first() {
    let release = Release::new();
    let machine = with_cargo();
    let run = install(&machine, &release, "/nowhere", &[("CERTCTL", "/opt/certctl")]).exits(0);
    assert_eq!(run.stdout, "/opt/certctl\n");
}
