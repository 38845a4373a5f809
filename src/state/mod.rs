//! Keeps the state: certctl's only memory, because the vendor's API cannot be read.
//!
//! [`Document`] is the state file, [`Record`] a line of the write-ahead journal, and [`Replay`] the pure function
//! from both to the next document. [`Store`] is where they are kept, and [`Ledger`] the only way to write: it holds
//! the lock, makes each record durable before a request is sent, and ends with a checkpoint. `state/README.md` is the
//! reference of the format. This module never sends a request.

mod abandoned;
mod accept;
mod ancestry;
mod async_ledger;
mod blob_id;
mod claim;
mod consistency;
mod deleted_ids;
mod document;
mod document_text;
mod durable;
mod edit;
mod elsewhere;
mod error;
mod error_help;
mod file_store;
mod held_lock;
mod history;
mod http_state;
mod id_index;
mod journal;
mod journal_copy;
mod journal_file;
mod journal_fit;
mod json_error;
mod ledger;
mod location;
mod lock;
mod lost_journal;
mod mark;
mod merge;
mod moved;
mod nearby;
mod observe;
mod observer;
mod outline;
mod own_file;
mod parallel_parse;
mod parse;
mod past;
mod planned_row;
mod process_locks;
mod provenance;
mod put_back;
mod real_path;
mod recency;
mod recorded_outcome;
mod replay;
mod request_thread;
mod resolution;
mod row;
mod shared;
mod snapshot;
mod store;
mod store_requests;
mod temporary;
mod user_folder;
mod user_lock;
mod verify;
mod way_back;
mod writes;

#[cfg(test)]
mod tests;

pub use abandoned::{journal_at, journals_near};
pub use accept::{accept, accepted};
pub use ancestry::{Ancestry, Relation, join_writes};
pub use async_ledger::AsyncLedger;
pub use blob_id::BlobId;
pub use claim::StateClaim;
pub use consistency::{Inconsistency, KnownContents};
pub use deleted_ids::DeletedIds;
pub use document::{Document, FORMAT, StateIdentity};
pub use document_text::DocumentText;
pub use edit::{EditError, Resolution};
pub use elsewhere::{Coverage, state_at, states_near};
pub use error::{GitFacts, StateError, how_to_decide};
pub use file_store::FileStore;
pub use held_lock::{HeldLock, LockHolder, LockState, Unlocking};
pub use history::{
    BegunLook, GitSetup, History, HistoryMemory, HistoryRequest, LookLimits, Unchecked, committed, find,
    git_facts, git_pattern, git_setup, git_version, look, look_elsewhere, merge_line, read_commit,
};
pub use http_state::HttpStore;
pub use id_index::IdIndex;
pub use journal::{IntentRow, JOURNAL_FORMAT, JournalDamage, Record, parse_journal};
pub use journal_fit::JournalFit;
pub use json_error::words as json_words;
pub use ledger::{Ledger, Locked, Opening, document_of_journal, folded};
pub use location::Location;
pub use lock::{Holder, LockError, Writer};
pub use lost_journal::{Instead, LostJournal};
pub use mark::{Mark, Marks, marks_folder};
pub use merge::{Conflicts, Merge, MergeError, merge, merge_unrelated};
pub use moved::MovedState;
pub use observer::{CertificateOutcome, ObserverShows, UncertainCertificate};
pub use outline::Outline;
pub use parse::parse_state;
pub use past::{FoundAt, PastCommit, PastState, Timeline, VersionStep};
pub use planned_row::PlannedRow;
pub use provenance::Provenance;
pub use put_back::{restored, with_journal};
pub use real_path::real_path;
pub use recency::{How, InGit, Recency, Setback, Sighting, SightingSource, recency};
pub use recorded_outcome::{KeyedOutcome, RecordedOutcome};
pub use replay::{BEING_SENT, Replay};
pub use resolution::{ResolutionKind, ResolutionRecord};
pub use row::{Attempt, Baseline, IdSource, Identity, Operation, Row, RowState, RowStatus};
pub use shared::{LeaseTerms, Prunable, SharedStore, StoreLook};
pub use snapshot::Snapshot;
pub use store::{Store, Version, Wait};
pub use user_folder::UnusableFolder;
pub use verify::flaws;
pub use way_back::{CommonBase, Rescued, WayBack};
pub use writes::{WriteId, Writes};

/// Releases the lock of a state that other machines use too, if this process holds one, for a process that ends at once.
/// Waits for it at most this long.
pub fn release_now(limit: std::time::Duration) {
    shared::release_now(limit);
    http_state::release_now(limit);
}

// Only tests name these.
#[cfg(feature = "internals")]
pub use journal::whole_length;
#[cfg(feature = "internals")]
pub use row::{Attempts, Confirmed, RowFailure};
#[cfg(feature = "internals")]
pub use shared::{InMemory, KillableProcess, ObjectError, Objects, StoredObject, Tag, WriteFault};
