//! A minimal server that sends raw bytes, for behaviour that the sandbox does not offer.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::support::received::Received;
use crate::support::{KEY, Project, Template};

/// How a server handles one connection; it may close it at any moment.
type Serve = dyn Fn(&mut TcpStream, &Seen) + Send + Sync;

/// The requests that a server has received.
#[derive(Default)]
pub(crate) struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

impl Seen {
    pub(crate) fn note(&self, request: String) {
        self.requests.lock().unwrap().push(request);
    }
}

/// A server on loopback; it stops when dropped.
pub(crate) struct Raw {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
    ended: Arc<AtomicBool>,
}

impl Raw {
    /// A server that answers every request with these bytes.
    pub(crate) fn answering(answer: Vec<u8>) -> Self {
        Self::serving(move |stream, seen| {
            if let Some(request) = read_request(stream) {
                seen.note(request);
                // The client may close the connection early.
                let _ = stream.write_all(&answer);
            }
        })
    }

    pub(crate) fn serving(serve: impl Fn(&mut TcpStream, &Seen) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, ended) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
        let serve: Arc<Serve> = Arc::new(serve);
        let (mine, over) = (Arc::clone(&seen), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(mut stream) = stream else { continue };
                mine.connections.fetch_add(1, Ordering::SeqCst);
                let (serve, seen) = (Arc::clone(&serve), Arc::clone(&mine));
                std::thread::spawn(move || {
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    serve(&mut stream, &seen);
                });
            }
        });
        Self { address, seen, ended }
    }

    /// A project whose environment is this server.
    pub(crate) fn project(&self, scheme: &str, templates: &[Template]) -> Project {
        let mut project = Project::empty();
        project.configure(&format!("{scheme}://{}", self.address), "");
        project.set_env("CERTCTL_API_KEY", KEY);
        project.templates(templates);
        project
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Every complete request, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Checks that no row was sent twice, whatever the answers were.
    #[track_caller]
    pub(crate) fn assert_each_row_was_sent_once(&self, templates: &[Template]) {
        let requests = self.requests();
        for template in templates {
            let times = requests.iter().filter(|request| request.contains(&template.resource)).count();
            assert_eq!(times, 1, "{}", template.key);
        }
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Unblocks the listener, which waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

/// Reads one complete request, head and body; `None` if the client sends nothing.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<String> {
    let Received { head, body } = Received::read(stream).ok()?;
    Some(format!("{head}\r\n\r\n{}", String::from_utf8_lossy(&body)))
}

/// A response with a Content-Length.
pub(crate) fn response(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// A 200 with this JSON.
pub(crate) fn json(body: &Value) -> Vec<u8> {
    response("200 OK", &[("Content-Type", "application/json")], body.to_string().as_bytes())
}
