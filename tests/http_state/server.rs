//! A server of Terraform's HTTP state protocol, of two kinds: with GitLab's rules, and as simple as the protocol allows. It
//! fails on request, and remembers what it was asked.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::received::Received;

/// The credentials that it accepts.
pub(crate) const USER: &str = "gitlab-ci-token";
pub(crate) const PASSWORD: &str = "glcbt-64_marked+password/8d1f=Z";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One version for each serial, the highest counts; the lock at its own address.
    GitLab,
    /// LOCK and UNLOCK at the state's address.
    Plain,
    /// As `Plain`, but neither writes nor unlocks compare the lock.
    Careless,
    /// As `Plain`, but documents are laid out anew.
    Rewriting,
    /// As `Plain`, but at an address like GitLab's, and every other address takes whatever is sent there.
    LookAlike,
    /// Has no locks.
    Lockless,
    /// Leads everything to another address.
    Redirecting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The request is carried out and answered with 503.
    UnavailableAfter,
    /// The answer is 503, and nothing is done.
    UnavailableBefore,
    /// The request is carried out, and the connection is cut.
    CutAfter,
    /// The connection is cut, and nothing is done.
    CutBefore,
    /// The answer is late.
    Slow,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::UnavailableAfter, Self::UnavailableBefore, Self::CutAfter, Self::CutBefore, Self::Slow];
}

#[derive(Default)]
struct World {
    versions: BTreeMap<u64, Vec<u8>>,
    lock: Option<Value>,
    requests: Vec<Received>,
    fault: Option<(usize, Fault)>,
    leads_to: String,
}

/// The server; it ends with the tests.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) address: String,
    world: Arc<Mutex<World>>,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let world = Arc::<Mutex<World>>::default();
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let world = Arc::clone(&shared);
                // A client that goes away in the middle is no failure of the test.
                std::thread::spawn(move || stream.and_then(|stream| serve(stream, kind, &world)));
            }
        });
        Self { kind, address, world }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// The address of the state.
    pub(crate) fn state(&self) -> String {
        format!("http://{}{}", self.address, path(self.kind))
    }

    /// Lets the request that comes after this many go wrong.
    pub(crate) fn goes_wrong(&self, after: usize, fault: Fault) {
        self.world().fault = Some((after, fault));
    }

    /// Whether the fault has not happened yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.world().fault.is_some()
    }

    pub(crate) fn leads_to(&self, other: &Self) {
        self.world().leads_to = format!("http://{}/x", other.address);
    }

    pub(crate) fn requests(&self) -> Vec<Received> {
        self.world().requests.clone()
    }

    pub(crate) fn forget_requests(&self) {
        self.world().requests.clear();
    }

    /// The newest document.
    pub(crate) fn document(&self) -> Option<Vec<u8>> {
        self.world().versions.last_key_value().map(|(_, document)| document.clone())
    }

    pub(crate) fn has_journal(&self) -> bool {
        self.document().is_some_and(|document| !json_of(&document)["journal"].as_array().unwrap().is_empty())
    }

    pub(crate) fn put(&self, document: &[u8]) {
        let mut world = self.world();
        world.versions.clear();
        world.versions.insert(1, document.to_vec());
    }

    pub(crate) fn remove_document(&self) {
        self.world().versions.clear();
    }

    /// The id of the lock.
    pub(crate) fn lock(&self) -> Option<String> {
        Some(self.world().lock.as_ref()?["ID"].as_str().unwrap().to_owned())
    }

    pub(crate) fn lock_as(&self, info: Value) {
        self.world().lock = Some(info);
    }

    /// As an administrator would.
    pub(crate) fn force_unlock(&self) {
        self.world().lock = None;
    }
}

pub(crate) fn json_of(document: &[u8]) -> Value {
    serde_json::from_slice(document).unwrap()
}

fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::GitLab | Kind::LookAlike => "/api/v4/projects/1/terraform/state/test",
        _ => "/states/test",
    }
}

type Answer = (u16, Vec<u8>);

fn serve(mut client: TcpStream, kind: Kind, world: &Mutex<World>) -> std::io::Result<()> {
    let request = Received::read(&mut client)?;
    let (fault, leads_to) = {
        let mut world = world.lock().unwrap();
        world.requests.push(request.clone());
        let fault = match &mut world.fault {
            Some((0, fault)) => Some(*fault),
            Some((after, _)) => {
                *after -= 1;
                None
            }
            None => None,
        };
        if fault.is_some() {
            world.fault = None;
        }
        (fault, world.leads_to.clone())
    };
    match fault {
        Some(Fault::CutBefore) => return Ok(()),
        Some(Fault::UnavailableBefore) => return answer(&mut client, (503, Vec::new()), ""),
        Some(Fault::Slow) => std::thread::sleep(Duration::from_millis(700)),
        _ => {}
    }
    let reply = if kind == Kind::Redirecting {
        (307, Vec::new())
    } else {
        carry_out(&request, kind, &mut world.lock().unwrap())
    };
    match fault {
        Some(Fault::CutAfter) => Ok(()),
        Some(Fault::UnavailableAfter) => answer(&mut client, (503, Vec::new()), ""),
        _ => answer(&mut client, reply, &leads_to),
    }
}

