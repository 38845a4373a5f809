//! A document as its blocks of commands, their outputs and the text between them.

/// A part of a document.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Any other text.
    Text(String),
    /// Commands that no reader sees, in a comment: they make what the page takes for granted.
    Before(String),
    /// A block of commands, which a reader copies into a shell.
    Commands { script: String, kind: Kind },
    /// The output of the block before it.
    Output(String),
}

/// How a block is run; a comment in the line before it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Run,
    /// `<!-- in a terminal: yes -->`: it asks, and this is the answer.
    Answered(String),
    /// `<!-- first terminal -->`: it keeps running during the next blocks.
    Background,
    /// `<!-- not run: WHY -->`
    NotRun,
}

impl Kind {
    fn of(line_before: &str) -> Self {
        let marker = line_before.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        match marker.map(|marker| marker.split_once(": ").unwrap_or((marker, ""))) {
            Some(("first terminal", "")) => Self::Background,
            Some(("not run", why)) if !why.is_empty() => Self::NotRun,
            Some(("in a terminal", answer)) if !answer.is_empty() => Self::Answered(answer.to_owned()),
            _ => Self::Run,
        }
    }
}

const BEFORE: &str = "<!-- run before";

/// Takes a document apart; [`write`] puts it together again.
pub(crate) fn pieces(document: &str) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(String::new())];
    let (mut inside, mut before) = (None, "");
    for line in document.split_inclusive('\n') {
        let words = line.trim_end();
        match inside {
            None if words == "```sh" => {
                pieces.push(Piece::Commands { script: String::new(), kind: Kind::of(before) });
                inside = Some("```");
            }
            None if words == "```text" && follows_commands(&pieces) => {
                pieces.push(Piece::Output(String::new()));
                inside = Some("```");
            }
            None if words == BEFORE => {
                pieces.push(Piece::Before(String::new()));
                inside = Some("-->");
            }
            Some(end) if words == end => {
                pieces.push(Piece::Text(String::new()));
                inside = None;
            }
            _ => match pieces.last_mut().unwrap() {
                Piece::Text(text)
                | Piece::Before(text)
                | Piece::Output(text)
                | Piece::Commands { script: text, .. } => text.push_str(line),
            },
        }
        before = words;
    }
    pieces
}

fn follows_commands(pieces: &[Piece]) -> bool {
    matches!(pieces, [.., Piece::Commands { .. }, Piece::Text(between)] if between.trim().is_empty())
}

pub(crate) fn write(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(plain) => text.push_str(plain),
            Piece::Before(script) => text.push_str(&format!("{BEFORE}\n{script}-->\n")),
            Piece::Commands { script, .. } => text.push_str(&format!("```sh\n{script}```\n")),
            Piece::Output(output) => text.push_str(&format!("```text\n{output}```\n")),
        }
    }
    text
}
