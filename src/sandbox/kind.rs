//! How the kinds of faults are written.

use std::fmt;
use std::num::NonZeroUsize;

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use super::{
    BodyFault, ErrorBody, FaultKind, FaultMoment, JobFate, RefusalFault, ResultFault, SingleRowFault,
    StatusFault, WireFault,
};

/// The kinds that are one word.
const PLAIN: &[(&str, FaultKind)] = &[
    ("reset-before", FaultKind::Wire(WireFault::Reset, FaultMoment::Before)),
    ("reset-after", FaultKind::Wire(WireFault::Reset, FaultMoment::After)),
    ("stall-before", FaultKind::Wire(WireFault::Stall, FaultMoment::Before)),
    ("stall-after", FaultKind::Wire(WireFault::Stall, FaultMoment::After)),
    ("429", FaultKind::Refusal(RefusalFault::TooManyRequests(1))),
    ("shuffle-ids", FaultKind::Result(ResultFault::ShuffleIds)),
    ("too-many-ids", FaultKind::Result(ResultFault::TooManyIds)),
    ("no-ids", FaultKind::Result(ResultFault::NoIds)),
    ("duplicate-ids", FaultKind::Result(ResultFault::DuplicateIds)),
    ("ids-of-others", FaultKind::Result(ResultFault::IdsOfOthers)),
    ("unattributed-error", FaultKind::Result(ResultFault::UnattributedError)),
    ("foreign-error", FaultKind::Result(ResultFault::ForeignError)),
    ("error-without-record", FaultKind::Result(ResultFault::ErrorWithoutRecord)),
    ("error-only-title", FaultKind::Result(ResultFault::ErrorOnlyTitle)),
    ("error-only-text", FaultKind::Result(ResultFault::ErrorOnlyText)),
    ("error-record-object", FaultKind::Result(ResultFault::ErrorRecordObject)),
    ("error-contradicts", FaultKind::Result(ResultFault::ErrorContradicts)),
    ("html-200", FaultKind::Body(BodyFault::Html200)),
    ("empty-200", FaultKind::Body(BodyFault::Empty200)),
    ("204", FaultKind::Body(BodyFault::NoContent)),
    ("other-shape", FaultKind::Body(BodyFault::OtherShape)),
    ("bare", FaultKind::Body(BodyFault::Bare)),
    ("nulls", FaultKind::Body(BodyFault::Nulls)),
    ("close-mid-body", FaultKind::Body(BodyFault::CloseMidBody)),
    ("huge-body", FaultKind::Body(BodyFault::Huge)),
    ("gzip-lie", FaultKind::Body(BodyFault::GzipLie)),
    ("job=fail", FaultKind::Job(JobFate::Fail)),
    ("job=fail-stored", FaultKind::Job(JobFate::FailStored)),
    ("job=never", FaultKind::Job(JobFate::Never)),
    ("job=forget", FaultKind::Job(JobFate::Forget)),
    ("job=complete", FaultKind::Job(JobFate::Complete)),
    ("job=complete-without-counts", FaultKind::Job(JobFate::CompleteWithoutCounts)),
    ("job=strange", FaultKind::Job(JobFate::Strange)),
];

/// Reads what follows the equals sign.
type KindReader = fn(&str) -> Result<FaultKind, String>;

/// The kinds that need a value. `job=late:` is one of them, though it shares its word with plain ones.
const VALUED: &[(&str, KindReader)] = &[
    ("429=", |text| Ok(FaultKind::Refusal(RefusalFault::TooManyRequests(number(text)?)))),
    ("poison=", |text| Ok(FaultKind::Refusal(poison(text)?))),
    ("max-batch=", |text| Ok(FaultKind::Refusal(RefusalFault::MaxBatch(number::<NonZeroUsize>(text)?)))),
    ("errors=", |text| Ok(FaultKind::Refusal(RefusalFault::GraphqlError(some_text(text)?)))),
    ("redirect=", |text| Ok(FaultKind::Refusal(RefusalFault::Redirect(header_value(&some_text(text)?)?)))),
    ("status=", |text| Ok(FaultKind::Status(status(text)?))),
    ("reject=", |text| Ok(FaultKind::RequestRow(SingleRowFault::Reject(some_text(text)?)))),
    ("job=late:", |text| Ok(FaultKind::Job(JobFate::Late(number(text)?)))),
    ("wrong-count=", |text| Ok(FaultKind::Result(ResultFault::WrongCount(number(text)?)))),
    ("warning=", |text| Ok(FaultKind::Result(ResultFault::Warning(some_text(text)?)))),
    ("slow-drip=", |text| Ok(FaultKind::Body(BodyFault::SlowDrip(number(text)?)))),
    ("header=", header),
];

