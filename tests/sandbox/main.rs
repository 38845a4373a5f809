//! The sandbox as a client sees it: the documented behaviour and every fault, over a real connection.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

mod bench;
mod control;
mod documented;
mod faults_in_answers;
mod faults_on_the_wire;
mod jobs;
mod limits;
mod persistence;
