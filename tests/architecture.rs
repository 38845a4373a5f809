//! The arrows between the modules: src/lib.rs lists them, and this parses the code for every path that leads to another
//! module.
#![expect(clippy::unwrap_used, reason = "the lint knows test functions, not the functions that they share")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, UseTree};

/// Which modules a module may import. `main` and `cli` may import everything.
const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("crash", &[]),
    ("repository", &[]),
    ("config", &["model", "repository"]),
    ("desired", &["model", "config"]),
    ("state", &["model", "repository", "crash"]),
    ("inventory", &["model", "desired", "state"]),
    ("plan", &["model", "desired", "state"]),
    ("api", &["model", "crash"]),
    ("apply", &["model", "plan", "state", "api", "crash"]),
    ("view", &["model", "inventory", "plan", "state", "apply"]),
    ("report", &["model", "view", "state", "inventory"]),
    ("sandbox", &["model", "api::wire"]),
    ("library", &["model", "config", "desired", "state", "plan", "sandbox"]),
];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Everything in the crate that a file refers to, as paths from the root.
struct Paths {
    /// The module of the code, from the crate's root.
    module: Vec<String>,
    found: BTreeSet<String>,
}

impl Paths {
    fn of(module: Vec<String>, code: &str) -> BTreeSet<String> {
        let mut paths = Self { module, found: BTreeSet::new() };
        paths.visit_file(&syn::parse_file(code).unwrap());
        paths.found
    }

    /// A path as written; a path that starts elsewhere (an import, another crate) is ignored.
    fn add(&mut self, written: &[String]) {
        let mut place = self.module.clone();
        let mut rest = written;
        match written.first().map(String::as_str) {
            Some("crate") => {
                place.clear();
                rest = &written[1..];
            }
            Some("self" | "super") => {
                while let Some((word, others)) = rest.split_first() {
                    match word.as_str() {
                        "self" => {}
                        "super" => drop(place.pop()),
                        _ => break,
                    }
                    rest = others;
                }
            }
            _ => return,
        }
        place.extend(rest.iter().cloned());
        if place.is_empty() {
            // `pub(crate)`.
            return;
        }
        self.found.insert(place.join("::"));
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&path.tree, &with(path.ident.to_string())),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(name) => self.add(&with(name.ident.to_string())),
            UseTree::Glob(_) => self.add(&with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(tree, before)),
        }
    }

    /// A macro's arguments are not parsed code: every path in their tokens counts.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == ':' => {}
                other => {
                    self.add(&std::mem::take(&mut path));
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.add(&path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

impl<'code> Visit<'code> for Paths {
    fn visit_item(&mut self, item: &'code Item) {
        let attributes: &[Attribute] = match item {
            Item::Const(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'code syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'code ItemUse) {
        self.use_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'code syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&words);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, macro_call: &'code Macro) {
        self.tokens(macro_call.tokens.clone());
        visit::visit_macro(self, macro_call);
    }
}

/// The module of a file in src.
fn module_of(file: &Path, source: &Path) -> Vec<String> {
    let path = file.strip_prefix(source).unwrap().with_extension("");
    let mut module: Vec<String> =
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// Whether a path leads into a module, or to the named part of it.
fn leads_to(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_stem().is_some_and(|stem| stem == "tests" || stem == "memory_store")
}

/// The lint `unused_crate_dependencies` looks at what is shipped (src/lib.rs), this at the rest.
#[test]
fn every_development_dependency_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        rust_files(&root.join(folder), &mut files);
    }
    let code: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let section = manifest.split("\n[dev-dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names =
        section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_"));
    let names: Vec<String> = names.collect();
    let unused: Vec<&String> = names.iter().filter(|name| !code.contains(&format!("{name}::"))).collect();
    assert!(names.len() > 5 && unused.is_empty(), "{unused:?} of {names:?}");
}

#[test]
fn every_import_is_in_the_table() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut violations = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (room, allowed) in MAY_IMPORT {
        let mut files = Vec::new();
        rust_files(&source.join(room), &mut files);
        for file in files.iter().filter(|file| !is_test_file(file)) {
            *seen.entry(room).or_default() += 1;
            for path in Paths::of(module_of(file, &source), &fs::read_to_string(file).unwrap()) {
                let permitted = std::iter::once(&room).chain(allowed).any(|room| leads_to(&path, room));
                if !permitted {
                    violations.push(format!("{}: crate::{path}", file.display()));
                }
            }
        }
    }
    assert!(violations.is_empty(), "arrows that src/lib.rs does not draw:\n{}", violations.join("\n"));
    assert_eq!(seen.len(), MAY_IMPORT.len(), "a room without files is a room that was not checked: {seen:?}");
}

/// What other programs can use. Whatever is added here must stay as it is.
const PUBLIC: [&str; 14] = [
    "ApplyPlan",
    "Error",
    "Finding",
    "InvalidKey",
    "Key",
    "RULES",
    "Sandbox",
    "SourceLocation",
    "State",
    "Summary",
    "TargetEnvironment",
    "Templates",
    "WARNINGS",
    "main",
];

mod public_api {
    use syn::Visibility;

    use super::*;

    /// The names that a file makes public, and the modules that are public to the project's own tests only.
    struct Exports {
        names: BTreeSet<String>,
        internals: BTreeSet<String>,
    }

    impl Exports {
        fn of(code: &str) -> Self {
            let mut exports = Self { names: BTreeSet::new(), internals: BTreeSet::new() };
            for item in syn::parse_file(code).unwrap().items {
                exports.add(&item);
            }
            exports
        }

        fn add(&mut self, item: &Item) {
            match item {
                Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => self.tree(&item.tree),
                Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) => {
                    let names = if is_internal(&item.attrs) { &mut self.internals } else { &mut self.names };
                    names.insert(item.ident.to_string());
                }
                Item::Mod(_) | Item::Use(_) => {}
                _ => drop(self.names.insert("an item of its own".to_owned())),
            }
        }

        fn tree(&mut self, tree: &UseTree) {
            match tree {
                UseTree::Path(path) => self.tree(&path.tree),
                UseTree::Name(name) => drop(self.names.insert(name.ident.to_string())),
                UseTree::Rename(name) => drop(self.names.insert(name.rename.to_string())),
                UseTree::Glob(_) => drop(self.names.insert("*".to_owned())),
                UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree)),
            }
        }
    }

    /// Whether an item exists only with the feature `internals`.
    fn is_internal(attributes: &[Attribute]) -> bool {
        attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
            attribute
                .parse_args::<syn::MetaNameValue>()
                .is_ok_and(|pair| pair.path.is_ident("feature") && is_text(&pair.value, "internals"))
        })
    }

    fn is_text(value: &syn::Expr, text: &str) -> bool {
        matches!(value, syn::Expr::Lit(literal) if matches!(&literal.lit, syn::Lit::Str(found) if found.value() == text))
    }

    #[test]
    fn has_no_other_names() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
        let Exports { names, internals } = Exports::of(&fs::read_to_string(root).unwrap());
        let expected: BTreeSet<String> = PUBLIC.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names, expected);
        // `library` is what is exported; `cli` is in no row of the table, because it may import everything.
        let modules = MAY_IMPORT.iter().map(|(module, _)| *module).filter(|module| *module != "library");
        let modules: BTreeSet<String> = modules.chain(["cli"]).map(str::to_owned).collect();
        assert_eq!(internals, modules);
    }

    #[test]
    fn is_open_for_tests_only() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
        let features = manifest["features"].as_table().unwrap();
        let opens = |feature: &toml::Value| {
            feature.as_array().unwrap().iter().any(|one| one.as_str() == Some("internals"))
        };
        assert!(!features.values().any(opens), "no other feature may open the modules: {features:?}");
    }

    #[test]
    fn is_read_from_every_kind_of_export() {
        let code = "mod a; pub mod b; #[cfg(feature = \"internals\")] pub mod c; #[cfg(feature = \"other\")] pub mod d; \
                    pub use a::{A, B as C}; pub use b::*; use b::D;";
        let Exports { names, internals } = Exports::of(code);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["*", "A", "C", "b", "d"]);
        assert_eq!(internals.into_iter().collect::<Vec<_>>(), ["c"]);
    }
}

