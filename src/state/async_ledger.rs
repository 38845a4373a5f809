//! A ledger on its own thread, for a run that sends: answers still come in while a disk or a server takes its time to
//! make a record durable, and none of them times out.
//!
//! The drivers of `apply` and of `observer certify` call it. Requests are carried out in order. It never decides what is recorded, or
//! when.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::oneshot;

use super::ledger::{Book, LockedStore};
use super::{Document, Ledger, Record, StateError, Store, Wait};
use crate::model::Key;

/// A ledger whose store is written by its own thread. Dropping it waits for outstanding requests, and then lets the
/// next writer in.
///
/// The document that the records lead to stays on the caller's thread, which already has memory for it from the plan.
#[derive(Debug)]
pub struct AsyncLedger {
    book: RefCell<Book>,
    thread: StoreThread,
}

/// The thread that owns the store.
#[derive(Debug)]
struct StoreThread {
    asks: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

/// Receives an answer. The other end is gone if the run was given up in the meantime.
type Reply<T> = oneshot::Sender<Result<T, StateError>>;

/// A request to the thread.
enum Ask {
    Append(Arc<Record>, Reply<()>),
    Check(Reply<()>),
    Regain(Wait, Reply<()>),
    Close(Reply<Closing>),
}

/// The work left after the last record: [`Ledger::checkpoint_with`].
type Closing = Box<dyn FnOnce(Book, &[Arc<Record>]) -> Result<Document, StateError> + Send>;

impl AsyncLedger {
    /// Moves a ledger to a thread. Fails if the system has no thread left; the state is then unchanged and no longer
    /// locked.
    pub fn start<S>(ledger: Ledger<S>) -> io::Result<Self>
    where
        S: Store + Send + 'static,
        S::Guard: Send,
    {
        let (held, book) = ledger.apart();
        let (asks, asked) = channel();
        let thread = Builder::new().name("ledger".to_owned()).spawn(move || serve(held, &asked))?;
        let thread = StoreThread { asks: Some(asks), thread: Some(thread) };
        Ok(Self { book: RefCell::new(book), thread })
    }

    /// See [`Ledger::record`].
    pub async fn record(&self, record: Arc<Record>) -> Result<(), StateError> {
        let opening = self.book.borrow().opening();
        if let Some(opening) = opening {
            self.thread.ask(|reply| Ask::Append(opening, reply)).await?;
            self.book.borrow_mut().is_open();
        }
        self.thread.ask(|reply| Ask::Append(Arc::clone(&record), reply)).await?;
        self.book.borrow_mut().add(&record);
        Ok(())
    }

    /// See [`Ledger::protect`].
    pub async fn protect(&self, protect: &BTreeMap<Key, bool>) -> Result<(), StateError> {
        let records = self.book.borrow().protection(protect);
        let mut result = Ok(());
        for record in records {
            result = self.record(Arc::new(record)).await.and(result);
        }
        result
    }

    /// See [`Ledger::check`].
    pub async fn check(&self) -> Result<(), StateError> {
        self.thread.ask(Ask::Check).await
    }

    /// See [`Ledger::regain`].
    pub async fn regain(&self, wait: Wait) -> Result<(), StateError> {
        self.thread.ask(|reply| Ask::Regain(wait, reply)).await
    }

    /// See [`Ledger::checkpoint_with`]. It runs on the caller's own thread, because no answer is outstanding by then.
    pub async fn checkpoint(self, unwritten: &[Arc<Record>]) -> Result<Document, StateError> {
        let close = self.thread.ask(Ask::Close).await?;
        close(self.book.into_inner(), unwritten)
    }
}

impl StoreThread {
    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        if let Some(asks) = &self.asks {
            // If the thread has ended, the reply is dropped with the request, and the wait below ends.
            let _ = asks.send(ask(reply));
        }
        answer.await.unwrap_or(Err(StateError::Ended))
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // Every error was already sent as an answer.
            let _ = thread.join();
        }
    }
}

fn serve<S>(mut held: LockedStore<S>, asked: &Receiver<Ask>)
where
    S: Store + Send + 'static,
    S::Guard: Send,
{
    for ask in asked {
        // An answer that the caller no longer waits for can be lost: its request was carried out.
        let _ = match ask {
            Ask::Append(record, reply) => reply.send(held.append(&record)),
            Ask::Check(reply) => reply.send(held.store.check(&held.guard)),
            Ask::Regain(wait, reply) => reply.send(held.store.regain(&mut held.guard, wait)),
            Ask::Close(reply) => {
                let _ = reply.send(Ok(Box::new(move |book, unwritten| book.checkpoint(held, unwritten))));
                return;
            }
        };
    }
}
