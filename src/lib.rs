//! certctl keeps the certificate templates of a Thought Industries academy as YAML in git, shows what would
//! change, and submits only the difference.
//!
//! It is a program first: [`main`] is all of it, and the only way to change a server or a state. What a program beside
//! it may need is here too: [`Templates`] loads and checks YAML, [`State`] reads a state, [`ApplyPlan`] says what an apply
//! would send, and [`Sandbox`] is a server to try things on.
//!
//! # Two YAML texts against a state
//!
//! The core is pure: no file, network or clock is needed to plan.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use certctl::{State, TargetEnvironment, Templates};
//!
//! let production = TargetEnvironment::new("production", "https://academy.example.com");
//! let texts = [
//!     ("cloud.yaml", "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000001 }\n"),
//!     ("data.yaml", "templates:\n  data-101: { title: Data 101, resourceType: course, resourceId: 00000000-0000-4000-8000-000000000002 }\n"),
//! ];
//! let templates = Templates::from_texts(&production, texts, SystemTime::now())?;
//!
//! // The text of the state file (hidden here) says that the server has one of them, with another title.
//! # let text = br#"
//! # {
//! #   "environment": "production",
//! #   "format": "certctl.state/v1",
//! #   "lineage": "5b0a63b1-1d0c-4c8a-9d0e-4f0a4a3f5e11",
//! #   "serial": 1,
//! #   "templates": {
//! #     "cloud-101": {
//! #       "appliedAt": "2027-01-15T08:00:00Z",
//! #       "attempt": null,
//! #       "attributes": {
//! #         "resourceId": "00000000-0000-4000-8000-000000000001",
//! #         "resourceType": "course",
//! #         "title": "Cloud"
//! #       },
//! #       "digest": "sha256:b7c4acd33f873f9848845b41ab06cd181e561f7e3758b298a9c6a42d7e504655",
//! #       "error": null,
//! #       "id": null,
//! #       "idSource": null,
//! #       "job": null,
//! #       "protect": false,
//! #       "status": "applied"
//! #     }
//! #   },
//! #   "url": "https://academy.example.com"
//! # }
//! # "#;
//! let state = State::from_texts("state/production.json", Some(text), None)?;
//! let plan = templates.plan(state.as_ref())?;
//!
//! assert_eq!((plan.summary().create, plan.summary().update), (1, 1));
//! # Ok::<(), certctl::Error>(())
//! ```
//!
//! # Architecture
//!
//! Everything else is private: it is built of modules that change with every feature.
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
//! | `model` | keys, attributes, natural keys, digests, findings: plain data | nothing of ours |
//! | `config` | certctl.toml, environments, credentials, variables, which files of a project are read | model, repository |
//! | `desired` | YAML files → resolved, checked templates; the canonical form of such files | model, config |
//! | `state` | the state document, its store, the write-ahead journal, the lock | model, repository, crash |
//! | `inventory` | what can be seen of the server, from CSV exports or certificates, and what follows from it for rows in doubt, ids and contents | model, desired, state |
//! | `plan` | differences, safety limits, saved plans | model, desired, state |
//! | `api` | wire types, HTTP client, throttle, retry table | model, crash |
//! | `apply` | a run as a pure state machine and its driver, composing requests, reading responses | model, plan, state, api, crash |
//! | `view` | what is to be told, built once: plans, results, drift and failures as sections, notes and advice; what `doctor` finds | model, inventory, plan, state, apply's results |
//! | `report` | printers of the views for each format; findings, states and inventories as text; drawings of certificates | model, view, state, inventory |
//! | `sandbox` | the embedded server: the documented API, with faults on request | model, api's wire types |
//! | `repository` | finds the root of a git repository | nothing of ours |
//! | `crash` | points at which tests end the process; no code in other builds | nothing of ours |
//! | `cli` | the command line: one file per command | everything |
//! | `library` | what this page offers to other programs | model, config, desired, state, plan, sandbox |
//!
//! `plan`, `desired`, `state`, `view` and `report` never import `api`: a dry run cannot write, by construction.
//! `tests/architecture.rs` checks the imports against this table.
// A dependency that nothing uses costs every build. Tests have dependencies of their own.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(
    not(feature = "internals"),
    allow(unreachable_pub, reason = "in a module, what is pub is for the other modules")
)]

// Not called: its version chooses the Unicode tables that `url` uses (Cargo.toml).
use idna_adapter as _;
// Called by the program (main.rs).
use mimalloc as _;

// The modules are private, so the compiler finds what only tests use. The feature `internals` opens them to the tests,
// benchmarks and fuzzers of certctl. They are listed without a macro, because rustfmt does not look into one for files.
#[cfg(not(feature = "internals"))]
mod api;
#[cfg(feature = "internals")]
pub mod api;
#[cfg(not(feature = "internals"))]
mod apply;
#[cfg(feature = "internals")]
pub mod apply;
#[cfg(not(feature = "internals"))]
mod cli;
#[cfg(feature = "internals")]
pub mod cli;
#[cfg(not(feature = "internals"))]
mod config;
#[cfg(feature = "internals")]
pub mod config;
#[cfg(not(feature = "internals"))]
mod crash;
#[cfg(feature = "internals")]
pub mod crash;
#[cfg(not(feature = "internals"))]
mod desired;
#[cfg(feature = "internals")]
pub mod desired;
#[cfg(not(feature = "internals"))]
mod inventory;
#[cfg(feature = "internals")]
pub mod inventory;
mod library;
#[cfg(not(feature = "internals"))]
mod model;
#[cfg(feature = "internals")]
pub mod model;
#[cfg(not(feature = "internals"))]
mod plan;
#[cfg(feature = "internals")]
pub mod plan;
#[cfg(not(feature = "internals"))]
mod report;
#[cfg(feature = "internals")]
pub mod report;
#[cfg(not(feature = "internals"))]
mod repository;
#[cfg(feature = "internals")]
pub mod repository;
#[cfg(not(feature = "internals"))]
mod sandbox;
#[cfg(feature = "internals")]
pub mod sandbox;
#[cfg(not(feature = "internals"))]
mod state;
#[cfg(feature = "internals")]
pub mod state;
#[cfg(not(feature = "internals"))]
mod view;
#[cfg(feature = "internals")]
pub mod view;

pub use cli::main;
pub use desired::{RULES, WARNINGS};
pub use library::{ApplyPlan, Error, Sandbox, State, TargetEnvironment, Templates};
pub use model::{Finding, InvalidKey, Key, SourceLocation};
pub use plan::Summary;
