//! One connection: requests in, answers out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::app::App;
use super::delivery::{HungUp, Payload, deliver};
use super::request::Request;

/// Serves a connection until either side closes it.
pub(super) async fn serve(stream: TcpStream, app: Arc<Mutex<App>>) {
    // Answers are short and written at once, so holding them back to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, Arc::clone(&app)));
    // What ends a connection, the client going away or a fault, ends nothing else.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    request: hyper::Request<Incoming>,
    app: Arc<Mutex<App>>,
) -> Result<hyper::Response<Payload>, HungUp> {
    let (head, body) = request.into_parts();
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body: read(body).await?,
    };
    let answer = {
        // A panic in another request leaves nothing half done that the next one could not live with.
        let mut app = app.lock().unwrap_or_else(PoisonError::into_inner);
        app.answer(&request, SystemTime::now())
    };
    deliver(answer).await
}

/// The whole body; nothing where it is longer than is kept. It is read to its end all the same, since a client that
/// is still sending would not see the refusal.
async fn read(mut body: Incoming) -> Result<Option<Bytes>, HungUp> {
    let mut bytes = Vec::new();
    let mut fits = true;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| HungUp)?;
        if let Some(data) = frame.data_ref() {
            fits = fits && bytes.len() + data.len() <= Request::BODY_LIMIT;
            if fits {
                bytes.extend_from_slice(data);
            }
        }
    }
    Ok(fits.then(|| Bytes::from(bytes)))
}
