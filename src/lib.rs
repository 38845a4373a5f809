//! certctl keeps the certificate templates of a Thought Industries academy as YAML in git, shows what would
//! change, and submits only the difference.
//!
//! # The map of the house
//!
//! Data goes one way, and every arrow is one function whose signature tells the step:
//!
//! ```text
//! certctl.toml ─► Config ─► Environment ─┐
//! *.yaml ─► desired::load ─► Desired ────┼─► plan::build ─► Plan ─► report::* ─► terminal, Markdown, HTML, JSON
//! state.json + journal ─► State ─────────┘                   │
//!                                                            ▼
//!               apply::batch ─► api::Client ─► apply::reconcile ─► Outcome ─► Journal ─► State
//! ```
//!
//! | room | holds | may import |
//! |---|---|---|
//! | [`model`] | keys, attributes, natural keys, digests, findings: plain data | nothing of ours |
//! | [`config`] | certctl.toml, environments, credentials, variables, how far a project's files are read | model, repository |
//! | [`desired`] | YAML files → resolved, checked templates | model, config |
//! | [`state`] | the state document, its store, the write-ahead journal, the lock | model, repository, crash |
//! | [`export`] | the vendor's reporting table as CSV, and what it tells of rows in doubt and of ids | model, desired, state |
//! | [`plan`] | what would change, safety limits, saved plans | model, desired, state |
//! | [`api`] | wire types, HTTP client, throttle, retry table | model, crash |
//! | [`apply`] | composing requests, reading responses, driving both, recovery | model, plan, state, api, crash |
//! | [`report`] | what people and pipelines read, and certificates as drawings | model, plan, state, export, apply's results |
//! | [`sandbox`] | the embedded server: the documented API, with faults on request | model, api's wire types |
//! | [`repository`] | where a git repository begins | nothing of ours |
//! | [`crash`] | points at which tests end the process; empty in every other build | nothing of ours |
//! | [`cli`] | the command line: one file per command, each a recipe | everything |
//!
//! `plan`, `desired`, `state` and `report` never import `api`: a dry run cannot write, by construction.
//! `tests/architecture.rs` reads the imports and fails when an arrow is added that this table does not have.

pub mod api;
pub mod apply;
pub mod cli;
pub mod config;
pub mod crash;
pub mod desired;
pub mod export;
pub mod model;
pub mod plan;
pub mod report;
pub mod repository;
pub mod sandbox;
pub mod state;
