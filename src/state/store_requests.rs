//! What requests to stores on the network have in common: buckets and servers of Terraform's HTTP protocol. It makes no request.

use std::time::Duration;

use reqwest::redirect::Policy;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time limit for one request, the transfer of a large state included.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The pauses between attempts.
pub(super) const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Connections that follow no redirect and repeat nothing: whoever asks knows what may be asked again.
pub(super) fn client(is_on_this_machine: bool) -> Result<reqwest::Client, reqwest::Error> {
    // An error means that a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("certctl/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT);
    if is_on_this_machine {
        builder = builder.no_proxy();
    }
    builder.build()
}
