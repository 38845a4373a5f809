//! The facts of the academy's server. It is asked once, by GET.

use super::PATIENCE;
use super::secrets::Secrets;
use crate::api::Ping;
use crate::cli::context::Context;
use crate::cli::ledger::now;
use crate::cli::network;
use crate::config::ServerAddress;
use crate::view::doctor::ServerFacts;

/// Whether the environment has a server that is not embedded.
pub(super) fn is_remote(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Remote(_))
}

/// What the server says; `None` for the embedded one.
pub(super) fn facts(context: &Context, secrets: &Secrets) -> Option<ServerFacts> {
    let ServerAddress::Remote(url) = &context.environment.server else { return None };
    let key = secrets.key.as_ref()?;
    let url = url.to_string();
    let ping = Ping::new(&url, key.as_ref().ok().map(|found| &found.secret), PATIENCE);
    let source = key.as_ref().map(|found| found.source.clone()).map_err(Clone::clone);
    let facts = |proxy, answer, clock_ahead| ServerFacts { url, key: source, proxy, answer, clock_ahead };
    Some(match ping {
        Err(error) => facts(None, Err(error.to_string()), None),
        Ok(ping) => match network::run(ping.ask()) {
            Err(failure) => facts(ping.proxy(), Err(failure.message), None),
            Ok(pong) => {
                let ahead =
                    pong.server_time.map(|there| now().unix_seconds().saturating_sub(there.unix_seconds()));
                facts(ping.proxy(), Ok(pong.key), ahead)
            }
        },
    })
}
