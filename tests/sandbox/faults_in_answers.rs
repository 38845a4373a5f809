//! Faults in the bulk answer.

use serde_json::{Value, json};

use crate::bench::{Bench, course, lost};

/// Sends two valid rows and an invalid one; returns the server's answer, and the ids that it really assigned.
async fn three_rows(kind: &str) -> (Value, Vec<Value>) {
    let bench = Bench::with_faults(&[&format!("bulk:2:{kind}")]).await;
    bench.bulk(&[course(9, "Older")]).await;
    let told = bench.bulk(&[course(1, "One"), course(2, "Two"), lost("Lost")]).await.created();
    assert_eq!(bench.titles().await, ["Older", "One", "Two"], "{kind}: the rows are processed all the same");
    let held = bench.control("templates").await;
    let ids = held.as_array().unwrap().iter().map(|template| template["id"].clone()).collect();
    (told, ids)
}

#[tokio::test]
async fn ids_do_not_match_the_rows() {
    for (kind, expected) in [
        ("warning=x", [Some(1), Some(2), None]),
        ("shuffle-ids", [Some(2), Some(1), None]),
        ("no-ids", [None, None, None]),
        ("duplicate-ids", [Some(1), Some(1), None]),
    ] {
        let (told, ids) = three_rows(kind).await;
        let expected: Vec<_> = expected.into_iter().flatten().map(|at: usize| ids[at].clone()).collect();
        assert_eq!(told["createdIds"], json!(expected), "{kind}");
        assert_eq!(told["createdCount"], 2, "{kind}");
    }
    let (told, ids) = three_rows("too-many-ids").await;
    assert_eq!(told["createdIds"].as_array().unwrap()[..2], ids[1..]);
    assert!(!ids.contains(&told["createdIds"][2]));
    let (told, ids) = three_rows("ids-of-others").await;
    assert_eq!(told["createdIds"][0], ids[0]);
    assert!(!ids.contains(&told["createdIds"][1]));
}

#[tokio::test]
async fn counts_and_warnings() {
    assert_eq!(three_rows("wrong-count=+1").await.0["createdCount"], 3);
    assert_eq!(three_rows("wrong-count=-1").await.0["createdCount"], 1);
    assert_eq!(three_rows("warning=Mind the gap").await.0["warnings"], json!(["Mind the gap"]));
}

#[tokio::test]
async fn errors_have_missing_or_wrong_members() {
    let zero = "00000000-0000-0000-0000-000000000000";
    let text = "Resource not found";
    let record = lost("Lost").to_string();
    for (kind, expected) in [
        (
            "error-without-record",
            json!({ "resourceId": zero, "title": "Lost", "error": text, "record": null }),
        ),
        ("error-only-title", json!({ "resourceId": null, "title": "Lost", "error": text, "record": null })),
        ("error-only-text", json!({ "resourceId": null, "title": null, "error": text, "record": null })),
        (
            "error-record-object",
            json!({ "resourceId": zero, "title": "Lost", "error": text, "record": lost("Lost") }),
        ),
        ("error-contradicts", json!({ "resourceId": zero, "title": "One", "error": text, "record": record })),
    ] {
        assert_eq!(three_rows(kind).await.0["errors"], json!([expected]), "{kind}");
    }
}

#[tokio::test]
async fn errors_are_about_no_row() {
    let (told, _) = three_rows("unattributed-error").await;
    assert_eq!(told["errors"].as_array().unwrap().len(), 2);
    let expected =
        json!({ "resourceId": null, "title": null, "error": "Something went wrong", "record": null });
    assert_eq!(told["errors"][1], expected);
    let (told, _) = three_rows("foreign-error").await;
    assert_eq!(told["errors"].as_array().unwrap().len(), 2);
    assert_eq!(told["errors"][1]["title"], "A template that nobody sent");
}

#[tokio::test]
async fn rows_fail_by_title_and_faults_combine() {
    let faults = ["bulk:1:reject=Tw", "bulk:1:error-only-title", "bulk:1:shuffle-ids"];
    let bench = Bench::with_faults(&faults).await;
    let rows = [course(1, "One"), course(2, "Two"), course(3, "Three")];
    let told = bench.bulk(&rows).await.created();
    let error =
        json!({ "resourceId": null, "title": "Two", "error": "The template was rejected", "record": null });
    assert_eq!(told["errors"], json!([error]));
    assert_eq!(bench.titles().await, ["One", "Three"]);
    let held = bench.control("templates").await;
    assert_eq!(told["createdIds"], json!([held[1]["id"], held[0]["id"]]));
}
