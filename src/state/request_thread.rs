//! A thread that carries out requests to a store on the network, so that callers can wait for them wherever they are.

use std::io;
use std::sync::mpsc;
use std::thread;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The thread. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct RequestThread(UnboundedSender<BoxFuture<'static, ()>>);

impl RequestThread {
    /// What to say of a request that the thread did not carry out.
    pub(super) const HAS_ENDED: &'static str = "a part of certctl ended unexpectedly";

    pub(super) fn start() -> io::Result<Self> {
        let (jobs, mut asked) = unbounded_channel::<BoxFuture<'static, ()>>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("store".to_owned()).spawn(move || {
            runtime.block_on(async move {
                while let Some(job) = asked.recv().await {
                    tokio::spawn(job);
                }
            });
            // A task that still hangs, such as a name lookup without an answer, has a thread of its own.
            runtime.shutdown_background();
        })?;
        Ok(Self(jobs))
    }

    /// Carries out a request and waits for it; `None` if the thread has ended.
    pub(super) fn run<T: Send + 'static>(
        &self,
        request: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = mpsc::channel();
        let job = async move {
            // The caller waits for the answer in any case.
            let _ = reply.send(request.await);
        };
        // If the thread has ended, the reply is dropped with the job, and the wait below ends.
        let _ = self.0.send(Box::pin(job));
        answer.recv().ok()
    }
}
