//! Faults of the connection, the status and the body.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{BULK, Bench, KEY, PING, course};

/// Sends one row to a server with this fault; returns the answer, and whether the row was stored.
async fn one_row(fault: &str) -> (crate::bench::Sent, bool) {
    let bench = Bench::with_faults(&[fault]).await;
    let sent = bench.try_bulk(&[course(1, "One")]).await;
    let stored = bench.titles().await == ["One"];
    let requests = bench.control("requests").await;
    assert_eq!(requests.as_array().unwrap().len(), 1, "{fault}: the client sent twice");
    assert_eq!(requests[0]["processed"], stored, "{fault}");
    let status = sent.as_ref().ok().map(|answer| answer.status);
    let told = requests[0]["status"].as_u64();
    // After half a body, the server has answered but the client cannot read it.
    let expected = if fault.contains("mid-body") { Some(200) } else { status.map(u64::from) };
    assert_eq!(told, expected, "{fault}");
    (sent, stored)
}

#[tokio::test]
async fn connection_closes_without_an_answer() {
    for (fault, processed) in [("bulk:1:reset-before", false), ("bulk:1:reset-after", true)] {
        let (sent, stored) = one_row(fault).await;
        assert!(sent.unwrap_err().is_request(), "{fault}");
        assert_eq!(stored, processed, "{fault}");
    }
}

#[tokio::test]
async fn connection_closes_during_the_answer() {
    let bench = Bench::with_faults(&["bulk:1:close-mid-body"]).await;
    let url = format!("{}{BULK}", bench.server.url());
    let request = bench.client.post(url).header("Authorization", format!("Bearer {KEY}"));
    let body = json!({ "templates": [course(1, "One")] }).to_string();
    let mut response = request.header("Content-Type", "application/json").body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let promised = response.content_length().unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert_eq!(first.len() as u64, promised / 2);
    assert!(response.chunk().await.is_err());
    let (sent, stored) = one_row("bulk:1:close-mid-body").await;
    assert!(sent.is_err() && stored);
}

#[tokio::test]
async fn reused_connection_closes_too() {
    let bench = Bench::with_faults(&["bulk:2:reset-after"]).await;
    bench.bulk(&[course(1, "One")]).await;
    assert!(bench.try_bulk(&[course(2, "Two")]).await.is_err());
    assert_eq!(bench.titles().await, ["One", "Two"]);
    assert_eq!(bench.control("requests").await.as_array().unwrap().len(), 2, "the client sent twice");
}

#[tokio::test]
async fn no_answer_until_the_client_gives_up() {
    for (fault, processed) in [("bulk:1:stall-before", false), ("bulk:1:stall-after", true)] {
        let bench = Bench::with_faults(&[fault]).await;
        let rows = [course(1, "One")];
        let patience = async {
            while bench.control("requests").await == json!([]) {}
            for _ in 0..20 {
                assert_eq!(bench.get(PING).await.status, 200);
            }
        };
        tokio::select! {
            sent = bench.try_bulk(&rows) => panic!("{fault}: {sent:?}"),
            () = patience => {}
        }
        assert_eq!(!bench.titles().await.is_empty(), processed, "{fault}");
        let request = &bench.control("requests").await[0];
        assert_eq!((&request["processed"], &request["status"]), (&json!(processed), &Value::Null), "{fault}");
        // A waiting client does not keep the server from stopping.
        bench.server.shutdown().await;
    }
}

#[tokio::test]
async fn error_status_before_or_after_processing() {
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (kind, status, processed, content_type, retry_after) in [
        ("status=503", 503, false, Some("application/json"), None),
        ("status=500,after", 500, true, Some("application/json"), None),
        ("status=502,after,body=html", 502, true, Some("text/html; charset=utf-8"), None),
        ("status=504,body=text", 504, false, Some("text/plain; charset=utf-8"), None),
        ("status=403,body=empty", 403, false, None, None),
        ("status=503,after,retry-after=2", 503, true, Some("application/json"), Some("2")),
        (&format!("status=429,retry-after={date}"), 429, false, Some("application/json"), Some(date)),
    ] {
        let (sent, stored) = one_row(&format!("bulk:1:{kind}")).await;
        let answer = sent.unwrap();
        assert_eq!((answer.status, stored), (status, processed), "{kind}");
        assert_eq!(answer.header("content-type"), content_type, "{kind}");
        assert_eq!(answer.header("retry-after"), retry_after, "{kind}");
        assert!(answer.header("x-ratelimit-limit").is_some(), "{kind}");
        match content_type {
            Some("application/json") => assert!(answer.json()["message"].is_string(), "{kind}"),
            Some(_) => assert!(answer.text.contains("Gateway"), "{kind}: {}", answer.text),
            None => assert_eq!(answer.text, "", "{kind}"),
        }
    }
}

