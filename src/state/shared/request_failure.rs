//! Why a request to a store failed, in words for people. A store's own text is never shown: it may repeat credentials.

use std::error::Error;
use std::fmt;

use super::objects::ObjectError;
use crate::model::{StorageKind, io_words};

/// A request without a usable answer.
#[derive(Debug)]
pub(super) struct RequestFailure {
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    words: String,
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for RequestFailure {}

/// What to set where no credentials are found.
fn no_credentials(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::S3 => {
            "there are no credentials for it. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, if \
             there is one), or run on a machine with a role. AWS_PROFILE and single sign-on are not read here; this takes \
             what they give: eval \"$(aws configure export-credentials --format env)\""
        }
        StorageKind::Azure => {
            "there are no credentials for it. Set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY or \
             AZURE_STORAGE_SAS_TOKEN, or AZURE_USE_AZURE_CLI=true after `az login`, or run on a machine with a managed or \
             workload identity"
        }
    }
}

impl RequestFailure {
    /// No answer from this host.
    pub(super) fn lost(host: &str, error: &(dyn Error + 'static)) -> Self {
        Self { status: None, words: format!("no answer from {host}: {}", deepest(error)) }
    }

    /// The service that gives credentials to this machine has none, or does not exist.
    pub(super) fn no_credentials(kind: StorageKind) -> Self {
        Self { status: Some(401), words: no_credentials(kind).to_owned() }
    }

    /// A request that must not be sent.
    pub(super) fn plain_http(host: &str) -> Self {
        let words = format!(
            "its endpoint {host} is without TLS. Credentials go over https only, except to this machine: write the \
             endpoint with https://"
        );
        Self { status: Some(400), words }
    }

    /// An answer with this status and the store's own code for the error, such as `NoSuchBucket`.
    pub(super) fn answered(status: u16, code: Option<&str>, kind: StorageKind) -> Self {
        let said = code.map_or_else(|| status.to_string(), |code| format!("{status} {code}"));
        let bucket = if kind == StorageKind::S3 { "bucket" } else { "container" };
        let words = match (status, code.unwrap_or_default()) {
            (_, "NoSuchBucket" | "ContainerNotFound") => {
                format!("there is no {bucket} of this name ({said}). certctl creates objects, not {bucket}s")
            }
            (_, "RequestTimeTooSkewed") => {
                "the clock of this machine differs too much from the store's: set it".to_owned()
            }
            (_, "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired") => {
                format!("the credentials have expired ({said}): get new ones")
            }
            (300..=399, _) | (_, "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException") => {
                format!("the bucket is in another region ({said}): set AWS_REGION to it")
            }
            (401 | 403, _) => format!(
                "the store does not allow it with these credentials ({said}). docs/shared-state.md lists the rights that \
                 certctl needs"
            ),
            (500.., _) => format!("the store has an error ({said})"),
            _ => format!("the store refuses the request ({said})"),
        };
        Self { status: Some(status), words }
    }

    fn object_error(&self) -> ObjectError {
        match self.status {
            None | Some(408 | 429 | 500..) => ObjectError::Unclear(self.words.clone()),
            Some(_) => ObjectError::Rejected(self.words.clone()),
        }
    }
}

/// The error of a request, from that of the library.
pub(super) fn object_error(error: &object_store::Error, kind: StorageKind) -> ObjectError {
    if let Some(failure) = own(error) {
        return failure.object_error();
    }
    match error {
        object_store::Error::AlreadyExists { .. }
        | object_store::Error::Precondition { .. }
        | object_store::Error::NotModified { .. } => ObjectError::Refused,
        object_store::Error::PermissionDenied { .. } => {
            RequestFailure::answered(403, None, kind).object_error()
        }
        object_store::Error::Unauthenticated { .. } => {
            RequestFailure::answered(401, None, kind).object_error()
        }
        _ => ObjectError::Unclear("the store's answer cannot be read".to_owned()),
    }
}

/// The failure that the connection reported.
fn own<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e RequestFailure> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(failure) = error.downcast_ref() {
            return Some(failure);
        }
        next = error.source();
    }
    None
}

/// The innermost error, which says what happened.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    match last.downcast_ref::<std::io::Error>() {
        Some(error) => io_words(error),
        None => last.to_string(),
    }
}
