//! Where the key and the observer's password come from.

use crate::cli::context::Context;
use crate::config::{CredentialError, FoundSecret, ServerAddress, find_api_key, find_observer_password};
use crate::model::ApiKey;
use crate::view::doctor::Complaint;

/// The secrets of an environment; each error says why there is none.
#[derive(Default)]
pub(super) struct Secrets {
    /// The key; `None` if none is needed.
    pub(super) key: Option<Result<FoundSecret<ApiKey>, Complaint>>,
    /// Where the observer's password comes from; `None` if none is needed.
    pub(super) password: Option<Result<String, Complaint>>,
}

impl Secrets {
    /// Looks where a command that connects would look.
    pub(super) fn find(context: &Context) -> Self {
        let (environment, folder) = (&context.environment, &context.config.root);
        if environment.server == ServerAddress::Sandbox {
            return Self::default();
        }
        let lookup = |name: &str| std::env::var_os(name);
        let key = find_api_key(environment, folder, &lookup).map_err(|error| complaint(&error));
        let password = environment.observer.is_some().then(|| {
            let found = find_observer_password(environment, folder, &lookup);
            found.map(|found| found.source).map_err(|error| complaint(&error))
        });
        Self { key: Some(key), password }
    }
}

/// What the error says, without the advice to run doctor.
fn complaint(error: &CredentialError) -> Complaint {
    Complaint { message: error.to_string(), help: error.help() }
}
