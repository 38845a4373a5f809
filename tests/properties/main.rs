//! Properties of the pure core and of the driver over a simulated network and store: no process, no clock, no disk.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod documents;
mod journal;
mod reconciling;
mod simulation;
mod world;
