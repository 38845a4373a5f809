//! Planning and applying whole estates of templates of 1.3 kB: `cargo bench`. The sizes to hold are in docs/performance.md.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run says why and stops")]
#![allow(missing_docs, reason = "criterion makes public items without any")]
#![allow(dead_code, unreachable_pub, reason = "the modules are shared with the other benchmarks")]

mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use support::project::Project;

fn certctl(folder: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_certctl"))
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder.join("home"))
        .env("XDG_STATE_HOME", folder.join("home/state"))
        .env("XDG_CACHE_HOME", folder.join("home/cache"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(black_box(status).success(), "certctl {arguments:?}");
}

fn estate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("estate");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    let folder = tempfile::tempdir().expect("a temporary directory");
    group.bench_function("version", |bencher| bencher.iter(|| certctl(folder.path(), &["--version"])));
    for size in [1_000, 10_000] {
        let folder = tempfile::tempdir().expect("a temporary directory");
        Project::of(size).write(folder.path(), 0);
        group.bench_function(format!("plan {size}, nothing applied"), |bencher| {
            bencher.iter(|| certctl(folder.path(), &["plan", "--json"]));
        });
        certctl(folder.path(), &["apply", "--auto-approve"]);
        group.bench_function(format!("plan {size}, no changes"), |bencher| {
            bencher.iter(|| certctl(folder.path(), &["plan"]));
        });
        if size == 10_000 {
            Project::of(size).write(folder.path(), 1_000);
            let plain = ["plan", "--json", "--quiet"];
            group.bench_function("plan 10000, 1000 changes, JSON alone", |bencher| {
                bencher.iter(|| certctl(folder.path(), &plain));
            });
            let reports =
                ["--report", "markdown=plan.md", "--report", "html=plan.html", "--report", "json=plan.json"];
            group.bench_function(
                "plan 10000, 1000 changes, on the terminal and as three reports",
                |bencher| {
                    bencher.iter(|| certctl(folder.path(), &[&["plan"][..], &reports].concat()));
                },
            );
        }
    }
    group.bench_function("apply 1000 to the sandbox", |bencher| {
        bencher.iter_batched(
            || {
                let folder = tempfile::tempdir().expect("a temporary directory");
                Project::of(1_000).write(folder.path(), 0);
                folder
            },
            |folder| certctl(folder.path(), &["apply", "--auto-approve"]),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, estate);
criterion_main!(benches);
