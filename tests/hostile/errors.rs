//! Errors that name no row, or a row that was never sent.

use crate::scene::{Scene, keys};
use crate::support::{Template, numbered};

#[test]
fn error_about_no_row_leaves_creates_in_doubt() {
    Scene::creating("bulk:1:unattributed-error")
        .ends(4, &[("in_doubt", 2)])
        .says(&["the server reported an error that fits no row of the request", "certctl recover"])
        .assert_doubts_are_frozen();
}

#[test]
fn error_about_unsent_row_leaves_creates_in_doubt() {
    Scene::creating("bulk:1:foreign-error")
        .ends(4, &[("in_doubt", 2)])
        .says(&["fits no row of the request", "certctl recover"])
        .assert_doubts_are_frozen();
}

#[test]
fn anonymous_error_is_assigned_to_no_row() {
    let faults = ["bulk:*:error-only-text", "bulk:*:reject=002"];
    let scene = Scene::of(&faults, "", &numbered(1..=3))
        .ends(4, &[("in_doubt", 3)])
        .says(&["fits no row of the request", "no name at all"])
        .assert_doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

#[test]
fn contradictory_error_is_assigned_to_no_row() {
    let faults = ["bulk:*:error-contradicts", "bulk:*:reject=002"];
    Scene::of(&faults, "", &numbered(1..=3)).ends(4, &[("in_doubt", 3)]).assert_doubts_are_frozen();
}

#[test]
fn documented_errors_find_their_row() {
    for kind in ["error-without-record", "error-only-title", "error-record-object"] {
        let scene = Scene::of(&[&format!("bulk:*:{kind}"), "bulk:*:reject=002"], "", &numbered(1..=3))
            .ends(3, &[("applied", 2), ("failed", 1)])
            .says(&["Correct what failed, then apply again: certctl apply -e test"]);
        assert_eq!(keys(&scene.project, "failed"), ["t-002"], "{kind}");
        scene.next_apply_completes();
    }
}

#[test]
fn rows_with_equal_titles_are_sent_separately() {
    let templates: Vec<Template> = (1..=8).map(|number| Template::number(number).titled("Same")).collect();
    let faults = ["bulk:*:error-only-title", "bulk:*:reject=Same"];
    // The rows of the first request cannot be told apart; from then on each is sent alone.
    Scene::of(&faults, "batch_size = 4\nconcurrency = 1", &templates)
        .ends(4, &[("in_doubt", 4), ("failed", 4)])
        .says(&["an error that fits this row and others of the same request"])
        .costs(5);
}
