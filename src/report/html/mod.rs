//! Reports as one page of HTML: nothing is loaded, nothing needs a script to be read, and every text of others is
//! escaped by the template engine.

mod failure;
mod figure;
mod page;
mod plan;
mod preview;
mod prose;
mod run;
mod teller;
mod value;

#[cfg(test)]
mod tests;

pub use failure::failure;
pub use plan::plan;
pub use preview::preview;
pub use run::run;
