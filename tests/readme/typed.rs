//! Commands that documents show and no test runs: each is one that the program would accept.

use clap::error::ErrorKind;
use pulldown_cmark::{Event, Options, Parser};

use crate::{book, text};

/// Splits a line into commands, each as its words, as a shell would; what is after `#` is a remark.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut is_word, mut quote) = (String::new(), false, None);
    let mut letters = script.replace("\\\n", " ").chars().collect::<Vec<_>>().into_iter().peekable();
    let end = |word: &mut String, is_word: &mut bool, all: &mut Vec<Vec<String>>| {
        if std::mem::take(is_word) {
            all.last_mut().unwrap().push(std::mem::take(word));
        }
    };
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => word.push(letter),
            (None, '\'' | '"') => (quote, is_word) = (Some(letter), true),
            (None, '#') if !is_word => while letters.next_if(|letter| *letter != '\n').is_some() {},
            (None, '\n' | ';' | '|' | '&' | '(' | ')' | '`') => {
                end(&mut word, &mut is_word, &mut all);
                all.push(Vec::new());
            }
            (None, ' ' | '\t') => end(&mut word, &mut is_word, &mut all),
            (None, _) => {
                word.push(letter);
                is_word = true;
            }
        }
    }
    end(&mut word, &mut is_word, &mut all);
    all
}

/// The words of a command of certctl, without variables before it and redirections after it.
fn certctl(words: &[String]) -> Option<Vec<String>> {
    let is_setting =
        |word: &&String| word.split_once('=').is_some_and(|(name, _)| !name.contains(['-', '/', ' ']));
    let start = words.iter().take_while(is_setting).count();
    let words = &words[start..];
    if words.first().is_none_or(|word| word != "certctl") {
        return None;
    }
    let is_redirection = |word: &String| word.trim_start_matches(['1', '2']).starts_with(['>', '<']);
    Some(words.iter().take_while(|word| !is_redirection(word)).cloned().collect())
}

/// Checks that the program knows every command in a block.
#[track_caller]
pub(crate) fn check(document: &str, script: &str) {
    for words in commands(script).iter().filter_map(|words| certctl(words)) {
        if let Err(error) = certctl::cli::command_tree().try_get_matches_from(&words) {
            let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            assert!(is_help, "{document}: {}\n{error}", words.join(" "));
        }
    }
}

/// Checks that a command in a sentence, where it is rarely complete, names subcommands and options that there are.
#[track_caller]
fn check_in_sentence(document: &str, code: &str) {
    let Some(words) = commands(code).first().and_then(|words| certctl(words)) else { return };
    let mut tree = certctl::cli::command_tree();
    tree.build();
    let mut command = &tree;
    let mut takes_value = false;
    for word in &words[1..] {
        if std::mem::take(&mut takes_value) {
            continue;
        }
        if let Some(flag) = word.strip_prefix("--") {
            let name = flag.split('=').next().unwrap();
            let known = command.get_arguments().find(|argument| argument.get_long() == Some(name));
            let is_help = matches!(name, "help" | "version");
            assert!(known.is_some() || is_help, "{document}: there is no --{name} in `{code}`");
            takes_value =
                known.is_some_and(|argument| argument.get_action().takes_values()) && !flag.contains('=');
        } else if let Some(flag) = word.strip_prefix('-').filter(|flag| !flag.is_empty()) {
            let known = command.get_arguments().find(|argument| argument.get_short() == flag.chars().next());
            assert!(known.is_some(), "{document}: there is no -{flag} in `{code}`");
            takes_value = known.is_some_and(|argument| argument.get_action().takes_values());
        } else if command.has_subcommands() {
            // Several in one: `state list|show`.
            let first = word.split('|').next().unwrap();
            let Some(next) = command.find_subcommand(first) else {
                assert!(
                    first.chars().all(|letter| letter.is_uppercase() || !letter.is_alphabetic()),
                    "{document}: there is no {first} in `{code}`"
                );
                return;
            };
            command = next;
        }
    }
}

#[test]
fn commands_in_sentences_exist() {
    let mut checked = 0;
    let pages = book().into_iter().map(|page| format!("docs/{page}"));
    for document in pages.chain(["README.md", "SECURITY.md", "examples/academy/README.md"].map(str::to_owned))
    {
        for event in Parser::new_ext(&text(&document), Options::ENABLE_TABLES) {
            if let Event::Code(code) = event
                && code.starts_with("certctl ")
            {
                checked += 1;
                check_in_sentence(&document, &code);
            }
        }
    }
    assert!(checked > 40, "only {checked} commands were found");
}

#[test]
fn wrong_commands_are_noticed() {
    for wrong in [
        "certctl plna",
        "certctl plan --outt x",
        "A=b certctl plan --frm x | head",
        "certctl init && certctl apply --x",
    ] {
        let is_refused = std::panic::catch_unwind(|| check("x", wrong)).is_err();
        assert!(is_refused, "{wrong}");
    }
    check("x", "certctl -C 'a b' plan --out change.plan > x 2>&1 # and --not this\ngit commit --whatever");
    assert!(std::panic::catch_unwind(|| check_in_sentence("x", "certctl plan --outt")).is_err());
    assert!(std::panic::catch_unwind(|| check_in_sentence("x", "certctl sate list")).is_err());
}
