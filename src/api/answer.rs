//! What is certain after a request was made. [`Client`](super::Client) produces it, [`retry`](super::retry) and `apply`
//! read it. It holds no conclusion about any template.

use std::time::Duration;

/// What happened to one request, as far as this side can know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A status line arrived.
    Response(HttpResponse),
    /// No byte of the request left this machine: the connection was never made.
    NotSent {
        /// Why, in words.
        reason: String,
    },
    /// No byte of the request was sent, because this machine does not trust the server's certificate for that address.
    /// Another attempt would fail in the same way.
    Untrusted {
        /// Why, in words.
        reason: String,
    },
    /// The request was sent, or may have been, and no status line arrived.
    Lost {
        /// Why, in words.
        reason: String,
    },
}

/// A response. Its status is complete; its body may not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The HTTP status code.
    pub status: u16,
    /// Its rate-limit headers.
    pub rate: RateHeaders,
    /// Its `Location`, the address of a redirect.
    pub location: Option<String>,
    /// The body, or why it could not be read completely.
    pub body: Result<Vec<u8>, String>,
}

/// The rate-limit headers of a response (vendor-api.md section 1). Times are durations from its arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// `X-RateLimit-Limit`.
    pub limit: Option<u32>,
    /// `X-RateLimit-Remaining`.
    pub remaining: Option<u32>,
    /// `X-RateLimit-Reset`, measured against the response's own `Date`, so that a wrong clock on either side does no
    /// harm; one minute if the value is implausible by every clock.
    pub reset_in: Option<Duration>,
    /// `Retry-After`, in either of its forms (RFC 9110 section 10.2.3).
    pub retry_after: Option<Duration>,
}

impl RateHeaders {
    /// A moment further ahead comes from a wrong clock: quotas are per minute, some per hour.
    const PLAUSIBLE: Duration = Duration::from_secs(3600);
    /// Used for a quota whose end is implausible or not said: the documented quotas are per minute.
    const DEFAULT_WINDOW: Duration = Duration::from_secs(60);
    /// Upper limit of any wait: longer than any server can mean, and short enough for arithmetic.
    const MAX_WAIT: Duration = Duration::from_secs(366 * 24 * 3600);

    /// Reads the headers. `now` is this machine's Unix time in seconds, used where the response has no `Date`.
    pub fn read<'h>(get: impl Fn(&str) -> Option<&'h str>, now: i64) -> Self {
        let number = |name: &str| get(name)?.trim().parse::<u32>().ok();
        let clocks = [get("date").and_then(http_date).unwrap_or(now), now];
        let reset_in = get("x-ratelimit-reset").and_then(|text| text.trim().parse().ok());
        let reset_in = reset_in.map(|unix| Self::until(unix, clocks));
        Self {
            limit: number("x-ratelimit-limit"),
            remaining: number("x-ratelimit-remaining"),
            reset_in: reset_in.map(|wait| if wait > Self::PLAUSIBLE { Self::DEFAULT_WINDOW } else { wait }),
            retry_after: get("retry-after").and_then(|text| Self::retry_after(text.trim(), clocks)),
        }
    }

    /// The wait that a refused request asks for before it may be sent again.
    pub fn asked_wait(&self) -> Duration {
        self.retry_after.or(self.reset_in).unwrap_or(Self::DEFAULT_WINDOW).max(Duration::from_secs(1))
    }

    fn retry_after(text: &str, clocks: [i64; 2]) -> Option<Duration> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // Too many digits for a number mean a long time.
            return Some(text.parse().map_or(Self::MAX_WAIT, Duration::from_secs).min(Self::MAX_WAIT));
        }
        http_date(text).map(|unix| Self::until(unix, clocks))
    }

    /// How far a moment is ahead, by the first clock that makes it plausible. If none does, the shorter time: waiting too
    /// briefly costs one rejected request, waiting too long costs the run.
    fn until(unix: i64, clocks: [i64; 2]) -> Duration {
        let ahead = clocks.map(|clock| {
            let seconds = u64::try_from(unix.saturating_sub(clock)).unwrap_or(0);
            Duration::from_secs(seconds).min(Self::MAX_WAIT)
        });
        let plausible = ahead.into_iter().find(|wait| !wait.is_zero() && *wait <= Self::PLAUSIBLE);
        plausible.unwrap_or_else(|| ahead[0].min(ahead[1]))
    }
}

/// The Unix time of an HTTP date (RFC 9110 section 5.6.7, the form that senders must use).
pub(super) fn http_date(text: &str) -> Option<i64> {
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
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(read(&[("retry-after", "32")]).retry_after, Some(Duration::from_secs(32)));
        let date =
            [("date", "Mon, 12 Jan 1970 13:46:40 GMT"), ("retry-after", "Mon, 12 Jan 1970 13:47:00 GMT")];
        assert_eq!(read(&date).retry_after, Some(Duration::from_secs(20)));
        assert_eq!(read(&[("retry-after", "soon")]).retry_after, None);
        assert_eq!(read(&[("retry-after", "-5")]).retry_after, None);
        assert_eq!(read(&[("retry-after", "999999999")]).retry_after, Some(RateHeaders::MAX_WAIT));
    }

    #[test]
    fn reset_is_measured_by_the_servers_clock() {
        // The server's clock is at 2,000,000 and this machine's at 1,000,000.
        let skewed = [("date", "Sat, 24 Jan 1970 03:33:20 GMT"), ("x-ratelimit-reset", "2000030")];
        assert_eq!(read(&skewed).reset_in, Some(Duration::from_secs(30)));
        assert_eq!(read(&[("x-ratelimit-reset", "1000030")]).reset_in, Some(Duration::from_secs(30)));
        assert_eq!(read(&[("x-ratelimit-reset", "5")]).reset_in, Some(Duration::ZERO));
    }

    #[test]
    fn wrong_date_gives_way_to_this_machines_clock() {
        // The reset is right, at 1,000,030; the server's own `Date` is decades off, either way.
        for date in ["Thu, 01 Jan 1970 00:00:07 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"] {
            let headers = [("date", date), ("x-ratelimit-reset", "1000030")];
            assert_eq!(read(&headers).reset_in, Some(Duration::from_secs(30)), "{date}");
        }
    }

    #[test]
    fn implausible_reset_is_one_minute() {
        for reset in ["99999999999", "1700000000000", "9223372036854775807"] {
            assert_eq!(
                read(&[("x-ratelimit-reset", reset)]).reset_in,
                Some(RateHeaders::DEFAULT_WINDOW),
                "{reset}"
            );
        }
        let long_ago = "-9223372036854775808";
        assert_eq!(read(&[("x-ratelimit-reset", long_ago)]).reset_in, Some(Duration::ZERO));
    }

    #[test]
    fn huge_retry_after_is_capped() {
        let longest = Some(RateHeaders::MAX_WAIT);
        for text in ["18446744073709551615", "99999999999999999999999999"] {
            assert_eq!(read(&[("retry-after", text)]).retry_after, longest, "{text}");
        }
        assert_eq!(read(&[("retry-after", "Tue, 01 Jan 2999 00:00:00 GMT")]).retry_after, longest);
        let past = [("retry-after", "Thu, 01 Jan 1970 00:00:07 GMT")];
        assert_eq!(read(&past).retry_after, Some(Duration::ZERO));
    }
}
