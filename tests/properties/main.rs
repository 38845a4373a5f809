//! Properties of the pure core, and of whole runs with simulated network and store: no process, no clock, no disk.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod academy;
mod accepting;
mod ancestry;
mod batches;
mod campaign;
mod campaigns;
mod coverage;
mod documents;
mod engine;
mod events;
mod exporting;
mod journal;
mod judge;
mod merging;
mod mood;
mod pace;
mod promises;
mod reconciling;
mod rows;
mod settling;
#[path = "../support/simulation.rs"]
mod simulation;
mod stopping;
mod together;
mod two_machines;
mod world;
