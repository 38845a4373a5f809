//! Certificates that could not be asked for everything. A property that was not read is not an empty one, and a certificate
//! of which nothing was read is not a missing one. Pure.

use serde_json::{Map, Value};

use super::observed_certificates::{RESOURCE, SeenCertificates, TEMPLATE};

/// Whether the properties were read that say what a certificate is for.
pub(super) fn says_what_it_is_for(certificate: &Map<String, Value>) -> bool {
    let own = ["deleted", "isExternal", TEMPLATE].into_iter().chain(RESOURCE);
    let is_read = own.into_iter().all(|name| certificate.contains_key(name));
    let template = certificate.get(TEMPLATE).and_then(Value::as_object);
    is_read && template.is_none_or(|template| template.contains_key("id"))
}

/// Why the certificates are not known, or not all of them; `unread` is how many do not say what they are for.
pub(super) fn why_not_read(seen: &SeenCertificates<'_>, unread: usize) -> Option<String> {
    let nameless = seen.nameless;
    let all = seen.certificates.len() + nameless;
    if let Some(refused) = seen.refused {
        return Some(format!("the list of the observer's certificates could not be read: {refused}"));
    }
    match (unread, nameless) {
        (0, 0) => None,
        (0, _) => {
            Some(format!("the server shows {nameless} of the observer's {all} certificates without an id"))
        }
        _ => Some(format!(
            "{} of the observer's {all} certificates could not be read, because the queries would cost more points than the \
             server allows, or because the certificates changed meanwhile",
            unread + nameless
        )),
    }
}
