//! What certctl tells people to do, and what it says of itself: the environment, what was left out.

#[path = "../support/mod.rs"]
mod support;

mod selection;
