//! Where the key and the observer's password come from.

use crate::cli::context::Context;
use crate::config::{FoundSecret, ServerAddress, find_api_key, find_observer_password};
use crate::model::ApiKey;

/// The secrets of an environment; each error says why there is none.
#[derive(Default)]
pub(super) struct Secrets {
    /// The key; `None` if none is needed.
    pub(super) key: Option<Result<FoundSecret<ApiKey>, String>>,
    /// Where the observer's password comes from; `None` if none is needed.
    pub(super) password: Option<Result<String, String>>,
}

impl Secrets {
    /// Looks where a command that connects would look.
    pub(super) fn find(context: &Context) -> Self {
        let (environment, folder) = (&context.environment, &context.config.root);
        if environment.server == ServerAddress::Sandbox {
            return Self::default();
        }
        let lookup = |name: &str| std::env::var_os(name);
        let key = find_api_key(environment, folder, &lookup).map_err(|error| error.to_string());
        let password = environment.observer.is_some().then(|| {
            let found = find_observer_password(environment, folder, &lookup);
            found.map(|found| found.source).map_err(|error| error.to_string())
        });
        Self { key: Some(key), password }
    }
}
