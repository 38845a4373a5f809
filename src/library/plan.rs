//! A plan: what apply would send, and why.

use super::Error;
use crate::model::Key;
use crate::plan;

/// What `certctl apply` would send, and why.
#[derive(Clone, Debug)]
pub struct ApplyPlan(plan::Plan);

impl ApplyPlan {
    pub(super) fn new(plan: plan::Plan) -> Self {
        Self(plan)
    }

    /// How many templates the plan creates, updates, moves, and leaves as they are.
    pub fn summary(&self) -> plan::Summary {
        self.0.summary
    }

    /// Whether an apply would change anything: on the server, or in the state.
    pub fn has_changes(&self) -> bool {
        self.0.has_changes()
    }

    /// The templates that the plan lists, in the order of the plan, each with the name of its action: `create`, `update`
    /// and so on, as in [`Self::to_json`].
    pub fn actions(&self) -> impl Iterator<Item = (&Key, &'static str)> {
        self.0.entries.iter().map(|entry| (&entry.key, entry.action.name()))
    }

    /// The plan as a document, as `certctl plan --json` prints it.
    pub fn to_json(&self) -> Result<String, Error> {
        self.0.to_text().map_err(|error| Error::of(&error))
    }
}
