//! A test server that hears what is sent, and answers with it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A test server that returns the request's `Authorization` in place of `{KEY}`.
pub(crate) struct Listener {
    pub(crate) address: String,
    heard: Arc<std::sync::Mutex<Vec<u8>>>,
    ends: Arc<AtomicBool>,
}

impl Listener {
    pub(crate) fn silent() -> Self {
        Self::answering("")
    }

    pub(crate) fn answering(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, ends) = (Arc::new(std::sync::Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (answer, hears, ended) = (answer.to_owned(), Arc::clone(&heard), Arc::clone(&ends));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                hear(stream.unwrap(), &answer, &hears);
            }
        });
        Self { address, heard, ends }
    }

    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
    }
}

fn hear(mut stream: TcpStream, answer: &str, heard: &std::sync::Mutex<Vec<u8>>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    // All requests are valid, and end with the brackets of their one body.
    while !request.ends_with(b"}]}") && !request.ends_with(b"\r\n\r\n")
        || !request.windows(4).any(|w| w == b"\r\n\r\n")
    {
        match stream.read(&mut part) {
            Ok(length) if length > 0 && !answer.is_empty() => request.extend_from_slice(&part[..length]),
            Ok(length) => {
                request.extend_from_slice(&part[..length]);
                break;
            }
            Err(_) => break,
        }
    }
    heard.lock().unwrap().extend_from_slice(&request);
    let text = String::from_utf8_lossy(&request).into_owned();
    let key = text.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
    let encoded = key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace(' ', "%20");
    let answer = answer.replace("{ENCODED}", &encoded).replace("{ESCAPED}", &key.replace('/', "\\/"));
    let answer = UNICODE.iter().fold(answer, |answer, (name, write)| answer.replace(name, &write(key)));
    let _ = stream.write_all(answer.replace("{KEY}", key).as_bytes());
}

/// A spelling of the key.
type Written = fn(&str) -> String;

/// Percent-encoded in part and twice. How JSON encoders write characters that need no escape: like .NET and Go, everything in capitals, and as JSON text
/// inside JSON text.
const UNICODE: [(&str, Written); 5] = [
    ("{PARTLY}", |key| key.replace('+', "%2B").replace('=', "%3d")),
    ("{TWICE}", |key| {
        key.replace('+', "%252B").replace('/', "%252f").replace('=', "%253D").replace(' ', "%2520")
    }),
    ("{SOME}", |key| key.replace('+', "\\u002B").replace('/', "\\u002f").replace('=', "\\u003D")),
    ("{ALL}", |key| key.bytes().map(|byte| format!("\\u{byte:04X}")).collect()),
    ("{INNER}", |key| key.bytes().map(|byte| format!("\\\\u{byte:04x}")).collect()),
];

pub(crate) fn http(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}\r\n{body}")
}
