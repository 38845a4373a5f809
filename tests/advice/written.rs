//! Commands are written in one place; no other text of the program contains one.

use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use crate::support::{Run, certctl};

/// Where texts may name commands: the command line's definition with its examples, the exit codes that its help lists, and
/// the one place that writes them.
const ALLOWED: [&str; 4] = ["src/cli/args.rs", "src/cli/args/", "src/cli/invocation.rs", "src/model/exit.rs"];
/// A page or a comment names its own command; git calls its merge driver.
const HEADINGS: [&str; 5] = [
    "certctl plan for ",
    "certctl apply to ",
    "certctl drift for ",
    "<!-- certctl ",
    "'certctl state merge %O %A %B",
];
/// The mark on files that certctl has drawn.
const MARKS: [&str; 2] = ["certctl preview", "<!-- Drawn by certctl preview. -->\n"];
/// What may precede a subcommand.
const GLOBAL: [&str; 2] = ["-C", "-e"];

/// What follows the program's name, as the program itself lists it.
fn beginnings() -> Vec<String> {
    let help = Run::of(certctl().arg("--help").output().unwrap()).exits(0).stdout;
    let (_, listed) = help.split_once("\nCommands:\n").unwrap();
    let (listed, _) = listed.split_once("\n\n").unwrap();
    let names = listed.lines().filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned);
    names.chain(GLOBAL.map(str::to_owned)).collect()
}

#[derive(Default)]
struct Texts(Vec<String>);

impl<'a> Visit<'a> for Texts {
    fn visit_lit_str(&mut self, text: &'a syn::LitStr) {
        self.0.push(text.value());
    }

    /// Tests quote the output.
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
        // Comments are not texts; error messages are.
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

fn is_a_command(text: &str, beginnings: &[String]) -> bool {
    let text = HEADINGS.iter().fold(text.to_owned(), |text, heading| text.replace(heading, ""));
    text.split("certctl ").skip(1).any(|rest| {
        let word = rest.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap();
        beginnings.iter().any(|beginning| beginning == word)
    })
}

/// Where texts may name options of certctl or of another program, and why.
const NAME_OPTIONS: [(&str, &str); 5] = [
    ("src/cli/", "the command line knows its options"),
    ("src/model/exit.rs", "what an exit code means, for the help and the reference"),
    ("src/sandbox/", "the embedded server has no other caller"),
    ("src/state/history/", "they are git's"),
    ("src/state/shared/request_failure.rs", "they are those of the clouds' own tools"),
];

fn names_an_option(text: &str) -> bool {
    text.match_indices("--").any(|(at, dashes)| {
        let is_begun = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        is_begun && text[at + dashes.len()..].starts_with(|c: char| c.is_ascii_lowercase())
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

/// The texts in the program's code that are not wanted, each with its file, except in files whose names begin so.
fn unwanted(excepted: &[&str], is_unwanted: impl Fn(&str) -> bool) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    files(&root.join("src"), &mut sources);
    let mut found = Vec::new();
    for source in sources {
        let name = source.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if excepted.iter().any(|allowed| name.starts_with(allowed))
            || name.contains("tests")
            || name.ends_with("specimens.rs")
            // Prints the documentation, in tests.
            || name.ends_with("reference.rs")
        {
            continue;
        }
        let mut texts = Texts::default();
        texts.visit_file(&syn::parse_file(&std::fs::read_to_string(&source).unwrap()).unwrap());
        let texts = texts.0.into_iter().filter(|text| is_unwanted(text));
        found.extend(texts.map(|text| format!("{name}: {text}")));
    }
    found
}

#[test]
fn options_are_named_in_cli() {
    let found = unwanted(&NAME_OPTIONS.map(|(place, _)| place), names_an_option);
    assert!(found.is_empty(), "options for `model::RunOption`: {found:#?}");
    assert!(names_an_option("say --env") && names_an_option("(--env)") && names_an_option("--x"));
    assert!(!["a -- b", "a--b", "---x", "--", "-x"].into_iter().any(names_an_option));
}

#[test]
fn commands_are_written_in_one_place() {
    let beginnings = beginnings();
    let found = unwanted(&ALLOWED, |text| !MARKS.contains(&text) && is_a_command(text, &beginnings));
    assert!(found.is_empty(), "commands for `model::Advice`: {found:#?}");
    let is_a_command = |text| is_a_command(text, &beginnings);
    for command in ["run: certctl apply", "certctl sandbox\n", "certctl state: x", "`certctl -C a plan`"] {
        assert!(is_a_command(command), "{command}");
    }
    assert!(!is_a_command("what certctl sends") && !is_a_command("certctl shows"));
}

#[cfg(unix)]
#[test]
fn words_are_quoted_for_the_shell() {
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
