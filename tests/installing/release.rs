//! A release with a program of its own, signed with a key of its own, and the server that has it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The version that install.sh installs unless told otherwise.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files of a release, in the folder `v0.1.0`.
pub struct Release {
    root: tempfile::TempDir,
    /// The public key, as minisign writes it.
    pub key: String,
}

/// The name of this machine's archive.
pub fn archive() -> String {
    let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
    format!("certctl-{VERSION}-{}-{system}.tar.gz", std::env::consts::ARCH)
}

impl Release {
    /// A release whose program prints its version.
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let name = archive();
        let folder = root.path().join(name.trim_end_matches(".tar.gz"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("certctl"), format!("#!/bin/sh\necho released certctl {VERSION}\n"))
            .unwrap();
        run(root.path(), "chmod", &["755", folder.join("certctl").to_str().unwrap()]);
        std::fs::create_dir(root.path().join(format!("v{VERSION}"))).unwrap();
        let to = format!("v{VERSION}/{name}");
        run(root.path(), "tar", &["-czf", &to, folder.file_name().unwrap().to_str().unwrap()]);
        run(root.path(), "openssl", &["genpkey", "-algorithm", "ed25519", "-out", "key.pem"]);
        run(
            root.path(),
            "openssl",
            &["pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "key.der"],
        );
        let public = std::fs::read(root.path().join("key.der")).unwrap();
        let key = STANDARD.encode([b"Ed".as_slice(), b"certctl!", &public[public.len() - 32..]].concat());
        let release = Self { root, key };
        release.sum(&release.sum_of_archive());
        release
    }

    /// The folder of this version's files.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join(format!("v{VERSION}"))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub fn sum_of_archive(&self) -> String {
        run(&self.folder(), "openssl", &["dgst", "-sha256", "-r", &archive()])[..64].to_owned()
    }

    /// Writes SHA256SUMS with this sum for the archive, and signs it.
    pub fn sum(&self, sum: &str) {
        std::fs::write(self.file("SHA256SUMS"), format!("{sum}  {}\n", archive())).unwrap();
        self.sign();
    }

    /// Signs SHA256SUMS as minisign does: the signature of the file's digest, and one of that with the comment.
    pub fn sign(&self) {
        let folder = self.folder();
        run(&folder, "openssl", &["dgst", "-blake2b512", "-binary", "-out", "../digest", "SHA256SUMS"]);
        let signature = self.signature("digest");
        let comment = "a release for tests";
        std::fs::write(self.root.path().join("both"), [&signature, comment.as_bytes()].concat()).unwrap();
        let of_both = STANDARD.encode(self.signature("both"));
        let line = STANDARD.encode([b"ED".as_slice(), b"certctl!", &signature].concat());
        let text = format!("untrusted comment: signature\n{line}\ntrusted comment: {comment}\n{of_both}\n");
        std::fs::write(self.file("SHA256SUMS.minisig"), text).unwrap();
    }

    fn signature(&self, file: &str) -> Vec<u8> {
        let arguments = ["pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", file, "-out", "signature"];
        run(self.root.path(), "openssl", &arguments);
        std::fs::read(self.root.path().join("signature")).unwrap()
    }

    /// Serves all versions until the process ends.
    pub fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let root = self.root.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // The client may have disconnected.
                let _ = answer(&stream.unwrap(), &root);
            }
        });
        address
    }
}

fn answer(mut stream: &TcpStream, root: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
    let (status, body) = match std::fs::read(root.join(path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), &body].concat())
}

/// Runs a command that must succeed and returns what it printed.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
