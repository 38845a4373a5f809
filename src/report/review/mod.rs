//! What a change means to the person who reviews it: plain data, drawn by the terminal, Markdown and HTML forms.

mod describe;
mod group;
mod label;
mod lines;
mod meaning;
mod pieces;

pub use describe::{Kind, Shown, describe};
pub use group::{Group, group};
pub use label::{LabelChange, Member, gather};
pub use lines::{Hunk, Line, Size, TextChange, compare};
pub use pieces::{Piece, words};
