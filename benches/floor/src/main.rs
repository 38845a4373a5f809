//! Writes an estate, or does with it no more than any program must: `benches/compare` measures this beside certctl.
//!
//! `floor write FOLDER TEMPLATES PER_FILE [layout]`, `floor read FOLDER`
#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the modules are shared with the benchmarks")]

#[path = "../../support/mod.rs"]
mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use support::floor;
use support::project::Project;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["write", folder, templates, per_file] => write(folder, templates, per_file, false),
        ["write", folder, templates, per_file, "layout"] => write(folder, templates, per_file, true),
        ["read", folder] => {
            let folder = Path::new(folder);
            let (yaml, state) = (floor::yaml(folder), floor::state(folder));
            black_box((&yaml, &state));
            // Freeing it is no part of what any program must do.
            std::mem::forget((yaml, state));
        }
        _ => {
            eprintln!("floor write FOLDER TEMPLATES PER_FILE [layout] | floor read FOLDER");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn write(folder: &str, templates: &str, per_file: &str, shares_layout: bool) {
    let number = |text: &str| text.parse().expect("a number");
    let project = Project { templates: number(templates), per_file: number(per_file), shares_layout };
    project.write(Path::new(folder), 0);
}
