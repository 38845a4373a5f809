//! How faults are written.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::kind;
use super::{Endpoint, Fault};

/// How faults are written, for `certctl sandbox --help` and for the control endpoint's errors.
pub const FAULT_GRAMMAR: &str = "\
A fault is written ENDPOINT:WHICH:KIND, for example bulk:2:reset-after

ENDPOINT  bulk, update, jobs, ping, certify, helium or any. bulk[Cloud 101] means only those
          requests that have a row with \"Cloud 101\" in its title.
WHICH     which of these requests: 2 (the second), 2x3 (the second and those
          after it, three in all), 2+ (the second and all after it), * (all).
KIND      what goes wrong:
  nothing is processed
    reset-before              the connection closes without an answer
    stall-before              no answer, until the client gives up
    429  429=SECONDS          the documented 429, with Retry-After
    poison=TEXT               422 if a row's title contains TEXT
    poison=CODE,TEXT          the same with another status, 400 to 499
    max-batch=N               413 for more than N rows
    redirect=URL              307 to URL
    errors=TEXT               200 with GraphQL's errors and this message
  everything is processed, the answer is lost
    reset-after               the connection closes without an answer
    stall-after               no answer, until the client gives up
    close-mid-body            the connection closes after half of the answer
  another status
    status=CODE               not processed; a JSON body with a message
    status=CODE,OPTION,…      options: after (processed), body=json|text|html|
                              empty, and as the last one retry-after=TEXT
  single rows
    reject=TEXT               rows with TEXT in their title fail
  the request becomes a background job
    job=late:N                complete when asked for the Nth time
    job=fail  job=never       failed, or never ending; nothing is stored
    job=fail-stored           failed, although the rows were stored
    job=forget                the rows are stored, the job is unknown (404)
    job=complete              complete at once, with counts and ids
    job=complete-without-counts
    job=strange               a status that is not documented
  everything is processed, the answer tells something else
    shuffle-ids  too-many-ids  no-ids  duplicate-ids  ids-of-others
    wrong-count=+N  wrong-count=-N
    unattributed-error        one more error, about no row
    foreign-error             one more error, about a row never sent
    error-without-record  error-only-title  error-only-text
    error-record-object  error-contradicts
    warning=TEXT              one more warning
  everything is processed, the body is not what it should be
    html-200  empty-200  204  other-shape  bare  nulls
    huge-body  slow-drip=MILLISECONDS  gzip-lie
  everything is processed
    header=NAME: VALUE        the answer carries this header
";

/// Why a text is not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a fault: {why}. Faults are written ENDPOINT:WHICH:KIND, for example bulk:2:reset-after"
)]
pub struct FaultError {
    text: String,
    why: String,
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).map_err(|why| FaultError { text: text.to_owned(), why })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(endpoint_word(self.on))?;
        if let Some(title) = &self.matching {
            write!(f, "[{title}]")?;
        }
        match (self.first.get(), self.times.map(NonZeroU64::get)) {
            (1, None) => f.write_str(":*:")?,
            (first, None) => write!(f, ":{first}+:")?,
            (first, Some(1)) => write!(f, ":{first}:")?,
            (first, Some(times)) => write!(f, ":{first}x{times}:")?,
        }
        kind::write(&self.kind, f)
    }
}

fn read(text: &str) -> Result<Fault, String> {
    let (on, matching, rest) = read_endpoint(text)?;
    let (which, kind) = rest.split_once(':').ok_or("it has no kind")?;
    let (first, times) = read_which(which)?;
    Ok(Fault { on, matching, first, times, kind: kind::read(kind)? })
}

