//! What every fuzz target does with its bytes, and the properties that must hold. Two drivers share it: cargo-fuzz
//! (`fuzz/fuzz_targets`) and the normal test run (`tests/fuzzing/main.rs`).
//!
//! # To add a target
//!
//! 1. `tests/fuzzing/bodies/NAME.rs` with `pub(crate) fn NAME(bytes: &[u8])`, and a `mod` and a `use` for it here.
//! 2. A line in [`TARGETS`]: from then on the normal test run drives it.
//! 3. `fuzz/fuzz_targets/NAME.rs` (copy any: only the name differs), and a `[[bin]]` in `fuzz/Cargo.toml`.
//! 4. Seeds in `fuzz/corpus/NAME/`, and if it helps `fuzz/dictionary/NAME.dict`.
//!
//! A test fails if one of these is missing.

mod configuration;
mod csv;
mod exports;
mod helium;
mod journal;
mod places;
mod response;
mod saved_plan;
mod state;
mod template_files;
mod worlds;

pub(crate) use configuration::configuration;
pub(crate) use csv::csv;
pub(crate) use exports::exports;
pub(crate) use helium::helium;
pub(crate) use journal::journal;
pub(crate) use response::response;
pub(crate) use saved_plan::saved_plan;
pub(crate) use state::state;
pub(crate) use template_files::template_files;

/// What a target does with its bytes.
pub(crate) type Body = fn(&[u8]);

/// Every target by its name.
pub(crate) const TARGETS: [(&str, Body); 9] = [
    ("configuration", configuration),
    ("csv", csv),
    ("exports", exports),
    ("helium", helium),
    ("journal", journal),
    ("response", response),
    ("saved_plan", saved_plan),
    ("state", state),
    ("template_files", template_files),
];
