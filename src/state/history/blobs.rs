//! Reads file contents from one running git process.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use super::Unchecked;
use super::git::{end, not_started, receive};

/// Contents in git. They are read by one process, which is started for the first of them: often none is needed.
pub(super) struct Blobs {
    command: Command,
    bytes: u64,
    deadline: Instant,
    reading: Option<BlobReading>,
}

/// A git process that returns contents, one request after the other.
struct BlobReading {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<Result<Vec<u8>, Unchecked>>,
}

impl Blobs {
    /// The contents that this command returns: at most `bytes` bytes, until `deadline`.
    pub(super) fn new(command: Command, bytes: u64, deadline: Instant) -> Self {
        Self { command, bytes, deadline, reading: None }
    }

    /// The content of this object name.
    pub(super) fn read(&mut self, blob: &str) -> Result<Vec<u8>, Unchecked> {
        let reading = match &mut self.reading {
            Some(reading) => reading,
            none => none.insert(BlobReading::start(&mut self.command, self.bytes)?),
        };
        let asked = writeln!(reading.questions, "{blob}").and_then(|()| reading.questions.flush());
        asked.map_err(|error| Unchecked::Failed(error.to_string()))?;
        receive(&reading.answers, self.deadline)?
    }
}

impl BlobReading {
    fn start(command: &mut Command, bytes: u64) -> Result<Self, Unchecked> {
        let child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| not_started(&error))?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Unchecked::Failed("no pipe".to_owned()));
        };
        let (sender, receiver) = sync_channel(0);
        let mut left = bytes;
        thread::spawn(move || {
            let mut answers = BufReader::new(answers);
            loop {
                let answer = read_blob(&mut answers, &mut left);
                let is_last = answer.is_err();
                if sender.send(answer).is_err() || is_last {
                    return;
                }
            }
        });
        Ok(Self { child, questions, answers: receiver })
    }
}

impl Drop for BlobReading {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Reads one answer of `git cat-file --batch`: a line `ID blob SIZE`, that many bytes, and a line break.
fn read_blob(answers: &mut impl io::BufRead, left: &mut u64) -> Result<Vec<u8>, Unchecked> {
    let failed = |error: io::Error| Unchecked::Failed(error.to_string());
    let mut line = String::new();
    answers.take(1024).read_line(&mut line).map_err(failed)?;
    let size = match line.trim_end().split(' ').collect::<Vec<_>>()[..] {
        [_, "blob", size] => size.parse::<u64>().ok(),
        // A partial clone lacks some contents, and certctl fetches none.
        [_, "missing"] => {
            return Err(Unchecked::Failed("a commit's content is not in this clone".to_owned()));
        }
        _ => None,
    };
    let size = size.ok_or_else(|| Unchecked::Failed("git ended too early".to_owned()))?;
    *left = left.checked_sub(size).ok_or(Unchecked::TooLarge)?;
    // Without its size, a large state would be copied again and again while it grows.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    answers.take(size + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
        return Err(Unchecked::Failed("git ended too early".to_owned()));
    }
    Ok(bytes)
}
