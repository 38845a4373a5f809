//! Commands are written in one place: no other text of the program has one.

use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// Where texts may name commands: what can be typed and its examples, and the one place that writes them.
const ALLOWED: [&str; 3] = ["src/cli/args.rs", "src/cli/args/state.rs", "src/cli/invocation.rs"];
/// A page or a comment names the command that it is of; git calls its merge driver.
const HEADINGS: [&str; 4] =
    ["certctl plan for ", "certctl apply to ", "<!-- certctl ", "'certctl state merge %O %A %B"];
const SUBCOMMANDS: [&str; 11] = [
    "-C ",
    "-e ",
    "init",
    "validate",
    "plan",
    "apply",
    "show ",
    "recover",
    "import",
    "state ",
    "preview KEY",
];

#[derive(Default)]
struct Texts(Vec<String>);

impl<'a> Visit<'a> for Texts {
    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.0.push(text.value());
    }

    /// Tests say what is printed.
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
        });
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_attribute(&mut self, attribute: &'a syn::Attribute) {
        // Comments are no texts; the words of an error are.
        if let syn::Meta::List(list) = &attribute.meta {
            self.of_tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, invoked: &'a syn::Macro) {
        self.of_tokens(invoked.tokens.clone());
    }
}

impl Texts {
    fn of_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.of_tokens(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.0.push(text.value());
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_a_command(text: &str) -> bool {
    let text = HEADINGS.iter().fold(text.to_owned(), |text, heading| text.replace(heading, ""));
    text.match_indices("certctl ").any(|(at, word)| {
        SUBCOMMANDS.iter().any(|subcommand| text[at + word.len()..].starts_with(subcommand))
    })
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_text_has_a_command_but_where_they_are_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    files(&root.join("src"), &mut sources);
    let mut found = Vec::new();
    for source in sources {
        let name = source.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if ALLOWED.contains(&name.as_str()) || name.contains("tests") || name.ends_with("specimens.rs") {
            continue;
        }
        let mut texts = Texts::default();
        texts.visit_file(&syn::parse_file(&std::fs::read_to_string(&source).unwrap()).unwrap());
        found.extend(
            texts.0.into_iter().filter(|text| is_a_command(text)).map(|text| format!("{name}: {text}")),
        );
    }
    assert!(found.is_empty(), "commands for `model::Advice`: {found:#?}");
    assert!(is_a_command("run: certctl apply") && !is_a_command("what certctl sends"));
}

#[cfg(unix)]
#[test]
fn a_word_reads_in_the_shell_as_was_meant() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let texts: [&[u8]; 9] = [
        b"-n",
        b"a b\\c\"d'e`f$g!h*i?j[k]l~m#n;o|p&q<r>s(t){u}",
        "日本語 コース é".as_bytes(),
        b"a\nb",
        "\u{202e}-x%s\u{200b}'\\n".as_bytes(),
        "-\u{202e}".as_bytes(),
        b"not \xff utf-8",
        b"a,b:c=d@e+f",
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes(),
    ];
    for text in texts {
        let word = certctl::model::shell_word(OsStr::from_bytes(text));
        assert_eq!(certctl::report::safe_text(&word), word);
        let script = format!("printf '%s.' {word}");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(output.stdout, [text, b"."].concat(), "{word}");
    }
}
