//! The blocks of YAML and TOML in the documents: settings are read by the program, template files held against its schema.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use crate::{documents, support, text};

/// Printed from tables whose examples have tests of their own; half of them are wrong on purpose.
const TESTED_ELSEWHERE: &str = "docs/findings.md";

/// The line before a block of another program's.
const OF_ANOTHER_PROGRAM: &str = "<!-- of another program -->";

/// A block, with the language that it names.
struct Block {
    language: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut is_inside, mut comment) = (false, String::new());
    for event in Parser::new_ext(document, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) => html.trim().clone_into(&mut comment),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                is_inside = comment != OF_ANOTHER_PROGRAM;
                if is_inside {
                    blocks.push(Block { language: language.into_string(), text: String::new() });
                }
            }
            Event::Text(words) if is_inside => blocks.last_mut().unwrap().text.push_str(&words),
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            Event::Start(Tag::Paragraph) => comment.clear(),
            _ => {}
        }
    }
    blocks
}

/// All blocks in a language, each with the document that has it.
fn written_in(language: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for document in documents().into_iter().filter(|document| document != TESTED_ELSEWHERE) {
        let blocks = blocks(&text(&document)).into_iter().filter(|block| block.language == language);
        found.extend(blocks.map(|block| (document.clone(), block.text)));
    }
    found
}

/// What the program says against settings; a block need not say which academy it is about.
fn refusal(settings: &str) -> Option<String> {
    let mut file = settings.to_owned();
    if !settings.contains("url ") {
        file.push_str("\n[environments.production]\nurl = \"https://academy.example.com\"\n");
    }
    file.push_str(
        "\n[environments.production.vars]\nfield_learner_name = \"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03\"\n",
    );
    let project = support::Project::empty();
    project.write("certctl.toml", &file);
    let run = project.run(&["validate", "--allow-empty", "-e", "production"]);
    (run.code != 0).then(|| format!("{file}\n{}{}", run.stdout, run.stderr))
}

#[test]
fn settings_are_accepted() {
    let found = written_in("toml");
    assert!(found.len() >= 5, "only {} blocks were found", found.len());
    for (document, settings) in found {
        assert_eq!(refusal(&settings), None, "{document}");
    }
    assert!(refusal("[fields]\nfield_learner_name = 1\n").is_some());
}

/// Whether it is a template file, or the lines of one template.
fn is_accepted(schema: &jsonschema::Validator, written: &str) -> bool {
    let template = format!("templates:\n  cloud-101:\n    title: Cloud 101\n{written}");
    let accepts = |text: &str| serde_yaml::from_str::<Value>(text).is_ok_and(|read| schema.is_valid(&read));
    accepts(written) || accepts(&template)
}

#[test]
fn template_files_follow_the_schema() {
    let schema = support::certctl().args(["schema", "templates"]).output().unwrap().stdout;
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let found = written_in("yaml");
    assert!(found.len() >= 4, "only {} blocks were found", found.len());
    for (document, file) in found {
        assert!(is_accepted(&schema, &file), "{document}:\n{file}");
    }
    assert!(!is_accepted(&schema, "layouts:\n  landscape:\n    titel: Cloud 101\n"));
}

/// Commands in a block of text would be seen by no test.
#[test]
fn commands_are_in_blocks_for_a_shell() {
    for (document, text) in written_in("text").into_iter().filter(|(name, _)| name != "docs/commands.md") {
        let typed = text.lines().find(|line| ["certctl ", "$ "].iter().any(|start| line.starts_with(start)));
        assert_eq!(typed, None, "{document}: write commands as ```sh");
    }
}

/// `sed -i` and `sha256sum` are not on macOS, or not the same.
#[test]
fn commands_are_those_of_every_unix() {
    for (document, script) in written_in("sh") {
        for other in ["sed -i", "sha256sum", "readlink -f", "date -d"] {
            let is_of_a_release = document == "docs/installing.md";
            assert!(is_of_a_release || !script.contains(other), "{document}: {other} in\n{script}");
        }
    }
}
