//! How an answer gets to the client, or does not.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{CONTENT_LENGTH, HeaderValue};

use super::response::{Delivery, Response};

/// The body of a response.
pub(super) type Payload = UnsyncBoxBody<Bytes, io::Error>;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
pub(super) struct HungUp;

/// How many bytes a dripping answer sends at a time.
const DROP_BYTES: usize = 16;
/// How much white space a huge answer has, in pieces of [`PADDING_BYTES`].
const PADDINGS: usize = 16 * 1024;
const PADDING_BYTES: usize = 64 * 1024;

/// Makes a response of an answer. An error closes the connection.
pub(super) async fn deliver(answer: Response) -> Result<hyper::Response<Payload>, HungUp> {
    let length = HeaderValue::from(answer.body.len());
    let mut response = hyper::Response::new(match answer.delivery {
        Delivery::HangUp => return Err(HungUp),
        Delivery::Stall => std::future::pending().await,
        Delivery::Whole => whole(answer.body),
        Delivery::Half => half(&answer.body),
        Delivery::Drip(pause) => drip(answer.body, pause),
        Delivery::Huge => huge(answer.body),
    });
    *response.status_mut() = answer.status;
    *response.headers_mut() = *answer.headers;
    if matches!(answer.delivery, Delivery::Half | Delivery::Drip(_)) {
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    Ok(response)
}

fn whole(body: Bytes) -> Payload {
    Full::new(body).map_err(|never: Infallible| match never {}).boxed_unsync()
}

fn half(body: &Bytes) -> Payload {
    let half = body.slice(..body.len() / 2);
    boxed(StreamBody::new(stream::unfold(Some(half), |half| async {
        match half {
            Some(half) if !half.is_empty() => Some((Ok(Frame::data(half)), Some(Bytes::new()))),
            _ => {
                // The half has to be on its way before the error ends the connection.
                tokio::task::yield_now().await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
            }
        }
    })))
}

fn drip(body: Bytes, pause: Duration) -> Payload {
    boxed(StreamBody::new(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let drop = rest.split_to(DROP_BYTES.min(rest.len()));
        Some((Ok(Frame::data(drop)), rest))
    })))
}

fn huge(body: Bytes) -> Payload {
    let padding = std::iter::repeat_n(Bytes::from(vec![b' '; PADDING_BYTES]), PADDINGS);
    let pieces = padding.chain([body]).map(|piece| Ok(Frame::data(piece)));
    boxed(StreamBody::new(stream::iter(pieces)))
}

fn boxed(body: impl Body<Data = Bytes, Error = io::Error> + Send + 'static) -> Payload {
    body.boxed_unsync()
}
