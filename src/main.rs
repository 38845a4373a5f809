//! The binary: calls the library's command line.

use std::process::ExitCode;

/// An estate is hundreds of thousands of small texts, made on all cores: a quarter of a run is spent where memory comes from.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    certctl::main()
}
