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
mod id_case;
mod key;
mod natural_key;
mod nearest;
mod plain_path;
mod source_text;
mod template_id;
mod timestamp;
mod unfinished_merge;

pub use addressing::Addressing;
pub use api_key::ApiKey;
pub use attributes::Attributes;
pub use canonical::{canonical_json, canonical_text, sorted_pretty_json};
pub use canvas::Canvas;
pub use certificate_field::CertificateField;
pub use depth::{is_too_deep, shallow};
pub use digest::Digest;
pub use finding::{Finding, Place, Severity, Warning};
pub use id_case::lower_ids;
pub use key::{InvalidKey, Key};
pub use natural_key::NaturalKey;
pub use nearest::{did_you_mean, nearest};
pub use plain_path::plain_path;
pub use source_text::SourceText;
pub use template_id::TemplateId;
pub use timestamp::Timestamp;
pub use unfinished_merge::unfinished_merge;
