//! `certctl explain`: what a rule requires, with a wrong and a right example. It reads no file of the project.

use super::args::ExplainArgs;
use super::failure::Failure;
use super::output::Output;
use crate::model::{ExamplePart, Exit, RuleExample, did_you_mean};
use crate::{config, desired, inventory};

/// Rules that are about the same thing.
struct Chapter {
    title: &'static str,
    /// What a violation leads to.
    consequence: &'static str,
    rules: &'static [(&'static str, &'static str)],
    examples: &'static [RuleExample],
}

/// All rules.
const CHAPTERS: [Chapter; 5] = [
    Chapter {
        title: "Template files: errors",
        consequence: "An error: nothing is planned or sent until it is corrected.",
        rules: &desired::RULES,
        examples: &desired::EXAMPLES,
    },
    Chapter {
        title: "Template files: warnings",
        consequence: "A warning: most likely a mistake. `validate --deny-warnings` makes it an error.",
        rules: &desired::WARNINGS,
        examples: &desired::EXAMPLES,
    },
    Chapter {
        title: "certctl.toml",
        consequence: "An error: no command that needs this environment does anything until it is corrected.",
        rules: &config::RULES,
        examples: &config::EXAMPLES,
    },
    Chapter {
        title: "Formatting",
        consequence: "The file is left as it is, the others are formatted, and the exit code is 1.",
        rules: &desired::FORMAT_RULES,
        examples: &[],
    },
    Chapter {
        title: "Exports and certificates",
        consequence: "What it is about is left out and settles nothing; everything else goes on, and the exit code is 3. If it is about the \
                      whole file, nothing is read.",
        rules: &inventory::RULES,
        examples: &[],
    },
];

impl Chapter {
    fn requirement(&self, rule: &str) -> Option<&'static str> {
        self.rules.iter().find(|(id, _)| *id == rule).map(|(_, requires)| *requires)
    }

    fn example(&self, rule: &str) -> Option<&'static RuleExample> {
        self.examples.iter().find(|example| example.rule == rule)
    }
}

/// Where the lines of an example belong.
fn place(part: ExamplePart) -> &'static str {
    match part {
        ExamplePart::TemplateLines => "in a template",
        ExamplePart::TemplateFile => "in a template file",
        ExamplePart::Settings => "in certctl.toml",
    }
}

pub(super) fn run(args: &ExplainArgs, output: &Output) -> Result<Exit, Failure> {
    let text = match &args.rule {
        None => CHAPTERS.iter().map(list).collect::<Vec<_>>().join("\n"),
        Some(rule) => {
            let found: Vec<String> =
                CHAPTERS.iter().filter_map(|chapter| explanation(chapter, rule)).collect();
            if found.is_empty() {
                let known = CHAPTERS.iter().flat_map(|chapter| chapter.rules).map(|(id, _)| *id);
                let hint = did_you_mean(rule, known);
                return Err(Failure::error(format!(
                    "there is no rule {rule:?}{hint}\nA finding names its rule in brackets: error[natural-key]"
                )));
            }
            found.join("\n")
        }
    };
    output.data(&text)?;
    Ok(Exit::Ok)
}

fn list(chapter: &Chapter) -> String {
    let rules = chapter.rules.iter().map(|(id, requires)| format!("  {id:<30}{requires}\n"));
    format!("{}\n{}", chapter.title, rules.collect::<String>())
}

/// Explains a rule; `None` if the chapter does not have it.
fn explanation(chapter: &Chapter, rule: &str) -> Option<String> {
    let requires = chapter.requirement(rule)?;
    let consequence = chapter.consequence.replace('`', "");
    let mut text = format!("{rule} ({}): {requires}.\n{consequence}\n", chapter.title);
    if let Some(example) = chapter.example(rule) {
        for (word, lines) in [("Wrong", example.wrong), ("Right", example.right)] {
            let lines: String = lines.lines().map(|line| format!("  {line}\n")).collect();
            text.push_str(&format!("\n{word}, {}:\n{lines}", place(example.part)));
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::model::reference::assert_current;

    const INTRODUCTION: &str = "\
# Findings

Every problem in a file has a rule, which a finding names in brackets: `error[natural-key]`. This page lists all rules. In the terminal, `certctl explain RULE`
says the same. A rule keeps its id and its meaning, so pipelines may count it.

All findings of a run are reported together, each with file, line and column, and usually with what to do. `certctl validate` looks for those of the first three
chapters, without a network.

This page is printed from the tables behind `certctl explain`; `just snapshots` renews it.
";

    fn section(chapter: &Chapter, rule: &str, requires: &str) -> String {
        let mut text = format!("\n### `{rule}`\n\nRequired: {requires}.\n");
        let Some(example) = chapter.example(rule) else { return text };
        let language = if example.part == ExamplePart::Settings { "toml" } else { "yaml" };
        for (word, lines) in [("Wrong", example.wrong), ("Right", example.right)] {
            text.push_str(&format!("\n{word}, {}:\n\n```{language}\n{lines}\n```\n", place(example.part)));
        }
        text
    }

    #[test]
    fn the_page_is_current() {
        let mut text = INTRODUCTION.to_owned();
        for chapter in &CHAPTERS {
            text.push_str(&format!("\n## {}\n\n{}\n", chapter.title, chapter.consequence));
            text.extend(chapter.rules.iter().map(|(rule, requires)| section(chapter, rule, requires)));
        }
        assert_current("findings.md", &text);
    }

    #[test]
    fn rule_of_two_chapters_is_explained_twice() {
        let texts: Vec<String> =
            CHAPTERS.iter().filter_map(|chapter| explanation(chapter, "duplicate-key")).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts.iter().all(|text| text.contains("Wrong, in ")), "{texts:?}");
    }

    fn code(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                code(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
            {
                files.push(path);
            }
        }
    }

    /// Rules of other modules, found by how findings are written.
    #[test]
    fn every_rule_in_the_code_is_explained() {
        let mut files = Vec::new();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for module in ["config", "inventory", "view"] {
            code(&source.join(module), &mut files);
        }
        let mut seen = BTreeSet::new();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for before in [
                "find(\"",
                "rule: \"",
                "required(\"",
                "Shown::Name, \"",
                "Shown::Nothing, \"",
                "const RULE: &str = \"",
            ] {
                for rest in shipped.split(before).skip(1) {
                    seen.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
            seen.extend(
                shipped
                    .split("\"csv-")
                    .skip(1)
                    .map(|rest| format!("csv-{}", rest.split('"').next().unwrap())),
            );
        }
        // The name of a column.
        seen.remove("statusgroup");
        let known: BTreeSet<&str> =
            CHAPTERS.iter().flat_map(|chapter| chapter.rules).map(|(id, _)| *id).collect();
        let unknown: Vec<&String> = seen.iter().filter(|rule| !known.contains(rule.as_str())).collect();
        assert!(unknown.is_empty(), "no chapter has {unknown:?}");
        assert!(seen.len() > 15, "{seen:?}");
    }
}
