//! What the tests of the views and of their printers share.

pub(crate) mod drift_specimen;
mod specimen_commands;
pub(crate) mod specimens;
