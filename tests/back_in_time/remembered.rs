//! What searches through git's history left in the user's cache folder: it makes them faster, and changes nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::{Run, Sandbox};
use crate::work::Work;

fn remembered(work: &Work) -> Vec<PathBuf> {
    let files =
        fs::read_dir(work.project.home().join("cache/certctl/history")).into_iter().flatten().flatten();
    files.map(|file| file.path()).collect()
}

fn plan(work: &Work, cache: &str) -> Run {
    let mut command = work.project.command(&["plan"]);
    Run::of(command.env("XDG_CACHE_HOME", cache).output().unwrap())
}

#[test]
fn a_cache_changes_no_answer() {
    let sandbox = Sandbox::start(&[]);
    let work = Work::twice_applied(&sandbox);
    work.project.run(&["plan"]).exits(0);
    assert!(!remembered(&work).is_empty());
    for file in remembered(&work) {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    work.git(&["revert", "--no-edit", "HEAD"]);
    let unheard = work.project.run(&["plan"]).exits(5).says("went back in time");
    // Now everything is remembered. After that everything is damaged, and then gone.
    let damage = || remembered(&work).iter().for_each(|file| fs::write(file, "x").unwrap());
    let remove = || remembered(&work).iter().for_each(|file| fs::remove_file(file).unwrap());
    for prepare in [&(|| ()) as &dyn Fn(), &damage, &remove] {
        prepare();
        assert_eq!(work.project.run(&["plan"]).exits(5).stderr, unheard.stderr);
    }
    // Nor is it an error if there cannot be a cache.
    for cache in ["/proc/self/none", "/dev/null", "relative"] {
        assert_eq!(plan(&work, cache).exits(5).stderr, unheard.stderr, "{cache}");
    }
    assert!(!work.project.path().join("relative").exists());
}
