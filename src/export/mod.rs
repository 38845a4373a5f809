//! The vendor's reporting export of certificate templates: the one way to see what a server holds.
//!
//! The table `certificatetemplates` of the vendor's reporting product has one line a template (vendor-api.md
//! section 3). [`read`] reads it from a CSV file, [`settlements`] says what it tells about rows in doubt, and
//! [`adoptions`] which configured templates exist already. All three are pure, and none of them guesses: what the
//! export leaves open stays open, and is listed with its reason.

mod adopt;
mod cell;
mod file_kind;
mod index;
mod layout;
mod settle;
mod table;

#[cfg(test)]
mod tests;

pub use adopt::{Adoptions, Obstacle, adoptions};
pub use settle::{Open, Verdict, settlements};
pub use table::{Exported, Foreign, Table, UnreadableLine, read};
