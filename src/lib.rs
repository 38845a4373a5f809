//! certctl keeps the certificate templates of a Thought Industries academy as YAML in git, shows what would
//! change, and submits only the difference.
//!
//! # Architecture
//!
//! Data flows in one direction. Each arrow is one function, whose signature describes the step:
//!
//! ```text
//! certctl.toml ─► Config ─► Environment ─┐
//! *.yaml ─► desired::load ─► Desired ────┼─► plan::build ─► Plan ─► report::* ─► terminal, Markdown, HTML, JSON
//! state.json + journal ─► State ─────────┘                   │
//!                                                            ▼
//!               apply::batch ─► api::Client ─► apply::reconcile ─► Outcome ─► Journal ─► State
//! ```
//!
//! | module | holds | may import |
//! |---|---|---|
//! | [`model`] | keys, attributes, natural keys, digests, findings: plain data | nothing of ours |
//! | [`config`] | certctl.toml, environments, credentials, variables, which files of a project are read | model, repository |
//! | [`desired`] | YAML files → resolved, checked templates | model, config |
//! | [`state`] | the state document, its store, the write-ahead journal, the lock | model, repository, crash |
//! | [`export`] | the vendor's reporting table as CSV, and what follows from it for rows in doubt and for ids | model, desired, state |
//! | [`plan`] | differences, safety limits, saved plans | model, desired, state |
//! | [`api`] | wire types, HTTP client, throttle, retry table | model, crash |
//! | [`apply`] | composing requests, reading responses, sending, recovery | model, plan, state, api, crash |
//! | [`report`] | what people and pipelines read; drawings of certificates | model, plan, state, export, apply's results |
//! | [`sandbox`] | the embedded server: the documented API, with faults on request | model, api's wire types |
//! | [`repository`] | finds the root of a git repository | nothing of ours |
//! | [`crash`] | points at which tests end the process; no code in other builds | nothing of ours |
//! | [`cli`] | the command line: one file per command | everything |
//!
//! `plan`, `desired`, `state` and `report` never import `api`: a dry run cannot write, by construction.
//! `tests/architecture.rs` checks the imports against this table.

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
