//! A command on a new terminal: its output, its input and its width.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::running::until;

/// The character that interrupts.
pub const CTRL_C: &str = "\u{3}";
/// The character that ends the input.
pub const CTRL_D: &str = "\u{4}";

/// A process on its own terminal; it is killed when dropped.
pub struct Session {
    child: Child,
    master: File,
    heard: Arc<Mutex<Vec<u8>>>,
    listener: Option<JoinHandle<()>>,
}

/// Both ends of a new terminal with this many columns.
pub fn terminal(columns: u16) -> (File, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let path = std::ffi::OsStr::from_bytes(name.as_bytes());
    let terminal = OpenOptions::new().read(true).write(true).open(path).unwrap();
    resize(&terminal, columns);
    (File::from(master), terminal)
}

fn resize(terminal: &File, columns: u16) {
    tcsetwinsize(terminal, Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
}

impl Session {
    /// Starts a command on a terminal with this many columns.
    pub fn start(command: &Command, columns: u16) -> Self {
        let (master, terminal) = terminal(columns);
        let mut leader = Command::new("setsid");
        leader.arg("--ctty").arg(command.get_program()).args(command.get_args());
        leader.current_dir(command.get_current_dir().unwrap());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leader.env(name, value),
                None => leader.env_remove(name),
            };
        }
        let copy = || terminal.try_clone().unwrap();
        leader.env("TERM", "xterm").stdin(copy()).stdout(copy()).stderr(copy());
        let child = leader.spawn().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, into) = (master.try_clone().unwrap(), Arc::clone(&heard));
        let listener = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Linux reports an error when the terminal is closed everywhere.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                into.lock().unwrap().extend_from_slice(&buffer[..length]);
            }
        });
        Self { child, master, heard, listener: Some(listener) }
    }

    /// The complete output so far, unchanged.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).replace("\r\n", "\n")
    }

    /// Waits until this text is shown.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        until(text, || self.heard().contains(text));
    }

    /// Waits until one of these texts is shown, or the process has ended; returns whether one was shown.
    pub fn shows_any_or_ends(&mut self, texts: &[&str]) -> bool {
        let (child, heard) = (RefCell::new(&mut self.child), &self.heard);
        let is_shown = || {
            let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
            texts.iter().any(|text| heard.contains(text))
        };
        until("the end", || is_shown() || child.borrow_mut().try_wait().unwrap().is_some());
        is_shown()
    }

    pub fn types(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    pub fn resize(&self, columns: u16) {
        resize(&self.master, columns);
    }

    /// Waits for its end; returns the exit code and the complete output.
    pub fn end(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        if let Some(listener) = self.listener.take() {
            listener.join().unwrap();
        }
        (code, self.heard())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
