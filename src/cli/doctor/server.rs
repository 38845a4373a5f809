//! The facts of the academy's server. It is asked once, by GET.

use super::secrets::Secrets;
use super::{PATIENCE, complaint};
use crate::api::Ping;
use crate::cli::context::Context;
use crate::cli::ledger::now;
use crate::cli::network;
use crate::config::ServerAddress;
use crate::model::Help;
use crate::view::doctor::{Complaint, ServerFacts};

/// Whether the environment has a server that is not embedded.
pub(super) fn is_remote(context: &Context) -> bool {
    matches!(context.environment.server, ServerAddress::Remote(_))
}

/// What the server says; `None` for the embedded one. Unless the key may be sent, the server is asked without it.
pub(super) fn facts(context: &Context, secrets: &Secrets, may_send: bool) -> Option<ServerFacts> {
    let ServerAddress::Remote(url) = &context.environment.server else { return None };
    let key = secrets.key.as_ref()?;
    let url = url.to_string();
    let sent = key.as_ref().ok().filter(|_| may_send).map(|found| &found.secret);
    let ping = Ping::new(&url, sent, PATIENCE);
    let source = key.as_ref().map(|found| found.source.clone()).map_err(Clone::clone);
    let facts = |proxy, answer, clock_ahead| ServerFacts {
        url,
        key: source,
        is_key_sent: may_send,
        proxy,
        answer,
        clock_ahead,
    };
    Some(match ping {
        Err(error) => facts(None, Err(Complaint { message: error.to_string(), help: Help::none() }), None),
        Ok(ping) => match network::run(ping.ask()) {
            Err(failure) => facts(ping.proxy(), Err(complaint(&failure)), None),
            Ok(pong) => {
                let ahead =
                    pong.server_time.map(|there| now().unix_seconds().saturating_sub(there.unix_seconds()));
                facts(ping.proxy(), Ok(pong.key), ahead)
            }
        },
    })
}
