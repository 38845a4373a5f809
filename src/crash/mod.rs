//! Named points at which a test may end the process: one after every durable step and every step of the network.
//!
//! Without the feature `crash-points` (so in every build but those of the tests) `reach` is empty. With it, variables of
//! the environment say what happens: `CERTCTL_CRASH_AT=NAME:N` ends the process when it reaches that
//! point for the Nth time, `CERTCTL_CRASH_BY=wait` stands still there instead until somebody kills it from outside,
//! and `CERTCTL_CRASH_TRACE=FILE` notes every point that is passed. `CERTCTL_PAUSE_AT=NAME:N` stands still at a point until
//! the file `CERTCTL_RESUME` is there, so that a test can change what is on the disk meanwhile. `CERTCTL_NO_LOCKS` stands for a file
//! system that has no locks, which no test can count on finding, and `CERTCTL_FAIL_SYNC=N` for a disk that fails when the Nth record
//! is synced. `tests/crash` kills certctl at each of them.

/// Declares the points, their names and the list of all, so that none can be left out of the list.
macro_rules! points {
    ($($point:ident = $name:literal, $what:literal;)*) => {
        /// A step after which the process may end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Point {
            $(#[doc = $what] $point,)*
        }

        impl Point {
            /// Every point, in the order in which a run passes them.
            pub const ALL: &[Self] = &[$(Self::$point),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }

            /// What has just happened when it is reached.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$point => $what,)*
                }
            }
        }
    };
}

points! {
    FolderMade = "folder-made", "the state's folder is there, not yet durable if it is new";
    LockOpened = "lock-opened", "the lock file is open, the lock not yet taken";
    LockTaken = "lock-taken", "the lock is held, the holder not yet named";
    LockEmptied = "lock-emptied", "the lock is held, the holder before is no longer named";
    LockNamed = "lock-named", "the lock file names the holder";
    JournalCopied = "journal-copied", "the journal's records are durable in another file, beside its place";
    JournalRenewed = "journal-renewed", "a journal that could not be synced is replaced by another file with its records, not yet durable";
    JournalPutBack = "journal-put-back", "a journal that was removed under the run has its name again, not yet durable";
    JournalMended = "journal-mended", "half a line that a crash left at the journal's end is cut off";
    JournalCreated = "journal-created", "the journal is created, its name not yet durable";
    JournalNamed = "journal-named", "the journal's name is durable, its first record not yet written";
    CopyWritten = "copy-written", "the user's copy of the journal has an unfinished line, with a record that the journal does not have yet";
    CopyConfirmed = "copy-confirmed", "the user's copy of the journal knows that the journal has the record, which is not acted upon yet";
    CopyCut = "copy-cut", "a record that the journal could not take is gone from the user's copy of it";
    RecordBegun = "record-begun", "a record is about to be appended";
    RecordTorn = "record-torn", "half of a record's line is written";
    RecordWritten = "record-written", "a record is written, not yet durable";
    RecordDurable = "record-durable", "a record is durable, not yet acted upon";
    RequestReady = "request-ready", "the intent is durable, the request not yet on its way";
    RequestSending = "request-sending", "the request is handed to the network";
    AnswerBegun = "answer-begun", "the answer's head has arrived, its body not yet";
    AnswerComplete = "answer-complete", "the answer is here, not yet read";
    OutcomeRecorded = "outcome-recorded", "the outcome is durable, not yet told";
    OutcomeTold = "outcome-told", "the outcome is told";
    RunEnded = "run-ended", "nothing is left to send, the journal not yet folded";
    FoldRecorded = "fold-recorded", "the journal says that it is being folded";
    SaveCompared = "save-compared", "the stored state is the one expected";
    RescueWritten = "rescue-written", "the state in place is another; this run's own is written beside it, not yet durable";
    RescueSynced = "rescue-synced", "this run's own state is durable, not yet under its name";
    RescueRenamed = "rescue-renamed", "this run's own state has its name, not yet durable";
    RescueDurable = "rescue-durable", "this run's own state is kept";
    BackupWritten = "backup-written", "the backup is written beside its place, not yet durable";
    BackupSynced = "backup-synced", "the backup is durable beside its place";
    BackupRenamed = "backup-renamed", "the backup is in its place, its name not yet durable";
    BackupDurable = "backup-durable", "the backup is in its place";
    StateWritten = "state-written", "the new state is written beside its place, not yet durable";
    StateSynced = "state-synced", "the new state is durable beside its place";
    StateRenamed = "state-renamed", "the new state is in its place, its name not yet durable";
    StateDurable = "state-durable", "the new state is in its place";
    MarkWritten = "mark-written", "the high-water mark is written beside its place";
    MarkRaised = "mark-raised", "the high-water mark is in its place";
    CopyRemoved = "copy-removed", "the user's copy of the journal is removed, the journal not yet";
    JournalClosed = "journal-closed", "the journal is closed, not yet removed";
    RescueRemoved = "rescue-removed", "what an earlier run could not put in its place is removed";
    JournalRemoved = "journal-removed", "the journal is removed, its removal not yet durable";
    JournalGone = "journal-gone", "the journal's removal is durable";
    UserLockRemoved = "user-lock-removed", "the user's own lock, outside of the state's folder, has no name any more and is still held";
    LockCleared = "lock-cleared", "the lock file names nobody any more, the lock is still held";
}

/// Says that this step has just been done.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn reach(_: Point) {}

/// Says that these bytes are about to be appended to this file: the place for a test to leave half of them.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn tear(_: Point, _: &std::fs::File, _: &[u8]) {}

/// Whether the file system is to have no locks.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn has_no_locks() -> bool {
    false
}

/// Whether the next sync of a record is to fail.
#[cfg(not(feature = "crash-points"))]
#[inline]
pub(crate) fn sync_is_to_fail() -> bool {
    false
}

#[cfg(feature = "crash-points")]
pub(crate) use armed::{has_no_locks, reach, sync_is_to_fail, tear};

#[cfg(feature = "crash-points")]
mod armed;