fn read_endpoint(text: &str) -> Result<(Option<Endpoint>, Option<String>, &str), String> {
    let end = text.find([':', '[']).ok_or("it does not say which requests it means")?;
    let (word, rest) = text.split_at(end);
    let on = ENDPOINTS.iter().find(|(_, name)| *name == word).map(|(on, _)| *on).ok_or_else(|| {
        format!("there is no endpoint {word:?}, only bulk, update, jobs, ping, certify, helium and any")
    })?;
    if let Some(rest) = rest.strip_prefix('[') {
        // A title may contain a bracket, so only a bracket before a colon ends the text.
        let (title, rest) = rest.split_once("]:").ok_or("the bracket after the endpoint is not closed")?;
        Ok((on, Some(title.to_owned()), rest))
    } else {
        Ok((on, None, rest.strip_prefix(':').unwrap_or(rest)))
    }
}

fn read_which(which: &str) -> Result<(NonZeroU64, Option<NonZeroU64>), String> {
    let number = |text: &str| {
        text.parse::<NonZeroU64>().map_err(|_| format!("{which:?} is not one of 2, 2x3, 2+ and *"))
    };
    if which == "*" {
        Ok((NonZeroU64::MIN, None))
    } else if let Some(first) = which.strip_suffix('+') {
        Ok((number(first)?, None))
    } else if let Some((first, times)) = which.split_once('x') {
        Ok((number(first)?, Some(number(times)?)))
    } else {
        Ok((number(which)?, Some(NonZeroU64::MIN)))
    }
}

const ENDPOINTS: [(Option<Endpoint>, &str); 7] = [
    (Some(Endpoint::Bulk), "bulk"),
    (Some(Endpoint::Update), "update"),
    (Some(Endpoint::Jobs), "jobs"),
    (Some(Endpoint::Ping), "ping"),
    (Some(Endpoint::Certify), "certify"),
    (Some(Endpoint::Helium), "helium"),
    (None, "any"),
];

fn endpoint_word(on: Option<Endpoint>) -> &'static str {
    match on {
        Some(Endpoint::Bulk) => "bulk",
        Some(Endpoint::Update) => "update",
        Some(Endpoint::Jobs) => "jobs",
        Some(Endpoint::Ping) => "ping",
        Some(Endpoint::Certify) => "certify",
        Some(Endpoint::Helium) => "helium",
        None => "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn why(text: &str) -> String {
        text.parse::<Fault>().unwrap_err().to_string()
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_would_be_right() {
        assert!(why("reset").contains("does not say which requests"));
        assert!(why("bulks:1:reset-before").contains("no endpoint \"bulks\""));
        assert!(why("bulk:0:reset-before").contains("2x3"));
        assert!(why("bulk:-1:reset-before").contains("2x3"));
        assert!(why("bulk:1").contains("no kind"));
        assert!(why("bulk[a:1:reset-before").contains("not closed"));
        assert!(why("bulk:1:reset").contains("bulk:2:reset-after"));
    }

    #[test]
    fn a_title_may_contain_colons_and_brackets() {
        let fault: Fault = "bulk[a: [b] c]:1:no-ids".parse().unwrap();
        assert_eq!(fault.matching.as_deref(), Some("a: [b] c"));
    }

    #[test]
    fn the_help_names_every_word() {
        for word in kind::words() {
            assert!(FAULT_GRAMMAR.contains(word), "{word}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(
            endpoint in prop::sample::select(&ENDPOINTS[..]),
            title in prop::option::of("[^\\]]{0,8}"),
            which in prop::sample::select(vec!["1", "7", "2x3", "1x4", "1+", "9+", "*"]),
            kind in prop::sample::select(kind::EXAMPLES),
        ) {
            let title = title.map(|title| format!("[{title}]")).unwrap_or_default();
            let fault: Fault = format!("{}{title}:{which}:{kind}", endpoint.1).parse().unwrap();
            prop_assert_eq!(fault.on, endpoint.0);
            let again: Fault = fault.to_string().parse().unwrap();
            prop_assert_eq!(again, fault);
        }

        #[test]
        fn no_text_is_too_strange_to_be_refused(text in ".*", kind in "[a-z0-9=,:+-]{0,20}") {
            let _ = text.parse::<Fault>();
            let _ = format!("bulk:1:{kind}").parse::<Fault>();
        }
    }
}
