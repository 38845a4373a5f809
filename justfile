# What developers of certctl run. `just` lists it; https://just.systems

# Without it, just would print each recipe's lines.
set quiet

[private]
default:
    just --list --unsorted

# Everything that a change must pass, as CI runs it
check:
    .ci/run

# All tests of the program
test *arguments:
    cargo test --locked {{ arguments }}

# Format the code
format:
    cargo fmt --all

# Lints of the code, with warnings as errors
lint:
    cargo clippy --all-targets --locked -- -D warnings
    cargo clippy --locked -- -D warnings
    cargo clippy --locked --no-default-features -- -D warnings

# Lints of scripts, workflows and spelling
lint-scripts:
    .ci/lint

# All tests with cargo-nextest, those of all files beside each other
test-nextest *arguments:
    cargo nextest run --locked {{ arguments }}
    cargo test --locked --doc

# Tests of a build without pictures
test-without-pictures:
    cargo test --locked --no-default-features --lib --test preview --test project_files --test security

# Licences, versions, sources and advisories of the dependencies (needs cargo-deny)
deny:
    cargo deny check

# Dependencies that nothing uses (needs cargo-machete)
unused:
    cargo machete

# The compiler that Cargo.toml declares as the oldest (needs rustup)
msrv:
    cargo +1.91 check --all-targets --locked --target-dir target/msrv

# Compile for Windows (needs the target x86_64-pc-windows-gnu and mingw-w64)
windows:
    cargo check --all-targets --locked --target x86_64-pc-windows-gnu --target-dir target/windows

# The pages that people open, in headless Chromium
pages:
    cargo build --locked
    cd tests/browser && npm ci && npm test

# Build the book of docs into target/book
book:
    .ci/book/build

# Write docs/schema anew from the types
schemas:
    RENEW_SCHEMAS=1 cargo test --locked --lib report::documents

# Accept what the snapshot tests see, to be read in the diff
snapshots *arguments:
    INSTA_UPDATE=always cargo test --locked {{ arguments }}

# Repeat what docs/guarantees.md counts; some fifteen minutes
measure sequences="15000":
    docs/measure {{ sequences }}

# Build, pack, sign, install and use a release of this commit, for this machine's processor (needs minisign and umoci)
rehearse:
    release/rehearse

# Fuzz each target for so many seconds (needs a nightly toolchain and cargo-fuzz)
fuzz seconds="60" *targets:
    fuzz/run {{ seconds }} {{ targets }}

# From the exports of 300 templates to the first reviewed change, timed, with an optimised program
walk:
    cargo test --locked --release --test writing exports_lead_to_a_reviewed_change -- --nocapture

# Times of planning and applying whole estates, and of each stage beside its floor
bench *arguments:
    cargo bench {{ arguments }}

# certctl beside its floor, Terraform and octoDNS, in one run; some minutes
compare *arguments:
    benches/compare {{ arguments }}

# Time and memory of the commands that read exports, for 10,000 and 100,000 templates; some minutes
exports *arguments:
    benches/exports {{ arguments }}

# Count instructions and compare them with benches/instructions.tsv; `just instructions renew` writes that anew
instructions *mode:
    benches/instructions {{ mode }}
