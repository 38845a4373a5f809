//! Requests and answers as a proxy reads and changes them.

use std::io::Read as _;
use std::net::TcpStream;

use super::Kind;

/// A request, with the wish that its connection is closed after it.
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) target: String,
    pub(super) bytes: Vec<u8>,
}

impl Request {
    pub(super) fn read(client: &mut TcpStream) -> std::io::Result<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 16384];
        loop {
            let read = client.read(&mut buffer)?;
            if read == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&buffer[..read]);
            let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head
                .to_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0_usize) {
                let body = bytes.split_off(end + 4);
                let kept = head.lines().filter(|line| !line.to_lowercase().starts_with("connection:"));
                let head = kept.chain(["Connection: close", ""]).map(|line| format!("{line}\r\n"));
                let bytes = [head.collect::<String>().into_bytes(), body].concat();
                return Ok(Self::of(&bytes));
            }
        }
    }

    fn of(bytes: &[u8]) -> Self {
        let line = String::from_utf8_lossy(bytes.split(|byte| *byte == b'\r').next().unwrap_or_default());
        let mut words = line.split(' ');
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default().to_owned();
        let kind = match method {
            "PUT" => Kind::Put,
            "HEAD" => Kind::Head,
            "GET" if target.contains("list-type=2") || target.contains("comp=list") => Kind::List,
            "GET" => Kind::Get,
            _ => Kind::Other,
        };
        Self { kind, target, bytes: bytes.to_vec() }
    }

    /// Identifies what is read.
    pub(super) fn name(&self) -> String {
        format!("{:?} {}", self.kind, self.target)
    }

    /// Removes the conditions of a write.
    pub(super) fn strip_conditions(&mut self) {
        let end = self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
        let kept = head.lines().filter(|line| {
            let line = line.to_lowercase();
            !line.starts_with("if-match:") && !line.starts_with("if-none-match:")
        });
        let head: String = kept.chain([""]).map(|line| format!("{line}\r\n")).collect();
        self.bytes = [head.as_bytes(), &self.bytes[end + 4..]].concat();
    }
}

/// An answer with an error.
pub(super) fn error(status: &str, code: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code></Error>");
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// The answer of a store whose clock is so many seconds off.
pub(super) fn with_clock(answer: Vec<u8>, seconds: i64) -> Vec<u8> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (Some(end), true) = (end, seconds != 0) else { return answer };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let lines = head.lines().map(|line| match line.split_once(':') {
        Some((name, time)) if ["date", "last-modified"].contains(&name.to_lowercase().as_str()) => {
            let time = jiff::fmt::rfc2822::parse(time.trim()).unwrap().timestamp();
            let time = jiff::Timestamp::from_second(time.as_second() + seconds).unwrap();
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            format!("{name}: {}\r\n", printer.timestamp_to_rfc9110_string(&time).unwrap())
        }
        _ => format!("{line}\r\n"),
    });
    let head: String = lines.chain(["\r\n".to_owned()]).collect();
    [head.as_bytes(), &answer[end + 4..]].concat()
}
