//! Why a request to a server did not succeed, in words for people. The server's own text is never shown: it may repeat
//! credentials.

use super::settings::ServerSettings;

/// Whether a status leaves open what became of the request, so that it may be repeated.
pub(super) fn is_unclear(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// Whether a status says that another run holds the lock.
pub(super) fn is_locked(status: u16) -> bool {
    matches!(status, 409 | 423)
}

/// Explains a status.
pub(super) fn words(status: u16, settings: &ServerSettings, is_gitlab: bool) -> String {
    let rights = if is_gitlab {
        ". On GitLab, reading needs the role Developer and writing the role Maintainer, with a token of the scope `api` or \
         the token of a running job"
    } else {
        ""
    };
    match status {
        300..=399 => format!(
            "the server answers with a redirect ({status}), which certctl does not follow, because the credentials are for \
             this address alone. Write the address that it leads to"
        ),
        401 => {
            let missing = match (&settings.username, &settings.password) {
                (Some(_), Some(_)) => "the server does not accept the credentials",
                (None, Some(_)) => "TF_HTTP_PASSWORD was not sent, because TF_HTTP_USERNAME is not set",
                (Some(_), None) => "the server asks for a password: set TF_HTTP_PASSWORD",
                (None, None) => "the server asks for credentials: set TF_HTTP_USERNAME and TF_HTTP_PASSWORD",
            };
            format!("{missing} ({status}){rights}")
        }
        403 => format!("the server does not allow it with these credentials ({status}){rights}"),
        404 => {
            format!("the server knows no such address, or hides it from these credentials ({status}){rights}")
        }
        405 | 501 => format!("the server does not know the method ({status})"),
        413 => format!("the state is larger than the server takes ({status})"),
        500.. if is_gitlab => format!(
            "the server has an error ({status}). GitLab also answers like this if somebody has released the lock of this run"
        ),
        500.. => format!("the server has an error ({status})"),
        _ => format!("the server refuses the request ({status})"),
    }
}
