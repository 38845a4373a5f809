//! What other programs may use of certctl: load templates, read a state, plan, and run a sandbox. `lib.rs` exports
//! it, and little else. It calls the other modules as the command line does, and never reads a file, a clock or the network.
//!
//! The types here hide those of the other modules, which change with every feature.

mod environment;
mod error;
mod plan;
mod sandbox;
mod state;
mod templates;

#[cfg(test)]
mod tests;

pub use environment::TargetEnvironment;
pub use error::Error;
pub use plan::ApplyPlan;
pub use sandbox::Sandbox;
pub use state::State;
pub use templates::Templates;
