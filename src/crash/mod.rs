//! Named points at which a test can end the process: one after every durable step and every network step. `state`, `apply`
//! and `api` call `reach` there; `tests/crash` kills certctl at each point.
//!
//! Without the feature `crash-points`, that is in every build except that of the tests, the functions here do nothing.
//! With it, environment variables control them:
//!
//! | variable | effect |
//! |---|---|
//! | `CERTCTL_CRASH_AT=NAME:N` | ends the process when it reaches the point for the Nth time |
//! | `CERTCTL_CRASH_BY=wait` | waits there instead, until the process is killed from outside |
//! | `CERTCTL_CRASH_TRACE=FILE` | appends the name of every point that is reached |
//! | `CERTCTL_PAUSE_AT=NAME:N` | waits at the point until the file `CERTCTL_RESUME` exists |
//! | `CERTCTL_NO_LOCKS` | behaves as on a file system without locks |
//! | `CERTCTL_FAIL_SYNC=N` | makes the sync of the Nth record fail |

/// Declares the points, their names and `ALL`, so that no point can be missing from the list.
macro_rules! points {
    ($($point:ident = $name:literal, $what:literal;)*) => {
        /// A step after which a test can end the process.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Point {
            $(#[doc = $what] $point,)*
        }

        #[cfg(feature = "crash-points")]
        impl Point {
            /// Every point, in the order in which a run reaches them.
            pub const ALL: &[Self] = &[$(Self::$point),*];

            /// The name, as in `CERTCTL_CRASH_AT`, for example `record-durable`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }

            /// What has just happened when the point is reached.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$point => $what,)*
                }
            }
        }
    };
}

points! {
    FolderMade = "folder-made", "the state's directory exists; if it is new, its name is not yet durable";
    LockOpened = "lock-opened", "the lock file is open, the lock is not yet taken";
    LockTaken = "lock-taken", "the lock is held, the lock file does not yet name the holder";
    LockEmptied = "lock-emptied", "the lock is held, the lock file no longer names the previous holder";
    LockNamed = "lock-named", "the lock file names the holder";
    JournalCopied = "journal-copied", "the journal's records are durable in another file beside it";
    JournalRenewed = "journal-renewed", "a journal that could not be synced is replaced by another file with its records, whose name is not yet durable";
    JournalPutBack = "journal-put-back", "a journal that was removed during the run has its name again, not yet durable";
    JournalMended = "journal-mended", "an incomplete last line, left by a crash, is removed from the journal";
    JournalCreated = "journal-created", "the journal is created, its name is not yet durable";
    JournalNamed = "journal-named", "the journal's name is durable, its first record is not yet written";
    CopyWritten = "copy-written", "the user's copy of the journal has an incomplete last line, with a record that the journal does not yet have";
    CopyConfirmed = "copy-confirmed", "the copy's last line is complete: the journal has the record, which is not yet acted upon";
    CopyCut = "copy-cut", "a record that could not be written to the journal is removed from the user's copy";
    RecordBegun = "record-begun", "a record is about to be appended";
    RecordTorn = "record-torn", "half of a record's line is written";
    RecordWritten = "record-written", "a record is written, not yet durable";
    RecordDurable = "record-durable", "a record is durable, certctl has not yet acted on it";
    RequestReady = "request-ready", "the intent is durable, the request is not yet sent";
    RequestSending = "request-sending", "the request is handed to the network";
    AnswerBegun = "answer-begun", "the response's head has arrived, its body has not";
    AnswerComplete = "answer-complete", "the response is complete, not yet read";
    OutcomeRecorded = "outcome-recorded", "the outcome is durable, not yet reported";
    OutcomeReported = "outcome-reported", "the outcome is reported";
    RunEnded = "run-ended", "nothing is left to send, the checkpoint is not yet written";
    CheckpointRecorded = "checkpoint-recorded", "the journal records that a checkpoint is being written";
    SaveCompared = "save-compared", "the stored state is the expected one";
    RescueWritten = "rescue-written", "the stored state is an unexpected one; this run's state is written beside it, not yet durable";
    RescueSynced = "rescue-synced", "this run's state is durable, not yet under its name";
    RescueRenamed = "rescue-renamed", "this run's state has its name, which is not yet durable";
    RescueDurable = "rescue-durable", "this run's state and its name are durable";
    BackupWritten = "backup-written", "the backup is written to a temporary file, not yet durable";
    BackupSynced = "backup-synced", "the backup is durable in a temporary file";
    BackupRenamed = "backup-renamed", "the backup has its name, which is not yet durable";
    BackupDurable = "backup-durable", "the backup and its name are durable";
    StateWritten = "state-written", "the new state is written to a temporary file, not yet durable";
    StateSynced = "state-synced", "the new state is durable in a temporary file";
    StateRenamed = "state-renamed", "the new state has its name, which is not yet durable";
    StateDurable = "state-durable", "the new state and its name are durable";
    MarkWritten = "mark-written", "the high-water mark is written to a temporary file";
    MarkRaised = "mark-raised", "the high-water mark has its name";
    CopyRemoved = "copy-removed", "the user's copy of the journal is removed, the journal is not";
    JournalClosed = "journal-closed", "the journal is closed, not yet removed";
    FileStaged = "file-staged", "a new file of the project is durable under a temporary name";
    FilePlaced = "file-placed", "a new file of the project has its name";
    FileWritten = "file-written", "the new text of a file is durable under a temporary name";
    FileReplaced = "file-replaced", "a file has its new text";
    RescueRemoved = "rescue-removed", "a state that an earlier run had to write beside the stored one is removed";
    JournalRemoved = "journal-removed", "the journal is removed, its removal is not yet durable";
    JournalGone = "journal-gone", "the journal's removal is durable";
    UserLockRemoved = "user-lock-removed", "the user's own lock, outside of the state's directory, is removed and still held";
    LockCleared = "lock-cleared", "the lock file no longer names a holder, the lock is still held";
}

/// Marks that this step is done.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn reach(_: Point) {}

/// Marks that these bytes are about to be appended to this file; a test can leave half of them there.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn tear(_: Point, _: &std::fs::File, _: &[u8]) {}

/// Whether to behave as on a file system without locks.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn has_no_locks() -> bool {
    false
}

/// Whether the next sync of a record should fail.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn sync_is_to_fail() -> bool {
    false
}

#[cfg(feature = "crash-points")]
pub(crate) use armed::{has_no_locks, reach, sync_is_to_fail, tear};

#[cfg(feature = "crash-points")]
mod armed;
