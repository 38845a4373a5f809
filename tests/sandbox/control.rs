//! The control endpoint.

use certctl::sandbox::RateLimit;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{BULK, Bench, JOBS, PING, UPDATE, course, course_id, read};

const FAULTS: &str = "/_sandbox/faults";

#[tokio::test]
async fn every_request_is_recorded_with_its_effect() {
    let bench = Bench::new().await;
    bench.bulk(&[course(1, "One")]).await;
    let body = json!({ "templates": [course(1, "Uno"), course(2, "Two")] });
    bench.send(Method::POST, BULK, body.to_string()).await.unwrap();
    bench.send(Method::POST, UPDATE, "{").await.unwrap();
    let held = bench.control("templates").await;
    let touched = |at: usize, number| {
        let natural_key = json!({ "resourceType": "course", "resourceId": course_id(number) });
        json!([{ "id": held[at]["id"], "naturalKey": natural_key }])
    };
    let requests = bench.control("requests").await;
    let second = json!({
        "seq": 2, "method": "POST", "path": BULK, "body": body, "processed": true, "status": 200,
        "created": touched(1, 2), "updated": touched(0, 1),
    });
    assert_eq!(requests[1], second);
    let third = json!({
        "seq": 3, "method": "POST", "path": UPDATE, "body": "{", "processed": false, "status": 400,
        "created": [], "updated": [],
    });
    assert_eq!(requests[2], third);
    assert_eq!(requests.as_array().unwrap().len(), 3, "control requests are not recorded");
}

#[tokio::test]
async fn faults_are_added_replaced_and_removed() {
    let bench = Bench::with_faults(&["ping:*:204"]).await;
    let send = |method, body: Value| bench.send(method, FAULTS, body.to_string());
    let listed = |faults: &[&str]| json!({ "faults": faults });
    let answer = send(Method::POST, listed(&["bulk[One: 1]:2x3:status=500,after"])).await.unwrap();
    assert_eq!(answer.json(), listed(&["ping:*:204", "bulk[One: 1]:2x3:status=500,after"]));
    assert_eq!(bench.get(PING).await.status, 204);
    send(Method::PUT, listed(&["ping:1:status=500"])).await.unwrap();
    assert_eq!((bench.get(PING).await.status, bench.get(PING).await.status), (500, 200));
    assert_eq!(bench.control("faults").await, listed(&["ping:1:status=500"]));
    send(Method::DELETE, json!(null)).await.unwrap();
    assert_eq!(bench.control("faults").await, listed(&[]));
}

#[tokio::test]
async fn unknown_fault_is_explained_and_changes_nothing() {
    let bench = Bench::with_faults(&["ping:*:204"]).await;
    for body in [json!({ "faults": ["ping:1:500", "ping:1:rest-after"] }), json!(["ping:1:204"]), json!({})] {
        let answer = bench.send(Method::PUT, FAULTS, body.to_string()).await.unwrap();
        assert_eq!(answer.status, 400);
        assert!(answer.json()["message"].as_str().unwrap().contains("bulk:2:reset-after"));
    }
    assert_eq!(bench.control("faults").await, json!({ "faults": ["ping:*:204"] }));
}

#[tokio::test]
async fn reset_clears_everything() {
    let faults = ["ping:*:204", "bulk:1:job=complete"];
    let bench = Bench::with(|options| {
        options.rate_limit = RateLimit::per_minute(3);
        options.faults = faults.map(|text| text.parse().unwrap()).to_vec();
    })
    .await;
    let job = bench.bulk(&[course(1, "One")]).await.created()["backgroundJob"]["id"].clone();
    let job = format!("{JOBS}{}", job.as_str().unwrap());
    assert_eq!(bench.get(&job).await.status, 200);
    assert_eq!(bench.get(PING).await.status, 204);
    assert_eq!(bench.get(PING).await.status, 429);
    assert_eq!(bench.send(Method::POST, "/_sandbox/reset", "").await.unwrap().status, 204);
    for what in ["templates", "requests"] {
        assert_eq!(bench.control(what).await, json!([]), "{what}");
    }
    assert_eq!(bench.get(PING).await.status, 200);
    assert_eq!(bench.get(&job).await.status, 404);
    assert_eq!(bench.bulk(&[course(1, "One")]).await.created()["createdCount"], 1);
}

#[tokio::test]
async fn control_endpoint_rejects_other_requests() {
    let bench = Bench::new().await;
    assert_eq!(bench.send(Method::POST, "/_sandbox/requests", "").await.unwrap().status, 405);
    assert_eq!(bench.send(Method::GET, "/_sandbox/reset", "").await.unwrap().status, 405);
    assert_eq!(bench.send(Method::GET, "/_sandbox/state", "").await.unwrap().status, 404);
    let request = bench.client.post(format!("{}/_sandbox/reset", bench.server.url()));
    let answer = read(request.header("Origin", "https://example.com")).await.unwrap();
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn control_endpoint_is_off_by_default() {
    let bench = Bench::with(|options| options.control = false).await;
    for what in ["requests", "templates", "faults"] {
        assert_eq!(bench.get(&format!("/_sandbox/{what}")).await.status, 404, "{what}");
    }
}
