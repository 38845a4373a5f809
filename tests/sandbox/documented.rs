//! What the vendor documents (vendor-api.md sections 1, 2 and 5).

use certctl::sandbox::{Envelope, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{BULK, Bench, JOBS, KEY, PING, UPDATE, course, course_id, lost, read};

#[tokio::test]
async fn ping_checks_the_key() {
    let bench = Bench::new().await;
    let answer = bench.get(PING).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "valid": true })));
    for key in [None, Some("Bearer another-key"), Some(KEY)] {
        let mut request = bench.client.get(format!("{}{PING}", bench.server.url()));
        if let Some(key) = key {
            request = request.header("Authorization", key);
        }
        let answer = read(request).await.unwrap();
        assert_eq!((answer.status, answer.text.as_str()), (401, ""), "{key:?}");
        assert!(answer.header("x-ratelimit-limit").is_some());
    }
}

#[tokio::test]
async fn bulk_endpoint_creates_then_updates() {
    let bench = Bench::new().await;
    let answer = bench.bulk(&[course(1, "One"), course(2, "Two")]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let result = answer.created();
    let ids = result["createdIds"].clone();
    let expected = json!({
        "createdCount": 2, "updatedCount": 0, "createdIds": ids, "errors": [], "warnings": [], "backgroundJob": null
    });
    assert_eq!(answer.json(), json!({ "data": { "APIBulkCreateCertificateTemplates": expected } }));

    let result = bench.bulk(&[course(3, "Three"), course(1, "Uno")]).await.created();
    assert_eq!((&result["createdCount"], &result["updatedCount"]), (&json!(1), &json!(1)));
    let held = bench.control("templates").await;
    let held: Vec<_> = held.as_array().unwrap().iter().map(|one| (&one["id"], &one["attributes"])).collect();
    let expected = [course(1, "Uno"), course(2, "Two"), course(3, "Three")];
    let expected_ids = [&ids[0], &ids[1], &result["createdIds"][0]];
    assert_eq!(held, expected_ids.into_iter().zip(&expected).collect::<Vec<_>>());
}

#[tokio::test]
async fn update_endpoint_changes_only_sent_fields() {
    let bench = Bench::new().await;
    let mut row = course(1, "One");
    row["expirationDays"] = json!(365);
    let id = bench.bulk(&[row]).await.created()["createdIds"][0].clone();
    let unknown = course_id(9);
    let rows =
        [json!({ "id": id, "title": "Uno", "expirationDays": null }), json!({ "id": unknown, "title": "x" })];
    let answer = bench.update(&rows).await.json();
    let result = &answer["data"]["APIBulkUpdateCertificateTemplates"];
    assert_eq!((&result["createdCount"], &result["updatedCount"]), (&json!(0), &json!(1)));
    assert_eq!(result["errors"][0]["resourceId"], json!(unknown));
    assert_eq!(result["errors"].as_array().unwrap().len(), 1);
    assert_eq!(bench.control("templates").await[0]["attributes"], course(1, "Uno"));
}

#[tokio::test]
async fn failed_row_does_not_stop_others() {
    let bench = Bench::new().await;
    let mut short = course(3, "Small print");
    short["labels"] = json!([{ "certificateFieldId": course_id(8), "fontSize": 4 }]);
    let answer = bench.bulk(&[course(1, "One"), lost("Lost"), short.clone(), course(2, "Two")]).await;
    assert_eq!(answer.status, 200);
    let result = answer.created();
    assert_eq!(result["createdCount"], 2);
    let [first, second] = result["errors"].as_array().unwrap().as_slice() else { panic!("{result}") };
    let zero = "00000000-0000-0000-0000-000000000000";
    let record = lost("Lost").to_string();
    assert_eq!(
        first,
        &json!({ "resourceId": zero, "title": "Lost", "error": "Resource not found", "record": record })
    );
    assert_eq!(second["error"], "labels[0].fontSize must be an integer of at least 5");
    let record: Value = serde_json::from_str(second["record"].as_str().unwrap()).unwrap();
    assert_eq!(record, short);
    assert_eq!(bench.titles().await, ["One", "Two"]);
}

#[tokio::test]
async fn undocumented_requests_are_rejected() {
    let bench = Bench::new().await;
    let refused = [
        (Method::GET, BULK, "", 405),
        (Method::PUT, UPDATE, "{}", 405),
        (Method::POST, PING, "{}", 405),
        (Method::POST, "/incoming/v2/content/certificate-templates", "{}", 404),
        (Method::GET, "/", "", 404),
        (Method::GET, "/incoming/v2/jobs/8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01", "", 404),
        (Method::POST, BULK, "{", 400),
        (Method::POST, BULK, "[]", 400),
        (Method::POST, BULK, "{\"template\": []}", 400),
        (Method::POST, UPDATE, "{\"templates\": [1]}", 400),
    ];
    for (method, path, body, status) in refused {
        let answer = bench.send(method.clone(), path, body).await.unwrap();
        assert_eq!(answer.status, status, "{method} {path} {body}");
        assert!(answer.json()["message"].is_string());
        assert!(answer.header("x-ratelimit-remaining").is_some());
        assert_eq!(bench.last_request().await["processed"], false, "{method} {path} {body}");
    }
    let request = bench.client.post(format!("{}{BULK}", bench.server.url())).body("{\"templates\": []}");
    let answer = read(request.header("Authorization", format!("Bearer {KEY}"))).await.unwrap();
    assert_eq!(answer.status, 415);
}

#[tokio::test]
async fn envelope_can_be_switched_off() {
    let bench = Bench::with(|options| {
        options.envelope = Envelope::Bare;
        options.faults = vec!["bulk:1:job=complete".parse().unwrap()];
    })
    .await;
    let answer = bench.bulk(&[course(1, "One")]).await.json();
    assert_eq!(answer["createdCount"], 1);
    let id = answer["backgroundJob"]["id"].as_str().unwrap();
    assert_eq!(bench.get(&format!("{JOBS}{id}")).await.json()["status"], "complete");
}

#[tokio::test]
async fn without_upsert_second_create_makes_a_duplicate() {
    let bench = Bench::with(|options| options.matching = Matching::Off).await;
    for _ in 0..2 {
        assert_eq!(bench.bulk(&[course(1, "One")]).await.created()["createdCount"], 1);
    }
    assert_eq!(bench.titles().await, ["One", "One"]);
}

#[tokio::test]
async fn concurrent_requests_do_not_create_twice() {
    let bench = Bench::new().await;
    let rows = [course(1, "One")];
    let answers = futures_util::future::join_all((0..16).map(|_| bench.bulk(&rows))).await;
    let created = answers.iter().filter(|answer| answer.created()["createdCount"] == 1).count();
    assert_eq!((created, bench.titles().await.len()), (1, 1));
}
