//! The environment that templates and states belong to.

use std::collections::BTreeMap;

use crate::config::Variable;
use crate::state::StateIdentity;

/// One academy, or one of its instances. Templates are loaded for an environment, and a state belongs to one.
#[derive(Clone, Debug)]
pub struct TargetEnvironment {
    pub(super) identity: StateIdentity,
    /// The names of all environments that templates may name.
    pub(super) known: Vec<String>,
    pub(super) variables: BTreeMap<String, Variable>,
}

impl TargetEnvironment {
    /// An environment with the root of its instance, for example `https://academy.example.com`.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        let identity = StateIdentity { environment: name.into(), url: url.into() };
        Self { known: vec![identity.environment.clone()], identity, variables: BTreeMap::new() }
    }

    /// Names other environments of the project: a template may be limited to some of them.
    #[must_use]
    pub fn beside(mut self, others: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.known.extend(others.into_iter().map(Into::into));
        self
    }

    /// Sets the value of `${var.NAME}`.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), Variable::flag(value));
        self
    }
}
