//! Tests where marks are kept, when they rise, and how they are found again.

use uuid::Uuid;

use super::*;
use crate::state::{StateIdentity, WriteId};

fn identity() -> StateIdentity {
    StateIdentity { environment: "test".to_owned(), url: "https://a.example.com".to_owned() }
}

fn state(lineage: &str, writes: &[u128]) -> Document {
    let mut document = Document::empty(&identity(), lineage.to_owned());
    for &id in writes {
        document.writes.push(WriteId::new(Uuid::from_u128(id)));
    }
    document
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn marks(&self, server: &str, state: &str) -> Marks {
        Marks::new(&self.folder.path().join("state"), "test", server.to_owned(), Path::new(state))
    }
}

fn raise(marks: &Marks, document: &Document) {
    marks.raise(document).unwrap();
}

fn newest(marks: &Marks, lineage: Option<&str>) -> Option<Document> {
    marks.find(lineage).unwrap().map(|mark| mark.document().unwrap())
}

#[test]
fn a_mark_only_rises() {
    let home = Home::new();
    let marks = home.marks("a", "/p/state.json");
    assert_eq!(newest(&marks, Some("l")), None);
    let (first, second, fork) = (state("l", &[1]), state("l", &[1, 2]), state("l", &[1, 3]));
    for (raised, expected) in [(&first, &first), (&second, &second), (&first, &second), (&fork, &second)] {
        raise(&marks, raised);
        assert_eq!(newest(&marks, Some("l")).as_ref(), Some(expected));
    }
}

/// Reads this text as a state in place, in blocks, beside the mark.
fn read_beside(marks: &Marks, text: &str) {
    let mut beside = marks.beside("l").unwrap();
    text.as_bytes().chunks(50).for_each(|block| beside.compare(block));
    marks.remember(beside, &Digest::of(text.as_bytes()));
}

#[test]
fn a_digest_is_used_for_its_mark_only() {
    let home = Home::new();
    let marks = home.marks("a", "/p/state.json");
    let (first, second) = (state("l", &[1]), state("l", &[1, 2]));
    raise(&marks, &first);
    let text = first.to_text().unwrap();
    read_beside(&marks, &text);
    let found = || marks.find(Some("l")).unwrap().unwrap();
    assert_eq!(found().digest, Some(Digest::of(text.as_bytes())));
    raise(&marks, &second);
    assert_eq!(found().digest, None);
}

#[test]
fn another_text_is_not_the_mark() {
    let home = Home::new();
    let written = state("l", &[1]);
    raise(&home.marks("a", "/p/state.json"), &written);
    let text = written.to_text().unwrap();
    let shorter = &text[..text.len() - 1];
    for other in [shorter, &format!("{text} "), &text.replace('t', "T"), ""] {
        let marks = home.marks("a", "/p/state.json");
        read_beside(&marks, other);
        assert_eq!(marks.find(Some("l")).unwrap().unwrap().digest, None, "{other}");
    }
}

#[test]
fn marks_are_apart_by_lineage_and_server() {
    let home = Home::new();
    raise(&home.marks("a", "/p/state.json"), &state("l", &[1]));
    assert_eq!(newest(&home.marks("a", "/p/state.json"), Some("m")), None);
    assert_eq!(newest(&home.marks("b", "/p/state.json"), Some("l")), None);
    assert!(newest(&home.marks("a", "/another/clone.json"), Some("l")).is_some());
}

#[test]
fn a_missing_state_is_found_by_path() {
    let home = Home::new();
    let marks = home.marks("a", "/p/state.json");
    raise(&marks, &state("l", &[1]));
    raise(&marks, &state("m", &[2]));
    assert_eq!(newest(&marks, None), Some(state("m", &[2])));
    assert_eq!(newest(&home.marks("a", "/another/clone.json"), None), None);
    assert_eq!(newest(&home.marks("b", "/p/state.json"), None), None);
}

#[test]
fn a_mark_outlives_the_name_of_its_environment() {
    let home = Home::new();
    raise(&home.marks("a", "/p/state.json"), &state("l", &[1]));
    let room = home.folder.path().join("state");
    let renamed = Marks::new(&room, "renamed", "a".to_owned(), Path::new("/p/renamed.json"));
    assert_eq!(newest(&renamed, Some("l")), Some(state("l", &[1])));
    raise(&renamed, &state("l", &[1, 2]));
    assert_eq!(renamed.on_server().len(), 1);
    assert_eq!(newest(&home.marks("a", "/p/state.json"), Some("l")), Some(state("l", &[1, 2])));
}

#[test]
fn only_marks_of_the_server_are_found() {
    let home = Home::new();
    raise(&home.marks("a", "/p/state.json"), &state("l", &[1]));
    raise(&home.marks("a", "/q/state.json"), &state("m", &[2]));
    raise(&home.marks("b", "/r/state.json"), &state("n", &[3]));
    fs::write(home.folder.path().join("state/certctl/marks/nonsense.json"), "nonsense").unwrap();
    let found = home.marks("a", "/elsewhere/state.json").on_server();
    let mut lineages: Vec<_> = found.iter().map(|mark| mark.outline.ancestry.lineage.as_str()).collect();
    lineages.sort_unstable();
    assert_eq!(lineages, ["l", "m"]);
}

#[test]
fn a_long_mark_is_read_at_its_ends() {
    let home = Home::new();
    let marks = home.marks("a", "/p/state.json");
    let mut long = state("l", &[1, 2]);
    let row = crate::state::Row::default();
    long.templates = (0..300)
        .map(|number| (crate::model::Key::new(format!("t-{number}")).unwrap(), row.clone()))
        .collect();
    raise(&marks, &long);
    let mark = marks.find(Some("l")).unwrap().unwrap();
    assert_eq!(mark.outline.ancestry, long.ancestry());
    assert_eq!(mark.relation_of(&state("l", &[1])), Some(Relation::Older));
}

#[test]
fn other_files_are_errors() {
    let home = Home::new();
    let marks = home.marks("a", "/p/state.json");
    raise(&marks, &state("l", &[1]));
    let path = marks.find(Some("l")).unwrap().unwrap().path;
    fs::write(&path, "nonsense").unwrap();
    assert!(marks.find(Some("l")).is_err());
    // The next write repairs it.
    raise(&marks, &state("l", &[1, 2]));
    assert_eq!(newest(&marks, Some("l")), Some(state("l", &[1, 2])));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn only_its_user_may_read_it() {
        let home = Home::new();
        let marks = home.marks("a", "/p/state.json");
        raise(&marks, &state("l", &[1]));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let path = marks.find(Some("l")).unwrap().unwrap().path;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn links_are_not_followed() {
        let home = Home::new();
        let marks = home.marks("a", "/p/state.json");
        raise(&marks, &state("l", &[1]));
        let path = marks.find(Some("l")).unwrap().unwrap().path;
        let elsewhere = home.folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(marks.find(Some("l")).is_err());
        let before = fs::read(&elsewhere).unwrap();
        raise(&marks, &state("l", &[1, 2]));
        assert_eq!(fs::read(&elsewhere).unwrap(), before);
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
    }

    #[test]
    fn a_linked_folder_is_not_used() {
        let home = Home::new();
        let marks = home.marks("a", "/p/state.json");
        fs::create_dir(home.folder.path().join("state")).unwrap();
        symlink("/nowhere", home.folder.path().join("state/certctl")).unwrap();
        let document = state("l", &[1]);
        assert!(marks.raise(&document).is_err());
    }
}
