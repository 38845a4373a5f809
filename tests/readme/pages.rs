//! Runs the blocks of the documents.

use std::fs;
use std::thread;

use crate::pieces::{Kind, Piece, pieces, write};
use crate::steady::{shortened, steady};
use crate::workshop::{ADDRESS, Server, Workshop};
use crate::{book, root, text, typed};

/// One document while its blocks are run.
struct Reading {
    name: String,
    workshop: Workshop,
    server: Option<Server>,
    /// Where the server listens, or listened.
    address: Option<String>,
    /// The reader's lines that last: exports, and changes of the folder.
    lasting: String,
    /// The last block with what it printed, while no text follows.
    printed: Option<(String, String)>,
    blocks: usize,
}

impl Reading {
    fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            workshop: Workshop::new(),
            server: None,
            address: None,
            lasting: String::new(),
            printed: None,
            blocks: 0,
        }
    }

    /// Checks that a block without an output prints nothing.
    fn silent(&mut self) {
        if let Some((script, output)) = self.printed.take() {
            assert_eq!(
                output, "",
                "{}: this block prints something, and no output is shown:\n{script}",
                self.name
            );
        }
    }

    /// Keeps what lasts in a reader's shell.
    fn keep(&mut self, script: &str) {
        let lasts = |line: &&str| line.starts_with("export ") || line.starts_with("cd ");
        self.lasting.extend(script.split_inclusive('\n').filter(lasts));
    }

    fn run(&mut self, script: &str, kind: &Kind) {
        self.blocks += 1;
        self.silent();
        let address = self.address.clone();
        let typed = address.as_ref().map_or(script.to_owned(), |address| script.replace(ADDRESS, address));
        let whole = format!("{}{typed}", self.lasting);
        let output = match kind {
            Kind::Answered(answer) => self.workshop.run_answering(&whole, answer),
            _ => self.workshop.run(&whole),
        };
        self.keep(&typed);
        let output = address.map_or(output.clone(), |address| output.replace(&address, ADDRESS));
        self.printed = Some((script.to_owned(), output));
    }

    fn piece(&mut self, piece: &mut Piece, update: bool) {
        match piece {
            Piece::Text(text) => {
                for language in ["console", "shell", "bash"] {
                    let wrong = format!("```{language}");
                    assert!(!text.contains(&wrong), "{}: commands are written as ```sh", self.name);
                }
                // There is no text between a block and its output.
                if !text.trim().is_empty() {
                    self.silent();
                }
                if text.contains("<!-- the first terminal ends -->") {
                    self.server.take().unwrap().stop();
                }
            }
            Piece::Before(script) => {
                self.silent();
                self.workshop.prepare(&format!("{}{script}", self.lasting));
                self.keep(script);
            }
            Piece::Commands { script, kind: Kind::NotRun } => typed::check(&self.name, script),
            Piece::Commands { script, kind: Kind::Background } => {
                let server = Server::start(&self.workshop, script);
                self.address = Some(server.address.clone());
                self.server = Some(server);
            }
            Piece::Commands { script, kind } => self.run(script, kind),
            Piece::Output(shown) => {
                // The output of a block that is not run is an example.
                let Some((script, output)) = self.printed.take() else { return };
                let output = shortened(&output);
                if update && steady(&output) != steady(shown) {
                    *shown = output;
                } else {
                    assert_eq!(steady(&output), steady(shown), "{}:\n{script}", self.name);
                }
            }
        }
    }
}

/// Runs a document and returns how many blocks were run.
fn read(name: &str) -> usize {
    let document = text(name);
    let mut pieces = pieces(&document);
    assert_eq!(write(&pieces), document, "{name} is read and written without loss");
    let update = std::env::var_os("CERTCTL_UPDATE_README").is_some();
    let mut reading = Reading::of(name);
    for piece in &mut pieces {
        reading.piece(piece, update);
    }
    reading.silent();
    if let Some(server) = reading.server.take() {
        server.stop();
    }
    if update {
        fs::write(root().join(name), write(&pieces)).unwrap();
    }
    reading.blocks
}

#[test]
fn every_block_of_the_readme_prints_its_output() {
    let blocks = read("README.md");
    assert!(blocks >= 6, "only {blocks} blocks were found");
}

#[test]
fn every_block_of_the_book_prints_its_output() {
    let blocks: usize = thread::scope(|scope| {
        let pages: Vec<_> =
            book().into_iter().map(|page| scope.spawn(move || read(&format!("docs/{page}")))).collect();
        pages.into_iter().map(|page| page.join().unwrap()).sum()
    });
    assert!(blocks >= 20, "only {blocks} blocks were found");
}
