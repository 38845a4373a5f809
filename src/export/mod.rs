//! The vendor's reporting export of certificate templates: the one way to see what a server holds.
//!
//! The table `certificatetemplates` of the vendor's reporting product has one line a template (vendor-api.md
//! section 6.1). [`read`] reads it from a CSV file, [`settlements`] says what it tells about rows in doubt, and
//! [`adoptions`] which configured templates exist already. All three are pure, and none of them guesses: what the
//! export leaves open stays open, and is listed with its reason. What is not in an export is not known: neither a template
//! that it does not show, nor an attribute that it has no column for, nor a cell that cannot be read.

mod adopt;
mod cell;
mod clock;
mod contents;
mod file_kind;
mod index;
mod layout;
mod line;
mod reader;
mod settle;
mod table;
mod template;

#[cfg(test)]
mod tests;

pub use adopt::{Adoptions, Obstacle, adoptions};
pub use contents::Difference;
pub use reader::read;
pub use settle::{InventoryFinding, StaysInDoubt, Unsure, settlements};
pub use table::{Deleted, Exported, Foreign, Table, UnreadableLine};