/// Reads a kind; the error says why there is none.
pub(super) fn read(text: &str) -> Result<FaultKind, String> {
    if let Some((_, kind)) = PLAIN.iter().find(|(word, _)| *word == text) {
        return Ok(kind.clone());
    }
    for (word, reader) in VALUED {
        if let Some(value) = text.strip_prefix(word) {
            return reader(value).map_err(|why| format!("{text:?}: {why}"));
        }
    }
    let near = words().min_by_key(|word| strsim::osa_distance(word, text));
    let hint = near.map(|word| format!("; the nearest is {word:?}")).unwrap_or_default();
    Err(format!("there is no kind {text:?}{hint}"))
}

/// Every word that begins a kind.
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    PLAIN.iter().map(|(word, _)| *word).chain(VALUED.iter().map(|(word, _)| *word))
}

/// Writes a kind so that [`read`] reads it.
pub(super) fn write(kind: &FaultKind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some((word, _)) = PLAIN.iter().find(|(_, plain)| plain == kind) {
        return f.write_str(word);
    }
    match kind {
        FaultKind::Refusal(RefusalFault::TooManyRequests(seconds)) => write!(f, "429={seconds}"),
        FaultKind::Refusal(RefusalFault::Poison { status, text }) => {
            write!(f, "poison={},{text}", status.as_u16())
        }
        FaultKind::Refusal(RefusalFault::MaxBatch(rows)) => write!(f, "max-batch={rows}"),
        FaultKind::Refusal(RefusalFault::GraphqlError(message)) => write!(f, "errors={message}"),
        FaultKind::Refusal(RefusalFault::Redirect(url)) => write!(f, "redirect={}", shown(url)),
        FaultKind::Status(fault) => write_status(fault, f),
        FaultKind::RequestRow(SingleRowFault::Reject(text)) => write!(f, "reject={text}"),
        FaultKind::Job(JobFate::Late(polls)) => write!(f, "job=late:{polls}"),
        FaultKind::Result(ResultFault::WrongCount(by)) => write!(f, "wrong-count={by:+}"),
        FaultKind::Result(ResultFault::Warning(text)) => write!(f, "warning={text}"),
        FaultKind::Body(BodyFault::SlowDrip(pause)) => write!(f, "slow-drip={pause}"),
        FaultKind::Header(name, value) => write!(f, "header={name}: {}", shown(value)),
        // Every other kind is in the table above; the round trip of every example tests it.
        FaultKind::Wire(..) | FaultKind::Job(_) | FaultKind::Result(_) | FaultKind::Body(_) => Ok(()),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number that fits"))
}

fn some_text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("the text is missing".to_owned()) } else { Ok(text.to_owned()) }
}

fn header_value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text.trim()).map_err(|_| format!("{text:?} is not allowed in a header"))
}

fn shown(value: &HeaderValue) -> &str {
    // Read from text by `header_value`, so it is text.
    value.to_str().unwrap_or_default()
}

fn status_code(text: &str, least: u16, most: u16) -> Result<StatusCode, String> {
    let code: u16 = number(text)?;
    let fits = (least..=most).contains(&code);
    StatusCode::from_u16(code)
        .ok()
        .filter(|_| fits)
        .ok_or_else(|| format!("{code} is not a status from {least} to {most}"))
}

fn poison(text: &str) -> Result<RefusalFault, String> {
    let with_status = text.split_once(',').filter(|(code, _)| code.parse::<u16>().is_ok());
    let (status, text) = match with_status {
        Some((code, text)) => (status_code(code, 400, 499)?, text),
        None => (StatusCode::UNPROCESSABLE_ENTITY, text),
    };
    Ok(RefusalFault::Poison { status, text: some_text(text)? })
}

fn header(text: &str) -> Result<FaultKind, String> {
    let (name, value) = text.split_once(':').ok_or("a header is written NAME: VALUE")?;
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("{name:?} is not the name of a header"))?;
    Ok(FaultKind::Header(name, header_value(value)?))
}

