//! The flags that choose templates.

use clap::Args;

use crate::plan::{Scope, ScopeError};

#[derive(Clone, Debug, Args)]
pub(in crate::cli) struct TargetArgs {
    /// Only these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(in crate::cli) target: Vec<String>,
    /// All but these templates: a key or a glob; can be given several times.
    #[arg(long, value_name = "KEY-OR-GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
}

impl TargetArgs {
    /// Returns the templates that are chosen.
    pub(in crate::cli) fn scope(&self) -> Result<Scope, ScopeError> {
        Scope::parse(&self.target, &self.exclude)
    }

    /// Whether any flag is given.
    pub(in crate::cli) fn is_given(&self) -> bool {
        !self.target.is_empty() || !self.exclude.is_empty()
    }
}
