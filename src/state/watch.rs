//! The last look before a request leaves.

use std::sync::Arc;

use super::StateError;

/// Looks whether this process still is the only writer of a state, and what it recorded still in its place. It may look
/// at any time, whatever its ledger does meanwhile.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<dyn Fn() -> Result<(), StateError> + Send + Sync>>);

impl Watch {
    /// A look of this kind.
    pub fn by(look: impl Fn() -> Result<(), StateError> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(look)))
    }

    /// Looks: an error means that nothing may be sent.
    pub fn look(&self) -> Result<(), StateError> {
        self.0.as_ref().map_or(Ok(()), |look| look())
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
