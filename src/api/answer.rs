//! What is certain after a request was made.

use std::time::Duration;

/// What became of one request, as far as this side can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status line came back.
    Response(Response),
    /// No byte of the request left this machine: the connection was never made.
    NotSent {
        /// Why, in words.
        reason: String,
    },
    /// Something was sent, or may have been, and no status line came back.
    Lost {
        /// Why, in words.
        reason: String,
    },
}

/// A response. Only its status is certain to be whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// What it says of limits.
    pub rate: RateHeaders,
    /// Where it redirects to.
    pub location: Option<String>,
    /// The body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, String>,
}

/// What a response says of limits, times turned into durations from its arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// `X-RateLimit-Limit`.
    pub limit: Option<u32>,
    /// `X-RateLimit-Remaining`.
    pub remaining: Option<u32>,
    /// `X-RateLimit-Reset`, measured against the response's own `Date` so that a clock that is wrong on either side
    /// does no harm.
    pub reset_in: Option<Duration>,
    /// `Retry-After`, in either of its forms (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
}

impl RateHeaders {
    /// The longest wait that a header can ask for: quotas are per minute, some per hour.
    const LONGEST: Duration = Duration::from_secs(3600);

    /// Reads the headers. `now` is this machine's Unix time in seconds, used where the server says nothing of its own.
    pub fn read<'h>(get: impl Fn(&str) -> Option<&'h str>, now: i64) -> Self {
        let number = |name: &str| get(name)?.trim().parse::<u32>().ok();
        let server_now = get("date").and_then(http_date).unwrap_or(now);
        let until = |unix: i64| {
            let seconds = u64::try_from(unix.saturating_sub(server_now)).unwrap_or(0);
            Duration::from_secs(seconds).min(Self::LONGEST)
        };
        Self {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            reset_in: get("x-ratelimit-reset").and_then(|text| text.trim().parse().ok()).map(until),
            retry_after: get("retry-after").and_then(|text| {
                let text = text.trim();
                match text.parse::<u64>() {
                    Ok(seconds) => Some(Duration::from_secs(seconds).min(Self::LONGEST)),
                    Err(_) => http_date(text).map(until),
                }
            }),
        }
    }
}

/// The Unix time of an HTTP date (RFC 9110 section 5.6.7, the form that senders must use).
fn http_date(text: &str) -> Option<i64> {
    let numeric_zone = text.trim().strip_suffix("GMT").map(|text| format!("{text}+0000"))?;
    jiff::fmt::rfc2822::parse(&numeric_zone).ok().map(|zoned| zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &'static str)]) -> RateHeaders {
        RateHeaders::read(
            |name| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value),
            1_000_000,
        )
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_nonsense_is_nothing() {
        assert_eq!(read(&[("retry-after", "32")]).retry_after, Some(Duration::from_secs(32)));
        let date =
            [("date", "Mon, 12 Jan 1970 13:46:40 GMT"), ("retry-after", "Mon, 12 Jan 1970 13:47:00 GMT")];
        assert_eq!(read(&date).retry_after, Some(Duration::from_secs(20)));
        assert_eq!(read(&[("retry-after", "soon")]).retry_after, None);
        assert_eq!(read(&[("retry-after", "-5")]).retry_after, None);
        assert_eq!(read(&[("retry-after", "999999999")]).retry_after, Some(RateHeaders::LONGEST));
    }

    #[test]
    fn the_reset_is_measured_by_the_servers_own_clock() {
        // The server's clock is at 2,000,000 and this machine's at 1,000,000.
        let skewed = [("date", "Sat, 24 Jan 1970 03:33:20 GMT"), ("x-ratelimit-reset", "2000030")];
        assert_eq!(read(&skewed).reset_in, Some(Duration::from_secs(30)));
        assert_eq!(read(&[("x-ratelimit-reset", "1000030")]).reset_in, Some(Duration::from_secs(30)));
        assert_eq!(read(&[("x-ratelimit-reset", "5")]).reset_in, Some(Duration::ZERO));
    }
}
