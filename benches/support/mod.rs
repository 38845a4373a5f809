//! What the benchmarks have in common: estates to measure, and the floor to measure against.

pub mod floor;
pub mod project;
