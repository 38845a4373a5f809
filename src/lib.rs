//! certctl keeps the certificate templates of a Thought Industries academy as YAML in git, shows what would
//! change, and submits only the difference.
//!
//! # Architecture
//!
//! Data flows in one direction. Each arrow is one function, whose signature describes the step:
//!
//! ```text
//! certctl.toml ─► Config ─► Environment ─┐
//! *.yaml ─► desired::load ─► Desired ────┼─► plan::build ─► Plan ─► view::* ─► report::* ─► terminal, Markdown, HTML
//! state.json + journal ─► State ─────────┘                   │
//!                                                            ▼
//!                  apply::Engine ── Effect ──► apply::execute ──► api::Client, state::AsyncLedger
//!                     (pure)     ◄── Input ───                         (journal ─► State)
//! ```
//!
//! | module | holds | may import |
//! |---|---|---|
//! | [`model`] | keys, attributes, natural keys, digests, findings: plain data | nothing of ours |
//! | [`config`] | certctl.toml, environments, credentials, variables, which files of a project are read | model, repository |
//! | [`desired`] | YAML files → resolved, checked templates | model, config |
//! | [`state`] | the state document, its store, the write-ahead journal, the lock | model, repository, crash |
//! | [`inventory`] | the vendor's reporting table as CSV, and what follows from it for rows in doubt and for ids | model, desired, state |
//! | [`plan`] | differences, safety limits, saved plans | model, desired, state |
//! | [`api`] | wire types, HTTP client, throttle, retry table | model, crash |
//! | [`apply`] | a run as a pure state machine and its driver, composing requests, reading responses | model, plan, state, api, crash |
//! | [`view`] | what is to be told, built once: plans, results and failures as sections, notes and advice | model, plan, state, apply's results |
//! | [`report`] | printers of the views for each format; findings, states and inventories as text; drawings of certificates | model, view, state, inventory |
//! | [`sandbox`] | the embedded server: the documented API, with faults on request | model, api's wire types |
//! | [`repository`] | finds the root of a git repository | nothing of ours |
//! | [`crash`] | points at which tests end the process; no code in other builds | nothing of ours |
//! | [`cli`] | the command line: one file per command | everything |
//!
//! `plan`, `desired`, `state`, `view` and `report` never import `api`: a dry run cannot write, by construction.
//! `tests/architecture.rs` checks the imports against this table.
//!
//! # Two YAML texts against a state
//!
//! The core is pure: no file, network or clock is needed to plan.
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::path::{Path, PathBuf};
//!
//! use certctl::desired::{LoadRequest, load_texts};
//! use certctl::model::{Addressing, GivenKeys, Timestamp};
//! use certctl::plan::{Inputs, Scope, build};
//! use certctl::state::{Document, StateIdentity};
//!
//! let texts = [
//!     ("cloud.yaml", "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000001 }\n"),
//!     ("data.yaml", "templates:\n  data-101: { title: Data 101, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000002 }\n"),
//! ];
//! let texts = texts.map(|(file, text)| (PathBuf::from(file), text.as_bytes().to_vec()));
//! let request = LoadRequest {
//!     root: Path::new("."),
//!     globs: &[],
//!     environment: "production",
//!     known_environments: &["production".to_owned()],
//!     variables: &BTreeMap::new(),
//!     allow_empty: false,
//!     keys: &GivenKeys::default(),
//!     now: Timestamp::from_unix_seconds(1_800_000_000),
//! };
//! let desired = load_texts(texts, &request)?;
//!
//! // A state that knows neither of them.
//! let identity = StateIdentity { environment: "production".to_owned(), url: "https://academy.example.com".to_owned() };
//! let state = Document::empty(&identity, "a lineage".to_owned());
//! let plan = build(&Inputs {
//!     desired: &desired,
//!     state: Some(&state),
//!     identity: &identity,
//!     addressing: Addressing::Resource,
//!     trust_upsert: false,
//!     scope: &Scope::default(),
//! })?;
//!
//! assert_eq!(plan.summary.create, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod api;
pub mod apply;
pub mod cli;
pub mod config;
pub mod crash;
pub mod desired;
pub mod inventory;
pub mod model;
pub mod plan;
pub mod report;
pub mod repository;
pub mod sandbox;
pub mod state;
pub mod view;
