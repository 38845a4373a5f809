//! What a server's answer says about an API key. `api` reads it from an answer, `view` tells it.

/// What became of the question whether a key is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    /// The server accepts the key.
    Accepted,
    /// The server refuses the key.
    Refused,
    /// The server knows the key, and its user may not ask.
    Forbidden,
    /// The server says that its address is another one.
    Moved {
        /// The HTTP status.
        status: u16,
        /// The other address, if the server names it.
        to: Option<String>,
    },
    /// The server does not know the address of the question.
    NotFound,
    /// Too many requests were made; the key was not looked at.
    Limited,
    /// The server has an error.
    Failing {
        /// The HTTP status.
        status: u16,
    },
    /// An answer that the vendor's API would not give.
    Strange {
        /// The HTTP status.
        status: u16,
    },
    /// Nothing was sent, because the server's certificate is not trusted.
    Untrusted {
        /// Why, in words.
        reason: String,
    },
    /// Nothing was sent, because there was no connection.
    Unreachable {
        /// Why, in words.
        reason: String,
    },
    /// The question was sent, and no answer came.
    Unanswered {
        /// Why, in words.
        reason: String,
    },
}

impl KeyCheck {
    /// Whether the vendor's API answered, whatever it says of the key.
    pub fn is_answered(&self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Forbidden | Self::Limited)
    }
}
