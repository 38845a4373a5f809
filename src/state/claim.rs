//! Whose state a file is to be, and what becomes of one that is another's.

use super::{Document, Location, Record, StateError, StateIdentity};

/// For whom states are read.
#[derive(Clone, Debug)]
pub(super) struct StateClaim {
    pub(super) owner: StateIdentity,
    /// The environments that the project has: a state of another one is that of one which got another name.
    pub(super) environments: Vec<String>,
    /// Whether the state of an environment that got another name is read as the owner's.
    pub(super) takes_over: bool,
}

impl StateClaim {
    pub(super) fn of(owner: StateIdentity) -> Self {
        Self { owner, environments: Vec::new(), takes_over: false }
    }

    /// The document as the owner's. `at` is where it is from.
    pub(super) fn check(&self, at: &Location, document: Document) -> Result<Document, StateError> {
        let found = StateIdentity { environment: document.environment.clone(), url: document.url.clone() };
        self.check_owner(at, "state", &found)?;
        Ok(Document { environment: self.owner.environment.clone(), ..document })
    }

    /// That what was written for this owner is read as this one's. `what` it is, is for people.
    pub(super) fn check_owner(
        &self,
        at: &Location,
        what: &'static str,
        found: &StateIdentity,
    ) -> Result<(), StateError> {
        let is_renamed = found.url == self.owner.url
            && !self.environments.is_empty()
            && !self.environments.contains(&found.environment);
        if *found == self.owner || is_renamed && self.takes_over {
            return Ok(());
        }
        let describe =
            |owner: &StateIdentity| format!("environment {:?} at {}", owner.environment, owner.url);
        let (found, expected) = (describe(found), describe(&self.owner));
        Err(StateError::Foreign { at: at.clone(), what, found, expected, is_renamed })
    }
}

/// For whom a journal was begun.
pub(super) fn owner_of(journal: &[Record]) -> Option<StateIdentity> {
    match journal.first()? {
        Record::Open { environment, url, .. } => {
            Some(StateIdentity { environment: environment.clone(), url: url.clone() })
        }
        _ => None,
    }
}
