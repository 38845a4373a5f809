//! Words for answers of the server, for the person who reads the result.

use crate::api::retry::Event;
use crate::api::{Answer, HttpResponse, error_message};

/// Says what an answer means.
pub(super) fn explain(answer: &Answer) -> String {
    match answer {
        Answer::NotSent { reason } => reason.clone(),
        Answer::Untrusted { reason } => format!(
            "the server's certificate is not trusted, so neither the key nor a template was sent: {reason}. Check that \
             `url` in certctl.toml is the academy's own address. If it is, and a proxy or firewall of your network puts \
             its own certificate in between, have that proxy's certificate authority installed on this machine, or name \
             its file in the environment variable SSL_CERT_FILE"
        ),
        Answer::Lost { reason } => format!("sent, but no complete answer came: {reason}"),
        Answer::Response(HttpResponse { status, location, body, .. }) => {
            let said = body.as_ref().ok().and_then(|body| error_message(body));
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            match status {
                _ if Event::of(answer) == Event::Contradictory => format!(
                    "the server answered {status}, which refuses the request, and yet its answer says that something was \
                     done{said}"
                ),
                401 => format!(
                    "the server refused the API key (401){said}. Check the key and the environment it belongs to"
                ),
                403 => format!(
                    "the API key may not edit certificate templates (403){said}. Give its user the role that may"
                ),
                301 | 307 | 308 => format!(
                    "the server says that its address is another one ({status}): {}. Correct `url` in certctl.toml",
                    location.as_deref().unwrap_or("it does not say which")
                ),
                404 => {
                    format!("the server does not know the address (404){said}. Check `url` in certctl.toml")
                }
                _ => format!("the server answered {status}{said}"),
            }
        }
    }
}
