//! The rules. Each has an id that stays the same, so that a finding can be looked up and talked about.

pub(super) mod estate;
pub(super) mod template;
pub(super) mod value;
