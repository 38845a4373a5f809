//! Background jobs on request.

use serde_json::{Value, json};

use crate::bench::{Bench, JOBS, course, lost};

/// Sends a valid and an invalid row, then queries the job twice. Returns the answer, the status of each query, and the
/// number of templates after each of the three steps.
async fn life(fate: &str) -> (Value, Vec<Value>, Vec<usize>) {
    let bench = Bench::with_faults(&[&format!("bulk:1:{fate}")]).await;
    let told = bench.bulk(&[course(1, "One"), lost("Lost")]).await.created();
    let mut stored = vec![bench.titles().await.len()];
    let mut statuses = vec![told["backgroundJob"]["status"].clone()];
    let id = told["backgroundJob"]["id"].as_str().unwrap();
    for _ in 0..2 {
        let answer = bench.get(&format!("{JOBS}{id}")).await;
        statuses.push(match answer.status {
            200 => answer.json()["data"]["APIBackgroundJob"]["status"].clone(),
            status => json!(status),
        });
        stored.push(bench.titles().await.len());
    }
    let created: usize = bench
        .control("requests")
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["created"].as_array().unwrap().len())
        .sum();
    assert_eq!(created, stored[2], "{fate}: every create is in the log, once");
    (told, statuses, stored)
}

#[tokio::test]
async fn every_job_fate_ends_as_declared() {
    for (fate, created, statuses, stored) in [
        ("job=late:1", 0, json!(["queued", "complete", "complete"]), [0, 1, 1]),
        ("job=late:2", 0, json!(["queued", "queued", "complete"]), [0, 0, 1]),
        ("job=fail", 0, json!(["queued", "failed", "failed"]), [0, 0, 0]),
        ("job=fail-stored", 0, json!(["queued", "failed", "failed"]), [1, 1, 1]),
        ("job=never", 0, json!(["queued", "queued", "processing"]), [0, 0, 0]),
        ("job=forget", 0, json!(["queued", 404, 404]), [1, 1, 1]),
        ("job=complete", 1, json!(["complete", "complete", "complete"]), [1, 1, 1]),
        ("job=complete-without-counts", 0, json!(["complete", "complete", "complete"]), [1, 1, 1]),
        ("job=strange", 0, json!(["queued", "paused", "paused"]), [0, 0, 0]),
    ] {
        let (told, seen, held) = life(fate).await;
        assert_eq!(told["createdCount"], created, "{fate}");
        assert_eq!(told["createdIds"].as_array().unwrap().len(), created, "{fate}");
        assert_eq!(told["errors"].as_array().unwrap().len(), 1, "{fate}");
        assert_eq!((json!(seen), held), (statuses, stored.to_vec()), "{fate}");
    }
}

#[tokio::test]
async fn jobs_have_every_documented_field() {
    let bench = Bench::with_faults(&["update:1:job=fail"]).await;
    let answer = bench.update(&[]).await.json();
    let opened = answer["data"]["APIBulkUpdateCertificateTemplates"]["backgroundJob"].clone();
    let answer = bench.get(&format!("{JOBS}{}", opened["id"].as_str().unwrap())).await.json();
    let expected = json!({
        "id": opened["id"], "type": "bulkUpdateCertificateTemplates", "repeatable": false, "status": "failed",
        "description": "Bulk update certificate templates", "errorMessage": "The job failed",
        "createdAt": opened["createdAt"],
    });
    assert_eq!(answer["data"]["APIBackgroundJob"], expected);
    assert!(opened["createdAt"].as_str().unwrap().ends_with('Z'));
}
