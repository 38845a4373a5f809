//! A ledger on a thread of its own, for a run that sends: while a disk or a server takes its time to make a record durable,
//! answers to requests still come in, and none of them is taken for lost.
//!
//! The driver of `apply` is the only caller. What is asked is done in the order in which it was asked, one after the
//! other. Nothing here decides what is recorded, or when.

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

/// A ledger whose store is written by a thread of its own. Dropping it waits for what was asked, and lets the next writer
/// in.
///
/// The document that the records lead to is kept by the caller's own thread, which has memory for it from the plan.
#[derive(Debug)]
pub struct AsyncLedger {
    book: RefCell<Book>,
    thread: StoreThread,
}

/// The thread, which has the store.
#[derive(Debug)]
struct StoreThread {
    asks: Option<Sender<Ask>>,
    thread: Option<JoinHandle<()>>,
}

/// Where an answer goes. Nobody is there to take it where the run was given up meanwhile.
type Reply<T> = oneshot::Sender<Result<T, StateError>>;

/// What the thread can be asked.
enum Ask {
    Append(Arc<Record>, Reply<()>),
    Check(Reply<()>),
    Regain(Wait, Reply<()>),
    Close(Reply<Closing>),
}

/// What is left to do once nothing more is recorded: [`Ledger::fold_with`].
type Closing = Box<dyn FnOnce(Book, &[Arc<Record>]) -> Result<Document, StateError> + Send>;

impl AsyncLedger {
    /// Puts a ledger on a thread. The error means that no thread can be had; the state is as it was then, and no longer
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

    /// See [`Ledger::fold_with`]. It is done by the caller's own thread: nothing is awaited any more by then.
    pub async fn checkpoint(self, unwritten: &[Arc<Record>]) -> Result<Document, StateError> {
        let close = self.thread.ask(Ask::Close).await?;
        close(self.book.into_inner(), unwritten)
    }
}

impl StoreThread {
    async fn ask<T>(&self, ask: impl FnOnce(Reply<T>) -> Ask) -> Result<T, StateError> {
        let (reply, answer) = oneshot::channel();
        if let Some(asks) = &self.asks {
            // Where nobody takes it any more, nobody answers either.
            let _ = asks.send(ask(reply));
        }
        answer.await.unwrap_or(Err(StateError::Ended))
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // What it had to say, it has answered.
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
        // An answer that nobody awaits any more is no loss: what was asked is done.
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
