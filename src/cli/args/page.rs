//! Prints the commands as docs/commands.md. In tests only.

use clap::builder::StyledStr;
use clap::{Arg, Command};

use super::command_tree;
use crate::model::reference::{assert_current, code, row};

const INTRODUCTION: &str = "\
# Commands

Every command, with its arguments and options. `certctl COMMAND --help` says the same. Data goes to stdout; progress, questions, warnings and logs go to stderr.
Paths are relative to the folder where you are, also with `-C`. [Exit codes](exit-codes.md) says what the exit code of a command means.

This page is printed from the program's own command tree; `just snapshots` renews it.
";

const VARIABLES: &str = "
## Environment variables

A variable that is set to an empty text counts as not set.

| variable | meaning |
|---|---|
| `CERTCTL_API_KEY`, else `TI_API_KEY` | the API key of the academy |
| `CERTCTL_API_KEY_FILE` | a file that holds the API key |
| `CERTCTL_ENV` | the environment, if `--env` names none |
| `CERTCTL_VAR_NAME` | the value of `${var.NAME}`, or of `${var.name}`, as `--var NAME=VALUE` |
| `CERTCTL_OBSERVER_PASSWORD`, else `CERTCTL_OBSERVER_PASSWORD_FILE` | the password of the [observer](observer.md), or a file that holds it |
| `CERTCTL_ACTOR`, `CERTCTL_COMMIT`, `CERTCTL_RUN_URL` | who applies what, as the state records it; without them, what GitHub and GitLab say ([Undo](undo.md)) |
| `CERTCTL_LOG` | what to log to stderr: `error`, `warn`, `info`, `debug` or `trace` |
| `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` | when to use colour |
| `COLUMNS` | how wide the terminal is |
| `XDG_STATE_HOME`, `XDG_CACHE_HOME` | where certctl keeps the newest state that it wrote, and what it found in git |
| `HTTPS_PROXY`, `NO_PROXY` | a proxy, and for which hosts there is none |

A state on shared storage takes the variables of its storage as well: [Shared state](shared-state.md).
";

/// A text of clap's, for Markdown.
fn plain(text: &StyledStr) -> String {
    text.to_string().replace('<', "&lt;").replace("\n\n", " ").replace('\n', " ")
}

fn about(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(plain).unwrap_or_default();
    let mut text = help;
    if !argument.is_hide_possible_values_set() && argument.get_action().takes_values() {
        let values = argument.get_possible_values();
        let names: Vec<String> = values.iter().map(|value| code(value.get_name())).collect();
        if !names.is_empty() {
            text.push_str(&format!(". One of {}", names.join(", ")));
        }
    }
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|value| code(&value.to_string_lossy())).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() && !argument.is_hide_default_value_set() {
        text.push_str(&format!(". Without it: {}", defaults.join(", ")));
    }
    text
}

fn name(argument: &Arg) -> String {
    if argument.is_positional() {
        return code(&argument.to_string());
    }
    let short = argument.get_short().map(|letter| format!("-{letter}, ")).unwrap_or_default();
    code(&format!("{short}{argument}").replace("...", ""))
}

fn arguments(command: &Command, global: bool) -> String {
    let shown: Vec<&Arg> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && argument.is_global_set() == global)
        .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
        .collect();
    if shown.is_empty() {
        return String::new();
    }
    let mut text = row(&["argument or option", "meaning"]) + "|---|---|\n";
    for argument in shown {
        text.push_str(&row(&[&name(argument), &about(argument)]));
    }
    text + "\n"
}

/// The help after the options: examples become a block of commands, and the list of faults stays as it is.
fn after(command: &Command) -> String {
    let Some(help) = command.get_after_help().map(ToString::to_string) else { return String::new() };
    let (mut text, mut block) = (String::new(), Vec::<String>::new());
    let mut lines = help.lines().peekable();
    while let Some(line) = lines.next() {
        let words = line.trim();
        if line.starts_with("  certctl ") || line.starts_with("  git ") {
            let (typed, remark) = words.split_once("  ").unwrap_or((words, ""));
            block.push(if remark.trim().is_empty() {
                typed.to_owned()
            } else {
                format!("{typed}    # {}", remark.trim())
            });
        } else if line.starts_with("     ") && !block.is_empty() {
            block.last_mut().unwrap().push_str(&format!("    # {words}"));
        } else if words == "Example:" || words == "Examples:" || words.is_empty() {
            text.push_str(&written(&mut block));
        } else if words == "Faults:" {
            let grammar: Vec<&str> = lines.by_ref().collect();
            text.push_str(&format!(
                "{}{words}\n\n```text\n{}\n```\n\n",
                written(&mut block),
                grammar.join("\n").trim_end()
            ));
        } else {
            assert!(
                !line.starts_with(' '),
                "{}: the page has no form for this line: {line}",
                command.get_name()
            );
            text.push_str(&written(&mut block));
            text.push_str(&format!("{}\n", words.replace('<', "&lt;")));
            if lines.peek().is_none_or(|next| next.trim().is_empty() || next.starts_with("  ")) {
                text.push('\n');
            }
        }
    }
    text + &written(&mut block)
}

fn written(block: &mut Vec<String>) -> String {
    if block.is_empty() {
        return String::new();
    }
    let lines = block.join("\n");
    block.clear();
    format!("<!-- not run: examples of the help -->\n```sh\n{lines}\n```\n\n")
}

fn section(command: &Command, words: &str, text: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let usage = command.clone().bin_name(words).disable_help_flag(true).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    text.push_str(&format!("## `{words}`\n\n"));
    text.push_str(&format!(
        "{}.\n\n",
        command.get_about().map(plain).unwrap_or_default().trim_end_matches('.')
    ));
    text.push_str(&format!("```text\n{usage}\n```\n\n"));
    text.push_str(&arguments(command, false));
    text.push_str(&after(command));
    for subcommand in command.get_subcommands() {
        section(subcommand, &format!("{words} {}", subcommand.get_name()), text);
    }
}

#[test]
fn the_page_is_current() {
    let mut tree = command_tree();
    tree.build();
    let mut text = format!("{INTRODUCTION}\n## Options of every command\n\n{}", arguments(&tree, true));
    for command in tree.get_subcommands() {
        section(command, &format!("certctl {}", command.get_name()), &mut text);
    }
    let page = format!("{}\n{VARIABLES}", text.trim_end());
    assert_current("commands.md", &page);
}

#[test]
fn every_environment_variable_is_on_the_page() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![folder];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                for rest in shipped.split("\"CERTCTL_").skip(1) {
                    let name: String = rest
                        .chars()
                        .take_while(|letter| letter.is_ascii_uppercase() || *letter == '_')
                        .collect();
                    seen.insert(format!("CERTCTL_{name}"));
                }
            }
        }
    }
    // Of builds for tests.
    let of_tests = ["CERTCTL_CRASH", "CERTCTL_FAIL", "CERTCTL_NO_LOCKS", "CERTCTL_PAUSE", "CERTCTL_RESUME"];
    seen.retain(|name| !of_tests.iter().any(|start| name.starts_with(start)));
    assert!(seen.len() > 5, "{seen:?}");
    let missing: Vec<_> = seen.iter().filter(|name| !VARIABLES.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "add {missing:?} to VARIABLES in src/cli/args/page.rs");
}