fn carry_out(request: &Received, kind: Kind, world: &mut World) -> Answer {
    let credentials = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
    if !request.head.contains(&format!("Basic {credentials}")) {
        return (401, Vec::new());
    }
    let (target, query) = request.target().split_once('?').unwrap_or((request.target(), ""));
    let id = query.strip_prefix("ID=").unwrap_or_default();
    let is_lock = target == format!("{}/lock", path(kind));
    match (request.method(), kind) {
        ("GET", _) if target == path(kind) => match world.versions.last_key_value() {
            Some((_, document)) => (200, document.clone()),
            None if world.lock.is_some() => (204, Vec::new()),
            None => (404, json!({"message": "404 Not found"}).to_string().into_bytes()),
        },
        ("POST", Kind::GitLab) if is_lock => lock(request, kind, world),
        ("DELETE", Kind::GitLab) if is_lock => unlock(request, kind, world),
        ("POST" | "DELETE", Kind::LookAlike) if is_lock => (200, Vec::new()),
        ("POST", _) if target == path(kind) => write(request, id, kind, world),
        ("LOCK", Kind::Plain | Kind::Careless | Kind::Rewriting | Kind::LookAlike) => {
            lock(request, kind, world)
        }
        ("UNLOCK", Kind::Plain | Kind::Careless | Kind::Rewriting | Kind::LookAlike) => {
            unlock(request, kind, world)
        }
        (_, Kind::GitLab) if target != path(kind) => {
            (404, json!({"message": "404 Project Not Found"}).to_string().into_bytes())
        }
        _ => (405, Vec::new()),
    }
}

fn lock(request: &Received, kind: Kind, world: &mut World) -> Answer {
    let asked = json_of(&request.body);
    for member in ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"] {
        assert!(asked[member].is_string(), "{member} is missing: {asked}");
    }
    let said = |lock: &Value| {
        let mut said = lock.clone();
        if kind == Kind::GitLab {
            // What was asked comes back, with the holder's id.
            for member in ["Operation", "Info", "Version", "Path"] {
                said[member] = asked[member].clone();
            }
        }
        said.to_string().into_bytes()
    };
    if let Some(held) = &world.lock {
        return (if kind == Kind::GitLab { 409 } else { 423 }, said(held));
    }
    let mut held = asked.clone();
    if kind == Kind::GitLab {
        held["Who"] = json!("root");
        held["Created"] = json!("2026-11-27T02:00:00.000Z");
    }
    world.lock = Some(held.clone());
    (200, if kind == Kind::GitLab { said(&held) } else { Vec::new() })
}

fn unlock(request: &Received, kind: Kind, world: &mut World) -> Answer {
    let id = json_of(&request.body)["ID"].clone();
    let held = world.lock.as_ref().map(|held| held["ID"].clone());
    if kind != Kind::Careless && held != Some(id) {
        return (409, Vec::new());
    }
    world.lock = None;
    (200, Vec::new())
}

fn write(request: &Received, id: &str, kind: Kind, world: &mut World) -> Answer {
    let sum = md5_of(&request.body);
    assert!(request.head.to_lowercase().contains(&format!("content-md5: {}", sum.to_lowercase())));
    let holder = world.lock.as_ref().and_then(|held| held["ID"].as_str()).unwrap_or_default();
    if kind != Kind::Careless && holder != id {
        return if kind == Kind::GitLab { (500, Vec::new()) } else { (409, Vec::new()) };
    }
    let document = json_of(&request.body);
    let Some(serial) = document["serial"].as_u64() else { return (422, Vec::new()) };
    let body = if kind == Kind::Rewriting { document.to_string().into_bytes() } else { request.body.clone() };
    if kind == Kind::GitLab {
        if world.versions.contains_key(&serial) {
            return (422, Vec::new());
        }
        world.versions.insert(serial, body);
    } else {
        world.versions.clear();
        world.versions.insert(serial, body);
    }
    (200, Vec::new())
}

fn md5_of(body: &[u8]) -> String {
    use md5::Digest as _;
    BASE64_STANDARD.encode(md5::Md5::digest(body))
}

fn answer(client: &mut TcpStream, (status, body): Answer, leads_to: &str) -> std::io::Result<()> {
    let location = if status == 307 { format!("Location: {leads_to}\r\n") } else { String::new() };
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\n{location}Content-Length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(head.as_bytes())?;
    client.write_all(&body)
}
