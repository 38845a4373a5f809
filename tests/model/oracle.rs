//! Nondeterminism: tries every branch, one run after the other.

/// The branch that each fork takes in one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    path: Vec<(usize, usize)>,
    position: usize,
    /// How many forks are the same as in the previous run.
    repeated: usize,
}

impl Oracle {
    /// Chooses one of this many branches.
    pub(crate) fn choose(&mut self, ways: usize) -> usize {
        if self.position == self.path.len() {
            self.path.push((0, ways));
        }
        let (way, known) = self.path[self.position];
        assert_eq!(known, ways, "a repeated run reached a different fork");
        self.position += 1;
        way
    }

    /// Whether everything so far is as in the previous run.
    pub(crate) fn repeats(&self) -> bool {
        self.position < self.repeated
    }

    /// The next run, if another branch is left.
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
