//! The binary: calls the library's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    certctl::cli::main()
}
