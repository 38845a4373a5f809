//! The sandbox: the documented API (vendor-api.md) over a small store on this machine, so that a first `apply` needs
//! no account, and so that every way in which the real server might misbehave can be seen on purpose.
//!
//! It shares the wire types with the client and nothing else. Identity, validation and counting are written a second
//! time here: a mistake in the client must not find the same mistake on the other side of the wire.
//!
//! ```text
//! connection ─► Question ─► Academy ─► Answer ─► delivery ─► connection
//!               (as read)   (store, jobs, limit,  (as told, or cut short)
//!                            faults, request log)
//! ```
//!
//! What nobody documents is an option here (does it upsert? is there an envelope?) or a fault ([`Fault`]).
//!
//! Below `/_sandbox/` there is a control endpoint for tests and tools, without a key ([`Options::control`]):
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/requests` | every request read so far: `[{seq, method, path, body, processed, status, created, updated}]` |
//! | `GET /_sandbox/templates` | what the store holds: `[{id, createdAt, attributes}]`, oldest first |
//! | `GET /_sandbox/faults` | the faults that are set: `{"faults": ["bulk:2:reset-after"]}` |
//! | `POST /_sandbox/faults` | adds the faults of a body of that form |
//! | `PUT /_sandbox/faults` | puts the faults of a body of that form in the place of all others |
//! | `DELETE /_sandbox/faults` | removes every fault |
//! | `POST /_sandbox/reset` | forgets templates, jobs, requests, faults and the rate limit's count |

mod academy;
mod answer;
mod armed;
mod bulk;
mod check;
mod connection;
mod control;
mod delivery;
mod fault;
mod grammar;
mod identity;
mod jobs;
mod kind;
mod label;
mod ledger;
mod limit;
mod log;
mod misbehave;
mod options;
mod question;
mod refuse;
mod route;
mod rows;
mod server;
mod store;
mod tell;
mod update;

pub use fault::{
    BodyFault, ErrorBody, Fault, FaultKind, JobFate, Moment, RefusalFault, ResultFault, RowFault,
    StatusFault, WireFault,
};
pub use grammar::{FAULT_GRAMMAR, FaultError};
pub use limit::RateLimit;
pub use options::{Envelope, Matching, Options};
pub use route::Endpoint;
pub use server::{Server, serve};
