//! Prints reports as one HTML page. A page loads nothing and is readable without scripts; the template engine
//! escapes every text of others.

mod failure;
mod figure;
mod finding;
mod notice;
mod page;
mod preview;
mod prose;
mod report;
mod value;

#[cfg(test)]
mod tests;

pub use failure::failure;
pub use preview::preview;
pub use report::{drift, plan, run};
