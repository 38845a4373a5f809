//! Planning and applying whole estates of templates of 1.3 kB: `cargo bench`. The sizes to hold are in the README.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run says why and stops")]
#![allow(missing_docs, reason = "criterion makes public items without any")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

/// Writes a project with that many templates, a hundred a file.
fn write_project(folder: &Path, templates: u32) {
    write_revised(folder, templates, 0);
}

/// The same with another title, place of labels and style sheet for the first `revised` of them.
fn write_revised(folder: &Path, templates: u32, revised: u32) {
    fs::create_dir_all(folder.join("templates")).expect("a folder in the temporary directory");
    let toml =
        "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.safety]\nmax_changes = 1000000\n";
    fs::write(folder.join("certctl.toml"), toml).expect("a file in the temporary directory");
    for file in 0..templates.div_ceil(100) {
        let mut text = "templates:\n".to_owned();
        for number in file * 100..templates.min((file + 1) * 100) {
            write_template(&mut text, number, u32::from(number < revised));
        }
        fs::write(folder.join(format!("templates/{file:04}.yaml")), text)
            .expect("a file in the temporary directory");
    }
}

/// One template of about 1.3 kB: a title, five labels, some CSS and instructions.
fn write_template(text: &mut String, number: u32, edition: u32) {
    let _ = write!(
        text,
        "  template-{number:05}:\n    title: Certificate number {number}, edition {edition}\n    resourceType: course\n    resourceId: \
         00000000-0000-4000-8000-{number:012}\n    asset: https://cdn.example.com/assets/{number}.png\n    \
         expirationDays: {}\n    labels:\n",
        365 + number % 700
    );
    for label in 0..5 {
        let _ = writeln!(
            text,
            "      - {{ certificateFieldId: 10000000-0000-4000-8000-{label:012}, x: {}, y: {}, fontSize: {}, fontColor: \
             \"#1a2b3c\", textAlign: center }}",
            number % 900 + edition,
            100 + 60 * label,
            20 + label
        );
    }
    text.push_str("    customCss: |\n");
    for line in 0..6 {
        let _ = writeln!(
            text,
            "      .certificate-{number} .line-{line} {{ color: #123456; margin: {}px; }}",
            line + edition
        );
    }
    text.push_str(
        "    recertificationInstructions: |\n      Retake the assessment before the certificate expires.\n",
    );
}

fn certctl(folder: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_certctl"))
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder.join("home"))
        .env("XDG_STATE_HOME", folder.join("home/state"))
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
        write_project(folder.path(), size);
        group.bench_function(format!("plan {size}, nothing applied"), |bencher| {
            bencher.iter(|| certctl(folder.path(), &["plan", "--json"]));
        });
        certctl(folder.path(), &["apply", "--auto-approve"]);
        group.bench_function(format!("plan {size}, no changes"), |bencher| {
            bencher.iter(|| certctl(folder.path(), &["plan"]));
        });
        if size == 10_000 {
            write_revised(folder.path(), size, 1_000);
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
                write_project(folder.path(), 1_000);
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
