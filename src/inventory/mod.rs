//! What can be seen of a server, and what follows from it.
//!
//! An [`Observation`] says what was seen, whatever the source. [`read_templates`] and [`read_labels`] make one from the
//! CSV of the vendor's reporting tables (vendor-api.md section 6.1), [`read_observer`] from the certificates of a
//! learner (section 6.2). [`settlements`] settles rows in doubt for `recover`;
//! [`adoptions`] finds existing templates for `import`; [`drift`] compares with the state. All are pure and never guess:
//! whatever an observation does not show (a template, an attribute, a readable cell) stays unknown and is listed with its
//! reason.

mod adopt;
mod baseline;
mod cell;
mod certifiable;
mod certificate_fields;
mod certificate_value;
mod certificates;
mod contents;
mod csv_file;
mod deletions;
mod distinct_labels;
mod drift;
mod explain;
mod extra;
mod file_kind;
mod index;
mod instance;
mod labels;
mod layout;
mod learned;
mod line;
mod new_templates;
mod observation;
mod observed_certificates;
mod observer_status;
mod old_contents;
mod pieces;
mod reader;
mod rules;
mod seen_at;
mod seen_by_row;
mod settle;
mod template;
mod unread_certificates;
pub mod write;

#[cfg(test)]
mod tests;

pub use adopt::{AdoptedContents, Adoption, Adoptions, Obstacle, adoptions};
pub use baseline::{StaleContents, StalePart};
pub use certifiable::{CannotBeShown, Certifiable, certifiable};
pub use certificate_fields::{FieldTable, read_fields};
pub use certificates::{LearnerCounts, count_learners};
pub use contents::Difference;
pub use drift::{Drift, Drifted, Gone, NotCompared, OwnTemplate, drift};
pub use explain::{ExplainedDifference, ExplainedDrift, Explanation, IdleReason, IdleRule};
pub use extra::ExtraColumn;
pub use instance::{OtherInstance, check_instance};
pub use labels::read_labels;
pub use learned::{Learned, LearnedFrom, learn};
pub use new_templates::{NewTemplate, NewTemplates, new_templates};
pub use observation::{Foreign, Observation, ObservationSource, Observed, Unreadable};
pub use observed_certificates::{ReadCertificates, SeenCertificates, read_field_names, read_observer};
pub use observer_status::{ObserverStatus, UnseenReason, VisibleTemplate, observer_status};
pub use old_contents::doubt_old_contents;
pub use reader::read_templates;
pub use rules::RULES;
pub use seen_at::{AsOf, SeenAt};
pub use settle::{InventoryFinding, Settlement, StaysInDoubt, Unsure, record_settlements, settlements};
