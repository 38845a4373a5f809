//! What the files of a release repeat.

use std::path::Path;

use super::release::VERSION;

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn install_script_has_this_version() {
    assert!(text("install.sh").contains(&format!("\nversion={VERSION}\n")), "the version in install.sh");
}

#[test]
fn install_script_has_the_release_key() {
    let script = text("install.sh");
    let key = script.split_once("CERTCTL_RELEASE_KEY:-").unwrap().1.split_once('}').unwrap().0;
    let public = Path::new(env!("CARGO_MANIFEST_DIR")).join("release/minisign.pub");
    let public = std::fs::read_to_string(public).ok();
    let expected = public.as_deref().map_or("none", |text| text.lines().nth(1).unwrap());
    assert_eq!(key, expected, "install.sh and release/minisign.pub");
}

#[test]
fn licences_are_those_that_are_allowed() {
    let list = |file: &str, table: &str, name: &str| {
        let value: toml::Value = toml::from_str(&text(file)).unwrap();
        let value = if table.is_empty() { &value } else { &value[table] };
        value[name].as_array().unwrap().clone()
    };
    assert_eq!(list("release/about.toml", "", "accepted"), list("deny.toml", "licenses", "allow"));
}
