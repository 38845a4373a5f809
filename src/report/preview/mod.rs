//! Templates as they stand, drawn: what `certctl preview` shows and writes.

mod asset_name;
mod certificate;
mod file_name;
mod text;

pub use asset_name::local_name;
pub use certificate::Certificate;
pub use file_name::file_stems;
pub use text::{problems_text, sketches_text};