mod the_check_sees {
    use super::*;

    fn found(code: &str) -> Vec<String> {
        let module = vec!["plan".to_owned(), "fit".to_owned()];
        Paths::of(module, code).into_iter().filter(|path| !leads_to(path, "plan")).collect()
    }

    #[test]
    fn imports_of_every_form() {
        assert_eq!(
            found("use crate::{api::{self, Client}, model::*}; pub use super::super::cli::run as go;"),
            ["api::Client", "api::self", "cli::run", "model::*"]
        );
        assert_eq!(found("use crate::api as network; use std::fmt; use serde::Serialize;"), ["api"]);
    }

    #[test]
    fn paths_in_code() {
        assert_eq!(
            found("fn f(a: &crate::api::Client) { crate::cli::run::<crate::config::Config>(); }").len(),
            3
        );
        assert_eq!(found("fn f() { println!(\"{}\", crate::sandbox::name(1)); }"), ["sandbox::name"]);
        assert_eq!(found("mod inner { use super::super::super::api::Call; }"), ["api::Call"]);
    }

    #[test]
    fn test_code_is_skipped() {
        let code = "#[cfg(test)] mod tests { use crate::api::Client; } #[cfg(unix)] use crate::cli::run;";
        assert_eq!(found(code), ["cli::run"]);
        assert_eq!(
            found("#[cfg(test)] use crate::api::Client; use crate::config::Config;"),
            ["config::Config"]
        );
    }
}
