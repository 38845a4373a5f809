//! Which endpoint a request means.

use hyper::Method;

use crate::api::wire;

/// The endpoints of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Creates or updates by natural key.
    Bulk,
    /// Updates by id.
    Update,
    /// Asks for a background job.
    Jobs,
    /// Checks the key.
    Ping,
    /// Issues a certificate to a user.
    Certify,
    /// Shows a learner's certificates.
    Helium,
}

impl Endpoint {
    /// The only method it answers to.
    pub(super) fn method(self) -> Method {
        match self {
            Self::Bulk | Self::Update | Self::Certify | Self::Helium => Method::POST,
            Self::Jobs | Self::Ping => Method::GET,
        }
    }
}

/// The endpoint at a path, with what follows its fixed part: the id of a job or a user, or nothing.
pub(super) fn endpoint(path: &str) -> Option<(Endpoint, &str)> {
    if path == "/helium" {
        return Some((Endpoint::Helium, ""));
    }
    let below = path.strip_prefix(wire::API_ROOT)?;
    match below {
        wire::BULK => Some((Endpoint::Bulk, "")),
        wire::BULK_UPDATE => Some((Endpoint::Update, "")),
        wire::PING => Some((Endpoint::Ping, "")),
        _ => {
            let user = below.strip_prefix(wire::USERS).and_then(|rest| rest.strip_suffix(wire::CERTIFY));
            let (endpoint, id) = match user {
                Some(user) => (Endpoint::Certify, user),
                None => (Endpoint::Jobs, below.strip_prefix(wire::JOBS)?),
            };
            (!id.is_empty() && !id.contains('/')).then_some((endpoint, id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_documentation() {
        let root = "/incoming/v2";
        let bulk = format!("{root}/content/certificate-templates/bulk");
        assert_eq!(endpoint(&bulk), Some((Endpoint::Bulk, "")));
        assert_eq!(endpoint(&format!("{bulk}/update")), Some((Endpoint::Update, "")));
        assert_eq!(endpoint(&format!("{root}/ping")), Some((Endpoint::Ping, "")));
        assert_eq!(endpoint(&format!("{root}/jobs/7")), Some((Endpoint::Jobs, "7")));
        assert_eq!(endpoint(&format!("{root}/users/7/certify")), Some((Endpoint::Certify, "7")));
        assert_eq!(endpoint("/helium"), Some((Endpoint::Helium, "")));
        for unknown in [
            "/",
            "/ping",
            "/incoming/v2/jobs/",
            "/incoming/v2/jobs/7/x",
            "/incoming/v2/pings",
            "/incoming/v2/helium",
        ] {
            assert_eq!(endpoint(unknown), None, "{unknown}");
        }
        assert_eq!(endpoint(&format!("{bulk}/")), None);
    }
}