const BODIES: [(&str, ErrorBody); 4] = [
    ("json", ErrorBody::Json),
    ("text", ErrorBody::Text),
    ("html", ErrorBody::Html),
    ("empty", ErrorBody::Empty),
];

fn status(text: &str) -> Result<StatusFault, String> {
    // A date in Retry-After has a comma, so that option comes last and takes the rest.
    let (options, retry_after) = match text.split_once(",retry-after=") {
        Some((options, value)) => (options, Some(header_value(value)?)),
        None => (text, None),
    };
    let mut options = options.split(',');
    let status = status_code(options.next().unwrap_or_default(), 200, 599)?;
    let mut fault = StatusFault { status, moment: FaultMoment::Before, body: ErrorBody::Json, retry_after };
    for option in options {
        let body =
            option.strip_prefix("body=").and_then(|word| BODIES.iter().find(|(name, _)| *name == word));
        match (option, body) {
            ("before", _) => fault.moment = FaultMoment::Before,
            ("after", _) => fault.moment = FaultMoment::After,
            (_, Some((_, body))) => fault.body = *body,
            _ => {
                return Err(format!(
                    "{option:?} is not one of after, body=json|text|html|empty and retry-after=…"
                ));
            }
        }
    }
    Ok(fault)
}

fn write_status(fault: &StatusFault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "status={}", fault.status.as_u16())?;
    if fault.moment == FaultMoment::After {
        f.write_str(",after")?;
    }
    let body = BODIES.iter().find(|(_, body)| *body == fault.body);
    if let Some((word, _)) = body.filter(|_| fault.body != ErrorBody::Json) {
        write!(f, ",body={word}")?;
    }
    match &fault.retry_after {
        Some(value) => write!(f, ",retry-after={}", shown(value)),
        None => Ok(()),
    }
}

/// One of each kind, for tests.
#[cfg(test)]
pub(super) const EXAMPLES: &[&str] = &[
    "errors=Something went wrong",
    "reset-before",
    "reset-after",
    "stall-before",
    "stall-after",
    "429",
    "429=32",
    "shuffle-ids",
    "too-many-ids",
    "no-ids",
    "duplicate-ids",
    "ids-of-others",
    "unattributed-error",
    "foreign-error",
    "error-without-record",
    "error-only-title",
    "error-only-text",
    "error-record-object",
    "error-contradicts",
    "html-200",
    "empty-200",
    "204",
    "other-shape",
    "bare",
    "nulls",
    "close-mid-body",
    "huge-body",
    "gzip-lie",
    "job=fail",
    "job=fail-stored",
    "job=never",
    "job=forget",
    "job=complete",
    "job=complete-without-counts",
    "job=strange",
    "job=late:3",
    "poison=Bad, row",
    "poison=400,Bad: row",
    "max-batch=10",
    "redirect=https://example.com/?a=b",
    "status=503",
    "status=500,after",
    "status=502,after,body=html",
    "status=504,body=empty",
    "status=500,body=text",
    "status=503,retry-after=Wed, 21 Oct 2026 07:28:00 GMT",
    "status=429,body=html,retry-after=soon",
    "reject=Cloud: 101",
    "wrong-count=+2",
    "wrong-count=-1",
    "warning=Mind the gap",
    "slow-drip=20",
    "header=x-ratelimit-remaining: 0",
    "header=x-empty:",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_example_of_every_word() {
        for word in words() {
            assert!(EXAMPLES.iter().any(|example| example.starts_with(word)), "{word}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_answered_with_the_nearest_word() {
        assert!(read("rest-after").unwrap_err().contains("the nearest is \"reset-after\""));
        assert!(read("job=complet").unwrap_err().contains("\"job=complete\""));
    }

    #[test]
    fn values_are_checked() {
        for wrong in [
            "job=late:0",
            "max-batch=0",
            "status=99",
            "status=600",
            "status=100",
            "status=500,afterwards",
            "status=500,body=xml",
            "poison=",
            "poison=400,",
            "poison=500,x",
            "wrong-count=",
            "reject=",
            "header=a b: c",
            "header=a",
            "redirect=",
            "slow-drip=-1",
            "429=x",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
