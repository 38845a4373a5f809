//! Neither the key, which is a part of an address here, nor the password is shown.

use crate::scene::{PASSWORD, Scene, project_at, shows_no_secret};
use crate::support::numbered;

#[test]
fn no_log_has_a_secret() {
    let mut scene = Scene::applied(&[], &numbered(1..=1));
    scene.project.set_env("CERTCTL_LOG", "trace");
    let run = scene.project.run(&["observer", "status", "-vv"]).exits(0);
    assert!(run.stderr.contains("/helium"), "there is a log");
    shows_no_secret(&run);
}

#[test]
fn no_error_has_a_secret() {
    for fault in [
        "helium:*:reset-before",
        "helium:*:status=500,body=html",
        "helium:*:redirect=http://127.0.0.1:9/?apiKey=marked+key/8d1f=Z",
        "helium:*:html-200",
        "helium:*:errors=marked+key/8d1f=Z and pass wörd+/9\"x",
        "helium:*:status=404",
    ] {
        let mut scene = Scene::applied(&["--fault", fault], &numbered(1..=1));
        scene.project.set_env("CERTCTL_LOG", "trace");
        let run = scene.project.run(&["observer", "status"]).exits(1);
        shows_no_secret(&run);
    }
}

#[test]
fn nothing_answers_and_no_secret_is_shown() {
    let mut project = project_at("http://127.0.0.1:9");
    project.templates(&numbered(1..=1));
    project.set_env("CERTCTL_LOG", "trace");
    let run = project.run(&["observer", "status"]);
    assert_eq!(run.code, 1);
    shows_no_secret(&run);
}

#[test]
fn a_password_in_a_file_is_refused() {
    let scene = Scene::of(&[], &numbered(1..=1));
    scene.project.write("templates/more.yaml", format!("# {PASSWORD}\ntemplates: {{}}\n"));
    let run = scene.project.run(&["validate"]).exits(1).says("the observer's password is written here");
    shows_no_secret(&run);
    let scene = Scene::of(&[], &numbered(1..=1));
    let settings = scene.project.read("certctl.toml");
    scene.project.write("certctl.toml", format!("{settings}password = \"hunter2-hunter2\"\n"));
    let run = scene.project.run(&["validate"]).exits(1).says("CERTCTL_OBSERVER_PASSWORD");
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[test]
fn the_state_has_no_secret() {
    let scene = Scene::applied(&[], &numbered(1..=1));
    scene.project.run(&["observer", "status"]).exits(0);
    for (path, content) in scene.project.snapshot() {
        let text = String::from_utf8_lossy(&content).into_owned();
        assert!(!text.contains(PASSWORD) && !text.contains("marked+key"), "{}", path.display());
    }
}
