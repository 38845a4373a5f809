//! Every fuzz target without a fuzzer: all committed seeds, and thousands of inputs derived from them. `fuzz/README.md`
//! explains cargo-fuzz; `CERTCTL_FUZZ_CASES=100000` makes this run longer.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bodies;
mod inputs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bodies::TARGETS;
use inputs::{Material, any_input};
use proptest::test_runner::{Config, TestError, TestRunner};

/// Inputs per target, by default.
const CASES: u32 = 4000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn cases() -> u32 {
    std::env::var("CERTCTL_FUZZ_CASES").map_or(CASES, |cases| cases.parse().unwrap())
}

/// Runs all seeds of a target, then the given number of inputs.
fn drive(target: &str) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let material = Material::read(&folder(), target);
    assert!(!material.seeds.is_empty(), "fuzz/corpus/{target} is empty");
    for (name, seed) in &material.seeds {
        // Only known here: a panic in the body would print the input, not its name.
        let outcome = std::panic::catch_unwind(|| body(seed));
        assert!(outcome.is_ok(), "fuzz/corpus/{target}/{name} fails; see the panic above");
    }
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&any_input(material), |input| {
        body(&input.0);
        Ok(())
    });
    match run {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{target}: {why}\nsmallest input: {input:?}"),
        Err(error) => panic!("{target}: {error}"),
    }
}

macro_rules! driven {
    ($($target:ident)*) => {
        /// The targets of the tests below.
        const DRIVEN: &[&str] = &[$(stringify!($target)),*];

        mod drives {
            $(#[test] fn $target() { super::drive(stringify!($target)); })*
        }
    };
}

// One test each, so that they run in parallel and failures are named.
driven! { configuration csv exports helium journal response saved_plan state template_files }

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// A target has entries in five places that no compiler compares.
#[test]
fn every_target_is_complete() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let driven: BTreeSet<String> = DRIVEN.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(driven, known, "tests/fuzzing/main.rs drives what tests/fuzzing/bodies/mod.rs lists");
    assert_eq!(names(&folder().join("fuzz_targets")), known, "fuzz/fuzz_targets has a file for each");
    assert_eq!(names(&folder().join("corpus")), known, "fuzz/corpus has a folder for each");
    let manifest: toml::Table = fs::read_to_string(folder().join("Cargo.toml")).unwrap().parse().unwrap();
    let built =
        manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned());
    assert_eq!(built.collect::<BTreeSet<_>>(), known, "fuzz/Cargo.toml builds each");
    for target in &known {
        let text = fs::read_to_string(folder().join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(
            text.contains(&format!("bodies::{target}(bytes)")),
            "fuzz_targets/{target}.rs runs another body"
        );
    }
}

#[test]
fn seeds_stay_small() {
    let sizes = TARGETS.iter().flat_map(|(target, _)| Material::read(&folder(), target).seeds);
    let total: usize = sizes.map(|(_, seed)| seed.len()).sum();
    assert!(total < 1 << 20, "the seeds have {total} bytes in all: minimise them");
}
