//! One word for one thing: what docs/glossary.md names is in the code, and no two types share a name.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::Item;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the program, without its tests.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "tests" {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") && path.file_name().unwrap() != "tests.rs"
        {
            files.push(path);
        }
    }
    files
}

fn is_word_of(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let ends = text[..at].ends_with(is_part) || text[at + word.len()..].starts_with(is_part);
        !ends
    })
}

#[test]
fn its_names_are_in_the_code() {
    let code: String =
        sources(&root().join("src")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let rows = glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| word"));
    let (mut names, mut unknown) = (0, Vec::new());
    for row in rows {
        let column = row.split(" | ").nth(1).unwrap_or_default();
        for name in column.split('`').skip(1).step_by(2) {
            names += 1;
            if !name.split("::").all(|part| is_word_of(&code, part)) {
                unknown.push(name);
            }
        }
    }
    assert!(names > 30, "only {names} names were found");
    assert_eq!(unknown, [""; 0], "names in docs/glossary.md that the code does not have");
}

fn type_names(items: &[Item], names: &mut Vec<String>) {
    for item in items {
        match item {
            Item::Struct(item) => names.push(item.ident.to_string()),
            Item::Enum(item) => names.push(item.ident.to_string()),
            Item::Trait(item) => names.push(item.ident.to_string()),
            Item::Type(item) => names.push(item.ident.to_string()),
            Item::Mod(module) if !module.attrs.iter().any(|one| one.path().is_ident("cfg")) => {
                type_names(module.content.as_ref().map_or(&[], |(_, items)| items), names);
            }
            _ => {}
        }
    }
}

#[test]
fn no_two_types_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources(&root().join("src")) {
        let mut names = Vec::new();
        type_names(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap().items, &mut names);
        // Two forms of one type, each for some systems, are in one file.
        names.sort();
        names.dedup();
        for name in names {
            places.entry(name).or_default().push(path.display().to_string());
        }
    }
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "each of these names two types: {places:#?}");
}
