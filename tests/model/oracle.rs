//! What may happen this way or another: every way is tried, one run after the other.

/// Which way each fork takes in one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    path: Vec<(usize, usize)>,
    position: usize,
    /// So many forks are as in the run before.
    repeated: usize,
}

impl Oracle {
    /// Which of so many ways this fork takes.
    pub(crate) fn choose(&mut self, ways: usize) -> usize {
        if self.position == self.path.len() {
            self.path.push((0, ways));
        }
        let (way, known) = self.path[self.position];
        assert_eq!(known, ways, "a run that is repeated came to another fork");
        self.position += 1;
        way
    }

    /// Whether everything so far is as it was in the run before.
    pub(crate) fn repeats(&self) -> bool {
        self.position < self.repeated
    }

    /// The next run, if there is another way.
    pub(crate) fn next(mut self) -> Option<Self> {
        while let Some((way, ways)) = self.path.pop() {
            if way + 1 < ways {
                self.path.push((way + 1, ways));
                return Some(Self { position: 0, repeated: self.path.len(), path: self.path });
            }
        }
        None
    }
}