#[tokio::test]
async fn whole_request_is_rejected() {
    for (kind, status, header) in [
        ("429=32", 429, Some(("retry-after", "32"))),
        ("429", 429, Some(("retry-after", "1"))),
        ("poison=On", 422, None),
        ("poison=400,On", 400, None),
        ("redirect=http://127.0.0.1:9/elsewhere", 307, Some(("location", "http://127.0.0.1:9/elsewhere"))),
    ] {
        let (sent, stored) = one_row(&format!("bulk:*:{kind}")).await;
        let answer = sent.unwrap();
        assert_eq!((answer.status, stored), (status, false), "{kind}");
        if let Some((name, value)) = header {
            assert_eq!(answer.header(name), Some(value), "{kind}");
        }
    }
    let (sent, stored) = one_row("bulk:*:poison=Two").await;
    assert_eq!((sent.unwrap().status, stored), (200, true));
}

#[tokio::test]
async fn smaller_batch_is_accepted() {
    let bench = Bench::with_faults(&["bulk:*:max-batch=1"]).await;
    let rows = [course(1, "One"), course(2, "Two")];
    assert_eq!(bench.bulk(&rows).await.status, 413);
    assert_eq!(bench.bulk(&rows[..1]).await.status, 200);
    assert_eq!(bench.titles().await, ["One"]);
}

#[tokio::test]
async fn success_with_a_meaningless_body() {
    for (kind, status, start) in [
        ("html-200", 200, "<!DOCTYPE html>"),
        ("empty-200", 200, ""),
        ("204", 204, ""),
        ("other-shape", 200, "{\"result\":[{\"ok\":1}]"),
        ("bare", 200, "{\"backgroundJob\":null,\"createdCount\":1"),
        ("gzip-lie", 200, "{\"data\":{\"APIBulkCreateCertificateTemplates\":"),
    ] {
        let (sent, stored) = one_row(&format!("bulk:1:{kind}")).await;
        let answer = sent.unwrap();
        assert_eq!((answer.status, stored), (status, true), "{kind}");
        assert!(answer.text.starts_with(start), "{kind}: {}", answer.text);
        assert_eq!(answer.text.is_empty(), start.is_empty(), "{kind}");
        let encoding = (kind == "gzip-lie").then_some("gzip");
        assert_eq!(answer.header("content-encoding"), encoding, "{kind}");
    }
}

#[tokio::test]
async fn body_has_null_instead_of_empty() {
    let (sent, _) = one_row("bulk:1:nulls").await;
    let result = sent.unwrap().created();
    let ids = &result["createdIds"];
    let expected = json!({
        "createdCount": 1, "updatedCount": null, "createdIds": ids, "errors": null, "warnings": null,
        "backgroundJob": null,
    });
    assert_eq!(result, expected);
}

#[tokio::test]
async fn body_arrives_slowly() {
    let began = Instant::now();
    let (sent, stored) = one_row("bulk:1:slow-drip=10").await;
    let answer = sent.unwrap();
    assert!(stored && answer.created()["createdCount"] == 1);
    let drops = u32::try_from(answer.text.len().div_ceil(16)).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(10) * drops);
}

#[tokio::test]
async fn body_is_enormous() {
    let bench = Bench::with_faults(&["ping:1:huge-body"]).await;
    let request = bench.client.get(format!("{}{PING}", bench.server.url()));
    let mut response = request.header("Authorization", format!("Bearer {KEY}")).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (200, None));
    let mut seen = 0;
    while seen < 48 * 1024 * 1024 {
        let chunk = response.chunk().await.unwrap().unwrap();
        assert!(chunk.iter().all(|byte| *byte == b' '));
        seen += chunk.len();
    }
}

#[tokio::test]
async fn headers_are_invalid() {
    let bench = Bench::with_faults(&["ping:1:header=X-RateLimit-Remaining: none", "ping:1:status=500"]).await;
    let answer = bench.get(PING).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (500, Some("none")));
    assert_eq!(answer.headers.get_all("x-ratelimit-remaining").iter().count(), 1);
    assert_ne!(bench.get(PING).await.header("x-ratelimit-remaining"), Some("none"));
}

#[tokio::test]
async fn every_endpoint_can_fail() {
    for (fault, method, path) in [
        ("ping:1:status=500", Method::GET, PING),
        ("update:1:status=500", Method::POST, crate::bench::UPDATE),
        ("jobs:1:status=500", Method::GET, "/incoming/v2/jobs/7"),
        ("any:1:status=500", Method::POST, BULK),
    ] {
        let bench = Bench::with_faults(&[fault]).await;
        let send = || bench.send(method.clone(), path, "{\"templates\": []}");
        assert_eq!(send().await.unwrap().status, 500, "{fault}");
        assert_ne!(send().await.unwrap().status, 500, "{fault}");
    }
}
