//! Reports for one comment on a pull request: verdict and numbers first, details folded, and never too long.
//!
//! Nothing in a template can ping anybody, link anywhere or break the layout: every text of others stands in code.

mod budget;
mod change;
mod code;
mod failure;
mod note;
mod plan;
mod run;
mod steps;

#[cfg(test)]
mod tests;

pub use failure::failure;
pub use plan::plan;
pub use run::run;

use crate::report::told_together::counted;

/// The longest comment that GitHub takes, in characters; counted here in bytes, to be safe everywhere.
pub const MAX_BYTES: usize = 65_536;
/// The shortest limit that leaves room for what is never left out.
pub const MIN_BYTES: usize = 2_048;

/// The sections that begin and end a folded part.
fn collapsible(title: &str) -> (String, &'static str) {
    (format!("<details>\n<summary>{title}</summary>\n\n"), "\n</details>\n\n")
}
