//! Why the certificates of the observer cannot be read, for the person who must act.

/// Why the observer's certificates cannot be read. No variant contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeliumError {
    /// The connection was not made.
    #[error("the observer's server cannot be reached: {0}")]
    NotSent(String),
    /// The server's certificate is not trusted.
    #[error("the server's certificate is not trusted: {0}")]
    Untrusted(String),
    /// No answer came.
    #[error("no answer came from the observer's server: {0}")]
    Lost(String),
    /// The server refused the API key.
    #[error(
        "the server refused the API key ({0}). Reading certificates takes the same key as apply: check CERTCTL_API_KEY"
    )]
    Key(u16),
    /// The address leads elsewhere. The key is in the address, so it is not followed.
    #[error("the server answered {status}, a redirect{}. certctl follows none, because the key would go with it: check `url` in certctl.toml", to(location.as_ref()))]
    Redirect {
        /// The status.
        status: u16,
        /// Where it leads.
        location: Option<String>,
    },
    /// An answer with another status.
    #[error("the server answered {status} at /helium: {text}")]
    Status {
        /// The status.
        status: u16,
        /// The beginning of its text.
        text: String,
    },
    /// The server asks to wait too often or too long.
    #[error("the server's rate limit is used up: it asks to wait {0}. Run this again later")]
    RateLimited(String),
    /// The answer cannot be read.
    #[error("the answer of /helium cannot be read: {0}")]
    Unreadable(String),
    /// The server reports errors.
    #[error("the server reports an error for {what}: {}", messages.join("; "))]
    Errors {
        /// What was asked for.
        what: &'static str,
        /// Its messages.
        messages: Vec<String>,
    },
    /// A query costs more points than the server allows.
    #[error("the server refused a query as too costly: {}", .0.join("; "))]
    TooCostly(Vec<String>),
    /// The login was refused.
    #[error(
        "the observer {email} cannot log in: {}. Check the `email` of the observer in certctl.toml and the password \
         (CERTCTL_OBSERVER_PASSWORD)",
        messages.join("; ")
    )]
    Login {
        /// Who.
        email: String,
        /// The server's messages.
        messages: Vec<String>,
    },
    /// A token that was just given is refused.
    #[error("the server refuses the observer's login although it has just accepted it: {}. The user needs the role STUDENT", .0.join("; "))]
    TokenRefused(Vec<String>),
    /// The login belongs to another user.
    #[error(
        "{email} is the user {actual}, and certctl.toml says {configured} (user_id). One of the two is wrong: nothing was read"
    )]
    OtherUser {
        /// Who logged in.
        email: String,
        /// The id that the server says.
        actual: String,
        /// The id in certctl.toml.
        configured: String,
    },
}

fn to(location: Option<&String>) -> String {
    location.map(|location| format!(" to {location}")).unwrap_or_default()
}
