//! Requests and answers as a proxy reads and changes them.

use std::net::TcpStream;

use super::Kind;
use crate::support::received::Received;

/// A request, with the wish that its connection is closed after it.
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) target: String,
    pub(super) bytes: Vec<u8>,
}

impl Request {
    pub(super) fn read(client: &mut TcpStream) -> std::io::Result<Self> {
        let received = Received::read(client)?;
        let target = received.target().to_owned();
        let kind = match received.method() {
            "PUT" => Kind::Put,
            "HEAD" => Kind::Head,
            "GET" if target.contains("list-type=2") || target.contains("comp=list") => Kind::List,
            "GET" => Kind::Get,
            _ => Kind::Other,
        };
        let kept = received.head.lines().filter(|line| !line.to_lowercase().starts_with("connection:"));
        let head = kept.chain(["Connection: close", ""]).map(|line| format!("{line}\r\n"));
        let bytes = [head.collect::<String>().into_bytes(), received.body].concat();
        Ok(Self { kind, target, bytes })
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
