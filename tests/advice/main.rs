//! What certctl advises people to do, and what it says about itself: the environment, what was left out.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

#[path = "../support/mod.rs"]
mod support;

mod chosen;
mod consent;
mod doctor;
mod edits;
mod help;
mod observed;
mod pasted;
mod rest;
mod sandbox;
mod scene;
mod selection;
mod told;
mod written;
