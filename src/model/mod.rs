//! The words of the trade as plain data: no files, no network, no clock.

mod addressing;
mod api_key;
mod attributes;
mod canonical;
mod canvas;
mod certificate_field;
mod depth;
mod digest;
mod finding;
mod key;
mod natural_key;
mod nearest;
mod plain_path;
mod shell_word;
mod source_text;
mod template_id;
mod timestamp;

pub use addressing::Addressing;
pub use api_key::ApiKey;
pub use attributes::Attributes;
pub use canonical::canonical_json;
pub use canvas::Canvas;
pub use certificate_field::CertificateField;
pub use depth::{is_too_deep, shallow};
pub use digest::Digest;
pub use finding::{Finding, Place};
pub use key::{InvalidKey, Key};
pub use natural_key::NaturalKey;
pub use nearest::{did_you_mean, nearest};
pub use plain_path::plain_path;
pub use shell_word::shell_word;
pub use source_text::SourceText;
pub use template_id::TemplateId;
pub use timestamp::Timestamp;
