//! What can go wrong on request, as data. `grammar` reads and writes it; `reject`, `distort_result` and `distort_body` carry it out.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use super::Endpoint;

/// One thing that goes wrong, and when. Written in the grammar of [`FAULT_GRAMMAR`](super::FAULT_GRAMMAR).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The endpoint; `None` for any of them.
    pub on: Option<Endpoint>,
    /// Only requests with a row whose title contains this text.
    pub matching: Option<String>,
    /// The first of those requests that is hit, counted from 1.
    pub first: NonZeroU64,
    /// How many are hit from then on; `None` for all of them.
    pub times: Option<NonZeroU64>,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong, by the step of a request at which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is refused as a whole, and nothing of it is processed.
    Refusal(RefusalFault),
    /// An answer with another status.
    Status(StatusFault),
    /// No answer comes.
    Wire(WireFault, FaultMoment),
    /// Single rows go wrong.
    RequestRow(SingleRowFault),
    /// The request becomes a background job.
    Job(JobFate),
    /// The request is processed as it should be, and the answer says something else.
    Result(ResultFault),
    /// The answer is right, and its body is not.
    Body(BodyFault),
    /// The answer carries this header.
    Header(HeaderName, HeaderValue),
}

/// On which side of the processing of a request a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultMoment {
    /// Nothing is processed.
    Before,
    /// Everything is processed, and the client cannot know.
    After,
}

/// Reasons to refuse a request as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefusalFault {
    /// A row's title contains the text: one bad row spoils the request.
    Poison {
        /// The status, 400 to 499.
        status: StatusCode,
        /// What a title must contain.
        text: String,
    },
    /// 413 for more rows than this.
    MaxBatch(NonZeroUsize),
    /// 307 to this address.
    Redirect(HeaderValue),
    /// 429 with the documented body and this many seconds in `Retry-After`.
    TooManyRequests(u32),
    /// 200 with GraphQL's `errors` and this message.
    GraphqlError(String),
}

/// An answer with another status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFault {
    /// The status, 200 to 599.
    pub status: StatusCode,
    /// Whether the request was processed.
    pub moment: FaultMoment,
    /// The body.
    pub body: ErrorBody,
    /// `Retry-After`, word for word: seconds, a date, or nonsense.
    pub retry_after: Option<HeaderValue>,
}

/// The body of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// An object with `message`, as documented.
    Json,
    /// Plain text.
    Text,
    /// A page, as proxies answer.
    Html,
    /// Nothing.
    Empty,
}

/// Ways of not answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    /// The connection closes without an answer.
    Reset,
    /// The connection stays open without an answer until the client gives up.
    Stall,
}

/// What happens to single rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SingleRowFault {
    /// Rows whose title contains the text fail; the others go on.
    Reject(String),
}

/// What becomes of the background job. Until it ends, the answer to the request has zero counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobFate {
    /// Complete at the nth poll; the rows are stored then.
    Late(NonZeroU32),
    /// Failed at the first poll; nothing is stored.
    Fail,
    /// Failed at the first poll, although the rows were stored.
    FailStored,
    /// Never ends; nothing is stored.
    Never,
    /// The rows are stored, and the job is forgotten (404).
    Forget,
    /// Complete at once, with counts and ids.
    Complete,
    /// Complete at once, with zero counts.
    CompleteWithoutCounts,
    /// Of a status that no documentation knows; nothing is stored.
    Strange,
}

/// What is false in a bulk answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultFault {
    /// The ids in reverse order.
    ShuffleIds,
    /// createdCount is off by so many; updatedCount, where nothing was created.
    WrongCount(i64),
    /// One id of a template that was not created.
    TooManyIds,
    /// No id.
    NoIds,
    /// The first id in the place of each.
    DuplicateIds,
    /// Ids of templates that this request did not create.
    IdsOfOthers,
    /// An error about no row, beside the right answer.
    UnattributedError,
    /// An error about a row that was never sent, beside the right answer.
    ForeignError,
    /// The errors come without `record`.
    ErrorWithoutRecord,
    /// The errors come without `record` and `resourceId`.
    ErrorOnlyTitle,
    /// The errors come with their message and nothing else.
    ErrorOnlyText,
    /// The errors' `record` is JSON, not JSON text.
    ErrorRecordObject,
    /// The errors' `title` is that of another row.
    ErrorContradicts,
    /// A warning.
    Warning(String),
}

/// What is wrong with the body of an answer whose request was processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// 200 and a page.
    Html200,
    /// 200 and nothing.
    Empty200,
    /// 204.
    NoContent,
    /// 200 and JSON of another shape.
    OtherShape,
    /// No envelope.
    Bare,
    /// null in the place of zero and of empty lists.
    Nulls,
    /// The connection closes after half of the body.
    CloseMidBody,
    /// A gibibyte of white space before the JSON.
    Huge,
    /// 16 bytes at a time, with this many milliseconds between them.
    SlowDrip(u64),
    /// Plain JSON that claims to be compressed.
    GzipLie,
}
