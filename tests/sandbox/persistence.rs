//! Data that survives the server.

use std::path::Path;

use certctl::model::ApiKey;
use certctl::sandbox::{Options, Server};

use crate::bench::{Bench, KEY, course};

async fn start(store: &Path) -> Bench {
    Bench::with(|options| options.store = Some(store.to_owned())).await
}

#[tokio::test]
async fn templates_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("sandbox/store.jsonl");
    let bench = start(&store).await;
    let mut row = course(1, "One");
    row["newVendorField"] = serde_json::json!({ "kept": [1, 2.5, "three"] });
    bench.bulk(&[row, course(2, "Two")]).await;
    bench.bulk(&[course(1, "Uno")]).await;
    let before = bench.control("templates").await;
    bench.server.shutdown().await;

    let bench = start(&store).await;
    assert_eq!(bench.control("templates").await, before);
    assert_eq!(bench.bulk(&[course(2, "Due")]).await.created()["updatedCount"], 1);
    assert_eq!(bench.titles().await, ["Uno", "Due"]);
    bench.send(reqwest::Method::POST, "/_sandbox/reset", "").await.unwrap();
    bench.bulk(&[course(3, "Three")]).await;
    bench.server.shutdown().await;
    assert_eq!(start(&store).await.titles().await, ["Three"]);
}

#[tokio::test]
async fn rows_are_stored_before_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.jsonl");
    let bench = start(&store).await;
    let id = bench.bulk(&[course(1, "One")]).await.created()["createdIds"][0].clone();
    let text = std::fs::read_to_string(&store).unwrap();
    assert!(text.ends_with('\n') && text.contains(id.as_str().unwrap()), "{text}");
    // A request costs as much as its rows: existing data is not written again.
    bench.bulk(&[course(2, "Two")]).await;
    let more = std::fs::read_to_string(&store).unwrap();
    assert_eq!((more.starts_with(&text), more.lines().count()), (true, 2));
}

#[tokio::test]
async fn damaged_store_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.jsonl");
    let text = "{\"id\": 7}\n";
    std::fs::write(&store, text).unwrap();
    let mut options = Options::new(ApiKey::new(KEY).unwrap());
    options.store = Some(store.clone());
    let error = Server::start(options).await.unwrap_err().to_string();
    assert!(error.contains("line 1 is damaged") && error.contains("store.jsonl"), "{error}");
    assert_eq!(std::fs::read_to_string(&store).unwrap(), text);
}
