//! A ledger on a thread of its own, for a run that sends: while a disk or a server takes its time to make a record durable,
//! answers to requests still come in, and none of them is taken for lost.
//!
//! The driver of `apply` is the only caller. What is asked is done in the order in which it was asked, one after the
//! other. Nothing here decides what is recorded, or when.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::oneshot;

use super::{Document, Ledger, Record, StateError, Store, Wait};
use crate::model::Key;

/// A ledger that answers later. Dropping it waits for what was asked, and lets the next writer in.
#[derive(Debug)]
pub struct AsyncLedger {
    asks: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

/// Where an answer goes. Nobody is there to take it where the run was given up meanwhile.
type Reply<T> = oneshot::Sender<Result<T, StateError>>;

/// What a ledger can be asked.
enum Ask {
    Record(Arc<Record>, Reply<()>),
    Protect(Arc<BTreeMap<Key, bool>>, Reply<()>),
    Check(Reply<()>),
    Regain(Wait, Reply<()>),
    Close(Reply<Closing>),
}

/// What is left to do once nothing more is recorded: [`Ledger::fold_with`].
type Closing = Box<dyn FnOnce(&[Arc<Record>]) -> Result<Document, StateError> + Send>;

impl AsyncLedger {
    /// Puts a ledger on a thread. The error means that no thread can be had; the state is as it was then, and no longer
    /// locked.
    pub fn start<S>(ledger: Ledger<S>) -> io::Result<Self>
    where
        S: Store + Send + 'static,
        S::Guard: Send,
    {
        let (asks, asked) = channel();
        let thread = Builder::new().name("ledger".to_owned()).spawn(move || serve(ledger, &asked))?;
        Ok(Self { asks: Some(asks), thread: Some(thread) })
    }

    /// See [`Ledger::record`].
    pub async fn record(&self, record: Arc<Record>) -> Result<(), StateError> {
        self.ask(|reply| Ask::Record(record, reply)).await
    }

    /// See [`Ledger::protect`].
    pub async fn protect(&self, protect: Arc<BTreeMap<Key, bool>>) -> Result<(), StateError> {
        self.ask(|reply| Ask::Protect(protect, reply)).await
    }

    /// See [`Ledger::check`].
    pub async fn check(&self) -> Result<(), StateError> {
        self.ask(Ask::Check).await
    }

    /// See [`Ledger::regain`].
    pub async fn regain(&self, wait: Wait) -> Result<(), StateError> {
        self.ask(|reply| Ask::Regain(wait, reply)).await
    }

    /// See [`Ledger::fold_with`]. It is done by the caller's own thread: nothing is awaited any more by then, and the new
    /// state takes memory that this thread has.
    pub async fn checkpoint(self, unwritten: &[Arc<Record>]) -> Result<Document, StateError> {
        self.ask(Ask::Close).await?(unwritten)
    }

    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        if let Some(asks) = &self.asks {
            // Where nobody takes it any more, nobody answers either.
            let _ = asks.send(ask(reply));
        }
        answer.await.unwrap_or(Err(StateError::Ended))
    }
}

impl Drop for AsyncLedger {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // What it had to say, it has answered.
            let _ = thread.join();
        }
    }
}

fn serve<S>(mut ledger: Ledger<S>, asked: &Receiver<Ask>)
where
    S: Store + Send + 'static,
    S::Guard: Send,
{
    for ask in asked {
        // An answer that nobody awaits any more is no loss: what was asked is done.
        let _ = match ask {
            Ask::Record(record, reply) => reply.send(ledger.record(&record)),
            Ask::Protect(protect, reply) => reply.send(ledger.protect(&protect)),
            Ask::Check(reply) => reply.send(ledger.check()),
            Ask::Regain(wait, reply) => reply.send(ledger.regain(wait)),
            Ask::Close(reply) => {
                let _ = reply.send(Ok(Box::new(move |unwritten| ledger.fold_with(unwritten))));
                return;
            }
        };
    }
}
