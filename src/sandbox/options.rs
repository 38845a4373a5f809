//! How a sandbox is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::model::{ApiKey, Attributes, TemplateId};

use super::{Fault, HeliumQuirks, Learner, RateLimit};

/// How a sandbox is set up. [`Options::new`] has what the embedded server needs.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes any free one. Only loopback addresses are accepted.
    pub listen: SocketAddr,
    /// The file that keeps the templates from one start to the next; `None` keeps them in memory only.
    pub store: Option<PathBuf>,
    /// What the server holds to begin with, where its store has nothing yet.
    pub beginning: Vec<(TemplateId, Attributes)>,
    /// The key that requests must carry.
    pub api_key: ApiKey,
    /// How many requests are let through.
    pub rate_limit: RateLimit,
    /// Rows that one request may have; more are refused with 413.
    pub max_batch: usize,
    /// How the bulk endpoint tells a create from an update.
    pub matching: Matching,
    /// Whether answers come in the documented envelope.
    pub envelope: Envelope,
    /// What goes wrong, and when.
    pub faults: Vec<Fault>,
    /// The learner who logs in at `/helium`.
    pub learner: Learner,
    /// How `/helium` behaves where the documentation leaves it open.
    pub helium: HeliumQuirks,
    /// Whether the control endpoint is there. It needs no key, so it is off unless asked for.
    pub control: bool,
}

impl Options {
    /// Rows a request, as the vendor's neighbouring bulk endpoints allow (vendor-api.md section 5).
    pub const MAX_BATCH: usize = 100;

    /// A well-behaved server in memory, on any free port of 127.0.0.1.
    pub fn new(api_key: ApiKey) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            store: None,
            beginning: Vec::new(),
            api_key,
            rate_limit: RateLimit::default(),
            max_batch: Self::MAX_BATCH,
            matching: Matching::default(),
            envelope: Envelope::default(),
            faults: Vec::new(),
            learner: Learner::default(),
            helium: HeliumQuirks::default(),
            control: false,
        }
    }
}

/// How the bulk endpoint tells a create from an update. The vendor does not say (vendor-api.md section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// A row whose natural key the store holds updates that template: the best reading of the documentation.
    #[default]
    NaturalKey,
    /// Every row without an id creates, even where a template with its natural key exists. It shows double creates.
    Off,
}

/// How answers are wrapped. The documentation and public client code disagree (vendor-api.md section 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Envelope {
    /// `{"data": {"APIBulkCreateCertificateTemplates": {…}}}`, as documented.
    #[default]
    Wrapped,
    /// The fields at the top level.
    Bare,
}
