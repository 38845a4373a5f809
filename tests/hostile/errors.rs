//! Errors that name nobody, or somebody who was never there.

use crate::scene::{Scene, keys};
use crate::support::{Template, numbered};

#[test]
fn an_error_about_no_row_leaves_creates_in_doubt() {
    Scene::creating("bulk:1:unattributed-error")
        .ends(4, &[("in_doubt", 2)])
        .says(&["the server reported an error that fits no row of the request", "certctl recover"])
        .doubts_are_frozen();
}

#[test]
fn an_error_about_a_row_that_was_never_sent_leaves_creates_in_doubt() {
    Scene::creating("bulk:1:foreign-error")
        .ends(4, &[("in_doubt", 2)])
        .says(&["fits no row of the request", "certctl recover"])
        .doubts_are_frozen();
}

#[test]
fn an_error_without_any_identification_is_given_to_nobody() {
    let faults = ["bulk:*:error-only-text", "bulk:*:reject=002"];
    let scene = Scene::of(&faults, "", &numbered(1..=3))
        .ends(4, &[("in_doubt", 3)])
        .says(&["fits no row of the request", "no name at all"])
        .doubts_are_frozen();
    assert_eq!(scene.sandbox.templates().len(), 2);
}

#[test]
fn an_error_that_contradicts_itself_is_given_to_nobody() {
    let faults = ["bulk:*:error-contradicts", "bulk:*:reject=002"];
    Scene::of(&faults, "", &numbered(1..=3)).ends(4, &[("in_doubt", 3)]).doubts_are_frozen();
}

#[test]
fn an_error_in_any_documented_form_finds_its_row() {
    for kind in ["error-without-record", "error-only-title", "error-record-object"] {
        let scene = Scene::of(&[&format!("bulk:*:{kind}"), "bulk:*:reject=002"], "", &numbered(1..=3))
            .ends(3, &[("applied", 2), ("failed", 1)])
            .says(&["Correct what failed, then apply again: certctl apply -e test"]);
        assert_eq!(keys(&scene.project, "failed"), ["t-002"], "{kind}");
        scene.the_next_apply_finishes();
    }
}

#[test]
fn rows_that_share_a_title_go_apart_once_an_error_fits_several() {
    let templates: Vec<Template> = (1..=8).map(|number| Template::number(number).titled("Same")).collect();
    let faults = ["bulk:*:error-only-title", "bulk:*:reject=Same"];
    // The first request cannot be told apart; from then on each goes alone.
    Scene::of(&faults, "batch_size = 4\nconcurrency = 1", &templates)
        .ends(4, &[("in_doubt", 4), ("failed", 4)])
        .says(&["an error that fits this row and others of the same request"])
        .costs(5);
}
