//! `certctl observer certify`: issues the certificates that the observer lacks. Each one is a visible act on the server,
//! so a person must ask for it by name.

use crate::cli::args::{CertifyArgs, Global};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::model::Exit;

pub(super) fn run(_: &Global, _: &CertifyArgs, _: &Output) -> Result<Exit, Failure> {
    Err(Failure::error("not yet"))
}
