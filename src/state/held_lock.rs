//! The lock of a shared state as others see it: who holds it, and when the holder last showed a sign of life. Stores read
//! it; the command line shows it, and asks whether to release it.

use std::fmt;

use super::Holder;

/// A lock that its holder has not released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLock {
    /// Who holds it.
    pub holder: LockHolder,
    /// Its id: that of the run. Empty if the store does not name it.
    pub id: String,
    /// How many seconds ago the holder showed a sign of life, by the store's clock; `None` if the store does not say.
    pub silent_seconds: Option<u64>,
    /// In how many seconds it ends by itself, if the holder shows no other sign of life; `None` if it never does.
    pub seconds_left: Option<u64>,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockHolder {
    /// A run of certctl.
    Run(Holder),
    /// What the store says of another program, or of a run that it does not describe.
    Other(Box<str>),
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(holder) => holder.fmt(f),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl HeldLock {
    /// When it ends without a command, as a sentence.
    pub fn end(&self) -> String {
        match self.seconds_left {
            Some(seconds) => format!("its hold ends by itself in {}", in_seconds(seconds)),
            None => "its hold does not end by itself".to_owned(),
        }
    }

    /// When the holder last showed a sign of life, in words.
    pub fn last_sign_of_life(&self) -> String {
        match self.silent_seconds {
            Some(seconds) => format!("{} ago", in_seconds(seconds)),
            None => "not known".to_owned(),
        }
    }
}

impl fmt::Display for HeldLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.holder.fmt(f)?;
        if self.silent_seconds.is_some() {
            write!(f, "; last sign of life: {}", self.last_sign_of_life())?;
        }
        if self.id.is_empty() { Ok(()) } else { write!(f, "; lock {}", self.id) }
    }
}

/// The lock of a shared state at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockState {
    /// No run holds it.
    Free,
    /// Its holder has shown no sign of life for too long: the next run takes over.
    Expired(HeldLock),
    /// A run holds it.
    Held(HeldLock),
}

/// What came of releasing another run's lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlocking {
    /// The lock is released, and its holder sends nothing more.
    Released,
    /// The lock is not that of this run any more. Nothing was changed.
    NotHeld(LockState),
}

fn in_seconds(seconds: u64) -> String {
    if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") }
}
