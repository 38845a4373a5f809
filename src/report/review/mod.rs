//! What a change means to the person who reviews it: plain data, drawn by the terminal, Markdown and HTML forms.

mod around;
mod describe;
mod group;
mod label;
mod lines;
mod meaning;
mod pieces;
mod unseen;

pub use around::around;
pub use describe::{Kind, Shown, describe};
pub use group::{Group, group};
pub use label::{LabelChange, Member, gather};
pub use lines::{Hunk, Line, Size, TextChange, compare};
pub use pieces::{Piece, words};
pub use unseen::Unseen;
