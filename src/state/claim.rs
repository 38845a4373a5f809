//! Checks that a state or journal belongs to the environment and instance of the run. Stores call it when they read.

use super::{Document, Location, Record, StateError, StateIdentity};

/// The identity that states must have to be read.
#[derive(Clone, Debug)]
pub struct StateClaim {
    pub(super) identity: StateIdentity,
    /// The environments of the project: a state of any other environment belongs to one that was renamed.
    pub(super) environments: Vec<String>,
    /// Whether to accept the state of a renamed environment.
    pub(super) takes_over: bool,
}

impl From<StateIdentity> for StateClaim {
    fn from(identity: StateIdentity) -> Self {
        Self { identity, environments: Vec::new(), takes_over: false }
    }
}

impl StateClaim {
    /// Sets the environments of the project: a state of any other environment belongs to one that was renamed.
    #[must_use]
    pub fn beside(self, environments: Vec<String>) -> Self {
        Self { environments, ..self }
    }

    /// Accepts the state of a renamed environment.
    #[must_use]
    pub fn taking_over(self) -> Self {
        Self { takes_over: true, ..self }
    }

    /// The environment that a state was written for, if it is another one on the same instance.
    pub(super) fn renamed_from(&self, found: StateIdentity) -> Option<String> {
        (found.url == self.identity.url && found.environment != self.identity.environment)
            .then_some(found.environment)
    }

    /// Returns the document under this identity, or an error if it belongs to another. `at` is where it was read.
    pub(super) fn check(&self, at: &Location, document: Document) -> Result<Document, StateError> {
        self.check_identity(at, "state", &document.identity())?;
        Ok(Document { environment: self.identity.environment.clone(), ..document })
    }

    /// Checks that something written for `found` may be read under this identity. `what` describes it in messages.
    pub(super) fn check_identity(
        &self,
        at: &Location,
        what: &'static str,
        found: &StateIdentity,
    ) -> Result<(), StateError> {
        let is_renamed = found.url == self.identity.url
            && !self.environments.is_empty()
            && !self.environments.contains(&found.environment);
        if *found == self.identity || is_renamed && self.takes_over {
            return Ok(());
        }
        let describe =
            |identity: &StateIdentity| format!("environment {:?} at {}", identity.environment, identity.url);
        let (found, expected) = (describe(found), describe(&self.identity));
        Err(StateError::Foreign { at: at.clone(), what, found, expected, is_renamed })
    }
}

impl Document {
    /// Checks that the state belongs to this environment and instance. `at` is where it was read, for the error.
    pub fn check_identity(
        &self,
        identity: &StateIdentity,
        at: impl Into<Location>,
    ) -> Result<(), StateError> {
        StateClaim::from(identity.clone()).check_identity(&at.into(), "state", &self.identity())
    }

    fn identity(&self) -> StateIdentity {
        StateIdentity { environment: self.environment.clone(), url: self.url.clone() }
    }
}

/// The identity that a journal was begun for.
pub(super) fn identity_in(journal: &[Record]) -> Option<StateIdentity> {
    match journal.first()? {
        Record::Open { environment, url, .. } => {
            Some(StateIdentity { environment: environment.clone(), url: url.clone() })
        }
        _ => None,
    }
}
