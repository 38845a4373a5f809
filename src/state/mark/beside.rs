//! Compares a mark with a state's file while that is read. Mostly they are the same bytes, and then the mark need not be
//! digested, which takes three times as long.

use std::fs::File;
use std::io::{Read as _, Seek as _};

use super::{Mark, Marks, open_plain, read_outline};
use crate::model::Digest;

/// A mark that is read beside the state in place.
pub(in crate::state) struct MarkBeside {
    mark: Mark,
    file: File,
    block: Vec<u8>,
    is_same: bool,
}

impl Marks {
    /// The mark of this lineage, to be compared with its state; `None` if there is none that can be read.
    pub(in crate::state) fn beside(&self, lineage: &str) -> Option<MarkBeside> {
        let path = self.mark_path(lineage);
        let mut file = open_plain(&path).ok()??;
        let outline = read_outline(&mut file).ok()??;
        file.rewind().ok()?;
        Some(MarkBeside {
            mark: Mark { path, outline, digest: None },
            file,
            block: Vec::new(),
            is_same: true,
        })
    }

    /// Remembers that a mark has the bytes of a state with this digest, for [`Marks::find`].
    pub(in crate::state) fn remember(&self, beside: MarkBeside, digest: &Digest) {
        if let Some(mark) = beside.ended() {
            // Only the first state that is read counts.
            let _ = self.known.set(Mark { digest: Some(digest.clone()), ..mark });
        }
    }
}

impl MarkBeside {
    /// Compares the next bytes of the state.
    pub(in crate::state) fn compare(&mut self, bytes: &[u8]) {
        if self.is_same {
            self.block.resize(bytes.len(), 0);
            self.is_same = self.file.read_exact(&mut self.block).is_ok() && self.block == bytes;
        }
    }

    /// The mark, if all of its bytes were those of the state.
    fn ended(mut self) -> Option<Mark> {
        let is_at_end = matches!(self.file.read(&mut [0]), Ok(0));
        (self.is_same && is_at_end).then_some(self.mark)
    }
}
