//! Checks for open files and threads before a run begins. A shortage later would end the run in the middle, and
//! libraries panic if they cannot start a thread.

use std::sync::mpsc;
use std::thread;

use rayon::{ThreadBuilder, ThreadPoolBuilder};

use super::failure::Failure;
use crate::model::io_words;

/// The most files that any command has open at once, in addition to those it was given.
pub(super) const FILES: usize = 12;

/// Returns the additional files needed for this many requests in flight: connections at both ends if the embedded
/// server is used, the event queues of both, and the state while it is replaced.
pub(super) fn files_for_requests(concurrency: usize) -> usize {
    16 + 2 * concurrency
}

/// Checks that this many more files can be opened now.
pub(super) fn spare_files(count: usize) -> Result<(), Failure> {
    let opened: Result<Vec<_>, _> = (0..count).map(|_| another_file()).collect();
    opened.map(drop).map_err(|error| {
        Failure::error(format!(
            "certctl needs {count} more open files at once and cannot have them: {}. Nothing was done. Allow more \
             (ulimit -n 1024), and run this again",
            io_words(&error)
        ))
    })
}

#[cfg(unix)]
fn another_file() -> std::io::Result<std::os::fd::OwnedFd> {
    use std::os::fd::AsFd as _;
    // Stdin is always open: if it was closed, the standard library replaced it.
    std::io::stdin().as_fd().try_clone_to_owned()
}

#[cfg(not(unix))]
fn another_file() -> std::io::Result<()> {
    Ok(())
}

/// Checks that another thread can be started now.
pub(super) fn spare_thread() -> Result<(), Failure> {
    match thread::Builder::new().spawn(|| {}) {
        Ok(started) => {
            // Wait until the thread has ended; it cannot panic.
            let _ = started.join();
            Ok(())
        }
        Err(error) => Err(no_thread(&error)),
    }
}

/// Starts the threads that read and draw in parallel: one per processor, or as many as the system allows.
///
/// They are started before the pool is built from them: a pool that cannot start a thread panics at its first use, and
/// the pool can be built only once.
pub(super) fn start_workers() -> Result<(), Failure> {
    let wanted = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut waiting = Vec::new();
    for number in 0..wanted {
        let (work, given) = mpsc::channel::<ThreadBuilder>();
        let worker = move || {
            if let Ok(thread) = given.recv() {
                thread.run();
            }
        };
        match thread::Builder::new().name(format!("worker-{number}")).spawn(worker) {
            Ok(_) => waiting.push(work),
            Err(error) if waiting.is_empty() => return Err(no_thread(&error)),
            Err(_) => break,
        }
    }
    let pool = ThreadPoolBuilder::new().num_threads(waiting.len());
    let hand_over = |thread| {
        let work = waiting.pop().ok_or(std::io::ErrorKind::NotFound)?;
        work.send(thread).map_err(|_| std::io::ErrorKind::BrokenPipe.into())
    };
    pool.spawn_handler(hand_over)
        .build_global()
        .map_err(|error| Failure::error(format!("cannot start to read in parallel: {error}")))
}

/// Explains that a thread could not be started.
pub(super) fn no_thread(error: &std::io::Error) -> Failure {
    Failure::error(format!(
        "certctl cannot start a thread: {}. Nothing was done. Allow more processes and threads (ulimit -u) or more \
         memory, or end what takes them, and run this again",
        io_words(error)
    ))
}
