//! Describes the changes of a template for a reviewer, as plain data: what changed in a long text, what a number means,
//! why a difference cannot be seen. It shortens nothing and escapes nothing.

mod describe;
mod label;
mod lines;
mod meaning;
mod pieces;
mod unseen;

pub(super) use describe::describe;
pub use describe::{ChangeKind, DescribedChange};
pub use label::{ChangedValue, LabelChange};
pub use lines::{DiffLine, Hunk, TextSize};
pub use pieces::ChangedPiece;
pub(super) use pieces::words;
pub use unseen::Unseen;
