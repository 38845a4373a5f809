//! Limits on requests, rows and bytes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use certctl::model::ApiKey;
use certctl::sandbox::{Options, RateLimit, Server};
use reqwest::Method;
use serde_json::json;

use crate::bench::{BULK, Bench, KEY, PING, course};

#[tokio::test]
async fn excess_request_gets_retry_after() {
    let bench = Bench::with(|options| options.rate_limit = RateLimit::per_minute(2)).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for remaining in ["1", "0"] {
        let answer = bench.get(PING).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), Some("2"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some(remaining));
        let reset: u64 = answer.header("x-ratelimit-reset").unwrap().parse().unwrap();
        assert!((now + 60..now + 90).contains(&reset), "{reset} at {now}");
    }
    let answer = bench.bulk(&[course(1, "One")]).await;
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let message = format!("Request rate limit reached. Retry after {wait} seconds.");
    let body = json!({ "error": "rate_limit_exceeded", "message": message, "retryAfter": wait });
    assert_eq!(answer.json(), body);
    assert!(bench.titles().await.is_empty());
}

#[tokio::test]
async fn new_window_accepts_requests_again() {
    let window = Duration::from_millis(1);
    let bench = Bench::with(|options| options.rate_limit = RateLimit { requests: 1, window }).await;
    let mut waited = 0;
    for _ in 0..20 {
        // The connection often takes longer than the window; an early request is repeated.
        while bench.get(PING).await.status == 429 {
            waited += 1;
            assert!(waited < 10_000, "the window never ends");
        }
    }
}

#[tokio::test]
async fn row_limit_is_enforced() {
    let bench = Bench::new().await;
    let rows: Vec<_> = (0..101).map(|number| course(number, "Many")).collect();
    let answer = bench.bulk(&rows).await;
    assert_eq!(answer.status, 413);
    assert!(answer.json()["message"].as_str().unwrap().contains("100"));
    assert_eq!(bench.bulk(&rows[..100]).await.created()["createdCount"], 100);
}

#[tokio::test]
async fn size_limit_is_enforced() {
    let bench = Bench::new().await;
    let body = "{\"templates\": []}";
    let padded = |bytes: usize| format!("{body}{}", " ".repeat(bytes - body.len()));
    let limit = 32 * 1024 * 1024;
    assert_eq!(bench.send(Method::POST, BULK, padded(limit)).await.unwrap().status, 200);
    assert_eq!(bench.send(Method::POST, BULK, padded(limit + 1)).await.unwrap().status, 413);
    assert_eq!(bench.last_request().await["body"], json!(null));
}

#[tokio::test]
async fn only_loopback_is_served() {
    let mut options = Options::new(ApiKey::new(KEY).unwrap());
    options.listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let error = Server::start(options).await.unwrap_err();
    assert!(error.to_string().contains("this machine only"), "{error}");
}

#[tokio::test]
async fn port_in_use_is_named() {
    let bench = Bench::new().await;
    let mut options = Options::new(ApiKey::new(KEY).unwrap());
    options.listen = bench.server.address();
    let error = Server::start(options).await.unwrap_err().to_string();
    assert!(error.contains(&bench.server.address().to_string()), "{error}");
}

#[tokio::test]
async fn server_stops_on_request() {
    let server = Server::start(Options::new(ApiKey::new(KEY).unwrap())).await.unwrap();
    let connection = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    server.shutdown().await;
    // The server closed its end: an end of file, or a reset if it had not accepted the connection.
    connection.readable().await.unwrap();
    match connection.try_read(&mut [0]) {
        Ok(bytes) => assert_eq!(bytes, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}
