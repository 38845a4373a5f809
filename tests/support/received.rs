//! A request as a server of the tests receives it.

use std::io::{self, Read};

/// A whole request.
#[derive(Clone, Debug)]
pub struct Received {
    /// The line with the method and the target, and the headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    /// Reads a request; fails if the client goes away before its end.
    pub fn read(client: &mut impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16384];
        loop {
            let read = client.read(&mut buffer)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&buffer[..read]);
            let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            if bytes.len() >= end + 4 + length(&head) {
                return Ok(Self { head, body: bytes.split_off(end + 4) });
            }
        }
    }

    pub fn method(&self) -> &str {
        self.word(0)
    }

    /// The path and the query.
    pub fn target(&self) -> &str {
        self.word(1)
    }

    fn word(&self, number: usize) -> &str {
        self.head.split(' ').nth(number).unwrap_or_default()
    }
}

/// The length of the body that follows this head.
fn length(head: &str) -> usize {
    let of = |line: &str| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    head.lines().find_map(of).unwrap_or(0)
}
