//! Drawings of templates, for `certctl preview`: names, sketches and data. `cli` writes the files.

mod asset_name;
mod certificate;
mod file_name;
mod text;

pub use asset_name::local_name;
pub use certificate::Certificate;
pub use file_name::file_stems;
pub use text::{problems_text, sketches_text};
