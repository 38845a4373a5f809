//! Describes changes for a reviewer, as plain data. The terminal, Markdown and HTML reports print it.

mod around;
mod describe;
mod group;
mod label;
mod lines;
mod meaning;
mod pieces;
mod unseen;

pub use around::around;
pub use describe::{ChangeKind, ShownText, describe};
pub use group::{Group, group};
pub use label::{LabelChange, LabelMember, gather};
pub use lines::{DiffLine, Hunk, TextChange, TextSize, compare};
pub use pieces::{ChangedPiece, words};
pub use unseen::Unseen;
