//! Servers on this machine: another project may have another server at the same address tomorrow. `config` lets the key
//! go to them without TLS, and `state` counts what it knows about them for one path only.

use std::net::IpAddr;

use url::{Host, Url};

/// Whether a host is this machine itself.
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => IpAddr::from(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

/// Whether an instance, as a state names it, is on this machine: the sandbox is, too.
pub fn is_on_this_machine(instance: &str) -> bool {
    match Url::parse(instance) {
        Ok(url) => url.host().is_some_and(|host| is_loopback(&host)),
        Err(_) => instance == "sandbox",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        for here in ["http://127.0.0.1:80", "https://localhost", "http://[::1]:1", "sandbox"] {
            assert!(is_on_this_machine(here), "{here}");
        }
        for elsewhere in
            ["https://academy.example.com", "https://localhost.example.com", "https://10.0.0.1", "x"]
        {
            assert!(!is_on_this_machine(elsewhere), "{elsewhere}");
        }
    }
}
