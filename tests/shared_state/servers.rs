//! The servers that keep states in these tests: moto for S3 and azurite for Azure, which `.ci/servers/install` installs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::support::Project;

/// Which of the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    S3,
    Azure,
}

/// A bucket or container of one test.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub(crate) kind: Kind,
    pub(crate) address: &'static str,
    name: String,
}

/// Azurite's account, which its documentation names.
const ACCOUNT: &str = "devstoreaccount1";
const ACCOUNT_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// One request at a time: moto checks a condition and writes without a lock between the two.
const MOTO: &str = r"
import os, sys, threading
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=False)
print(server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
";

/// Ends azurite when its own standard input ends.
const AZURITE: &str = r#"
const { Socket } = require("net");
process.stdin.on("end", () => process.exit(0)).resume();
process.argv.splice(2, 0, "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry");
require(process.env.AZURITE);
"#;

fn installed(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/servers").join(path);
    path.exists().then_some(path)
}

/// The address of a server, which is started once for all tests and ends with them; `None` if it is not installed.
fn address(kind: Kind) -> Option<&'static str> {
    static S3: OnceLock<Option<String>> = OnceLock::new();
    static AZURE: OnceLock<Option<String>> = OnceLock::new();
    match kind {
        Kind::S3 => S3.get_or_init(|| {
            let mut command = Command::new(installed("moto/bin/python")?);
            command.args(["-c", MOTO]);
            Some(format!(
                "127.0.0.1:{}",
                started(&mut command, |line| line.parse::<u16>().ok()?.to_string().into())
            ))
        }),
        Kind::Azure => AZURE.get_or_init(|| {
            let main = installed("azurite/node_modules/azurite/dist/src/blob/main.js")?;
            let mut command = Command::new("node");
            command.args(["-e", AZURITE, "certctl"]).env("AZURITE", main);
            Some(started(&mut command, |line| {
                let (_, address) = line.split_once("listens on http://")?;
                Some(address.trim().trim_end_matches('/').to_owned())
            }))
        }),
    }
    .as_deref()
}

/// Starts a server, and waits for the line that says where it listens.
fn started(command: &mut Command, listens: impl Fn(&str) -> Option<String>) -> String {
    let mut server =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    // It lives as long as its standard input: until this process ends.
    std::mem::forget(server);
    let mut line = String::new();
    loop {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "a server did not start");
        if let Some(address) = listens(line.trim()) {
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
            return address;
        }
    }
}

impl Bucket {
    /// A new bucket; `None`, after saying so, if the server is not installed.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let Some(address) = address(kind) else {
            assert!(
                std::env::var_os("CERTCTL_SERVERS_REQUIRED").is_none(),
                "the server for {kind:?} is not installed: .ci/servers/install"
            );
            eprintln!("skipped: the server for {kind:?} is not installed (.ci/servers/install installs it)");
            return None;
        };
        let bucket = Self { kind, address, name: format!("t-{}", uuid::Uuid::new_v4()) };
        match kind {
            Kind::S3 => bucket.http("PUT", &format!("/{}", bucket.name), ""),
            Kind::Azure => bucket.http("PUT", &format!("/{ACCOUNT}/{}?restype=container", bucket.name), ""),
        };
        Some(bucket)
    }

    /// The address of a state in it.
    pub(crate) fn state(&self) -> String {
        let scheme = if self.kind == Kind::S3 { "s3" } else { "az" };
        format!("{scheme}://{}/academy/test.json", self.name)
    }

    /// The variables for it.
    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        let endpoint = format!("http://{}", self.address);
        let variables = match self.kind {
            Kind::S3 => vec![
                ("AWS_ACCESS_KEY_ID", "test-id"),
                ("AWS_SECRET_ACCESS_KEY", "test-secret"),
                ("AWS_SESSION_TOKEN", ""),
                ("AWS_REGION", "us-east-1"),
                ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ],
            Kind::Azure => vec![
                ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT),
                ("AZURE_STORAGE_ACCOUNT_KEY", ACCOUNT_KEY),
                ("AZURE_STORAGE_USE_EMULATOR", "true"),
                ("AZURITE_BLOB_STORAGE_URL", endpoint.as_str()),
            ],
        };
        variables.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// Gives a project the variables for it.
    pub(crate) fn set_env(&self, project: &mut Project) {
        for (name, value) in self.env() {
            project.set_env(name, &value);
        }
    }

    /// The keys of all objects, sorted. For S3.
    pub(crate) fn keys(&self) -> Vec<String> {
        let listing = self.http("GET", &format!("/{}?list-type=2", self.name), "");
        let keys =
            listing.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned()));
        keys.collect()
    }

    /// The text of an object.
    pub(crate) fn read(&self, key: &str) -> String {
        self.find(key).unwrap()
    }

    /// The text of an object, if there is one.
    pub(crate) fn find(&self, key: &str) -> Option<String> {
        let (status, body) = self.answer("GET", &self.target(key), "");
        (status == 200).then_some(body)
    }

    fn target(&self, key: &str) -> String {
        match self.kind {
            Kind::S3 => format!("/{}/{key}", self.name),
            Kind::Azure => format!("/{ACCOUNT}/{}/{key}", self.name),
        }
    }

    /// Removes an object.
    pub(crate) fn remove(&self, key: &str) {
        self.http("DELETE", &self.target(key), "");
    }

    /// Writes an object. For S3.
    pub(crate) fn write(&self, key: &str, text: &str) {
        self.http("PUT", &format!("/{}/{key}", self.name), text);
    }

    fn http(&self, method: &str, target: &str, body: &str) -> String {
        let (status, answer) = self.answer(method, target, body);
        assert!((200..300).contains(&status), "{method} {target}: {status} {answer}");
        answer
    }

    /// The status and the body of an answer.
    fn answer(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        // moto believes every signature.
        let mut headers =
            "Authorization: AWS4-HMAC-SHA256 Credential=test-id/20260101/us-east-1/s3/aws4_request, \
                           SignedHeaders=host, Signature=0\r\n"
                .to_owned();
        if self.kind == Kind::Azure {
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            let date = printer.timestamp_to_rfc9110_string(&jiff::Timestamp::now()).unwrap();
            let (path, query) = target.split_once('?').unwrap_or((target, ""));
            let resource =
                if query.is_empty() { String::new() } else { format!("\n{}", query.replace('=', ":")) };
            let signed = format!(
                "{method}{}x-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}{path}{resource}",
                "\n".repeat(12)
            );
            let signature =
                BASE64_STANDARD.encode(hmac(&BASE64_STANDARD.decode(ACCOUNT_KEY).unwrap(), &signed));
            headers = format!(
                "x-ms-date: {date}\r\nx-ms-version: 2021-08-06\r\nAuthorization: SharedKey {ACCOUNT}:{signature}\r\n"
            );
        }
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

/// HMAC-SHA256 (RFC 2104) with a key of at most a block.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}
