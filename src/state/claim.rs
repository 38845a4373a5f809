//! Whose state a file is to be, and what becomes of one that is another's.

use super::{Document, Location, Owner, StateError};

/// For whom states are read.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) owner: Owner,
    /// The environments that the project has: a state of another one is that of one which got another name.
    pub(super) environments: Vec<String>,
    /// Whether the state of an environment that got another name is read as the owner's.
    pub(super) takes_over: bool,
}

impl Claim {
    pub(super) fn of(owner: Owner) -> Self {
        Self { owner, environments: Vec::new(), takes_over: false }
    }

    /// The document as the owner's. `at` is where it is from.
    pub(super) fn check(&self, at: &Location, document: Document) -> Result<Document, StateError> {
        let found = Owner { environment: document.environment.clone(), url: document.url.clone() };
        if found == self.owner {
            return Ok(document);
        }
        let is_renamed = found.url == self.owner.url
            && !self.environments.is_empty()
            && !self.environments.contains(&found.environment);
        if is_renamed && self.takes_over {
            return Ok(Document { environment: self.owner.environment.clone(), ..document });
        }
        let describe = |owner: &Owner| format!("environment {:?} at {}", owner.environment, owner.url);
        let (found, expected) = (describe(&found), describe(&self.owner));
        Err(StateError::Foreign { at: at.clone(), found, expected, is_renamed })
    }
}
