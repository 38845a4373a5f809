//! The sandbox: the documented API (vendor-api.md) over a small store on this machine, so that a first `apply` needs
//! no account, and so that every way in which the real server might misbehave can be seen on purpose.
//!
//! It shares the wire types with the client and nothing else. Identity, validation and counting are written a second
//! time here: a mistake in the client must not find the same mistake on the other side of the wire.
//!
//! ```text
//! connection ─► Request ─► App ────────────────► Response ──────────► delivery ─► connection
//!               (as read)   (store, jobs, limit,  (whole, or distorted   (whole, or
//!                            faults, request log)  by a fault)            cut short)
//! ```
//!
//! What is not documented is an option here (does it upsert? is there an envelope?) or a fault ([`Fault`]).
//!
//! Below `/_sandbox/` there is a control endpoint for tests and tools, without a key ([`Options::control`]):
//!
//! | request | does |
//! |---|---|
//! | `GET /_sandbox/requests` | every request read so far: `[{seq, method, path, body, processed, status, created, updated}]` |
//! | `GET /_sandbox/templates` | what the store holds: `[{id, createdAt, updatedAt, attributes}]`, oldest first |
//! | `PUT /_sandbox/templates` | lays fields over the template with the `id` of a body `{id, …}`, as the admin page does |
//! | `GET /_sandbox/certificates` | which certificates were issued |
//! | `PUT /_sandbox/certificates` | keeps the certificate of a body of that form |
//! | `GET /_sandbox/faults` | the faults that are set: `{"faults": ["bulk:2:reset-after"]}` |
//! | `POST /_sandbox/faults` | adds the faults of a body of that form |
//! | `PUT /_sandbox/faults` | puts the faults of a body of that form in the place of all others |
//! | `DELETE /_sandbox/faults` | removes every fault |
//! | `POST /_sandbox/reset` | forgets templates, jobs, requests, faults and the rate limit's count |

mod app;
mod bulk;
mod certify;
mod check;
mod connection;
mod control;
mod delivery;
mod distort_body;
mod distort_result;
mod export;
mod fault;
mod fault_schedule;
mod grammar;
mod helium;
mod jobs;
mod kind;
mod label;
mod limit;
mod options;
mod reject;
mod request;
mod request_log;
mod response;
mod route;
mod row_identity;
mod rows;
mod server;
mod store;
mod store_file;
mod stored_field;
mod update;

pub use export::export;
pub use fault::{
    BodyFault, ErrorBody, Fault, FaultKind, FaultMoment, JobFate, RefusalFault, ResultFault, SingleRowFault,
    StatusFault, WireFault,
};
pub use grammar::FAULT_GRAMMAR;
pub use helium::{CertificateView, HeliumQuirks, Learner};
pub use limit::RateLimit;
pub use options::{Envelope, Matching, Options};
pub use route::Endpoint;
pub use server::Server;
