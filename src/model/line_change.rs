//! A line of a file that is written anew.

/// A line that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// Its number in the old text.
    pub line: usize,
    /// The old and the new line; `None` where it may hold a secret.
    pub texts: Option<(String, String)>,
}
