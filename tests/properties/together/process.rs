//! A process's connection to the bucket: it may die between any two requests, stand still while another process works, lose
//! answers, and read what is out of date.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use certctl::state::{InMemory, ObjectError, Objects, StoredObject, Tag, WriteFault};

use crate::coverage;

thread_local! {
    /// What happens while the process that runs now stands still.
    static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Sets, or clears, what happens while the next process stands still.
pub(crate) fn set_meanwhile(what: Option<Box<dyn FnOnce()>>) {
    MEANWHILE.with_borrow_mut(|meanwhile| *meanwhile = what);
}

/// What happens to a process. Steps are its own requests to the store and to the server, in order.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    /// It dies before this step.
    pub(crate) dies_at: Option<usize>,
    /// It stands still before this step.
    pub(crate) stalls_at: Option<usize>,
    /// The first write from this step on goes wrong.
    pub(crate) fails_at: Option<(usize, WriteFault)>,
    /// From this step on it reads this past, until it has waited so often.
    pub(crate) past: Option<(usize, Arc<InMemory>, usize)>,
}

/// A process with its connection.
#[derive(Debug)]
pub(crate) struct Process {
    bucket: Arc<InMemory>,
    /// The thread whose requests are steps: those of other threads come in no order.
    thread: ThreadId,
    life: Mutex<Life>,
}

#[derive(Debug)]
struct Life {
    fate: Fate,
    steps: usize,
    is_dead: bool,
}

fn killed() -> ObjectError {
    ObjectError::Rejected("killed".to_owned())
}

/// The part of a state that an object is.
fn part(key: &str) -> &str {
    match key.split_once(".json") {
        Some((_, "")) => "state",
        Some((_, rest)) => rest.trim_start_matches('.').split('/').next().unwrap_or_default(),
        None => "nothing",
    }
}

impl Process {
    pub(crate) fn new(bucket: &Arc<InMemory>, fate: Fate) -> Arc<Self> {
        let life = Mutex::new(Life { fate, steps: 0, is_dead: false });
        Arc::new(Self { bucket: Arc::clone(bucket), thread: thread::current().id(), life })
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.life.lock().unwrap().is_dead
    }

    /// A step; the error says that the process is dead.
    pub(crate) fn step(&self, what: &str) -> Result<(), ObjectError> {
        if thread::current().id() != self.thread {
            return if self.is_dead() { Err(killed()) } else { Ok(()) };
        }
        let stalls = {
            let mut life = self.life.lock().unwrap();
            let step = life.steps;
            life.steps += 1;
            if !life.is_dead && life.fate.dies_at.is_some_and(|at| step >= at) {
                coverage::count(format!("died before {what}"));
                life.is_dead = true;
            }
            if life.is_dead {
                return Err(killed());
            }
            life.fate.stalls_at == Some(step)
        };
        if stalls && let Some(meanwhile) = MEANWHILE.take() {
            coverage::count(format!("stood still before {what}"));
            meanwhile();
        }
        Ok(())
    }

    /// What goes wrong with this write.
    fn fault(&self, what: &str) -> Option<WriteFault> {
        if thread::current().id() != self.thread {
            return None;
        }
        let mut life = self.life.lock().unwrap();
        let steps = life.steps;
        let (_, fault) = life.fate.fails_at.take_if(|(at, _)| *at < steps)?;
        coverage::count(format!("{fault:?} of {what}"));
        Some(fault)
    }

    /// The past that is read.
    fn past(&self) -> Option<Arc<InMemory>> {
        let life = self.life.lock().unwrap();
        let (_, past, _) = life.fate.past.as_ref().filter(|(from, ..)| *from < life.steps)?;
        Some(Arc::clone(past))
    }

    fn write(
        &self,
        what: &str,
        write: impl FnOnce() -> Result<Tag, ObjectError>,
    ) -> Result<Tag, ObjectError> {
        self.step(what)?;
        match self.fault(what) {
            Some(WriteFault::Conflict) => Err(ObjectError::Refused),
            Some(WriteFault::ErrorAfterWrite) => write().and(Err(ObjectError::Unclear("503".to_owned()))),
            Some(_) => Err(ObjectError::Unclear("cut".to_owned())),
            None => write(),
        }
    }
}

impl Objects for Process {
    fn get(&self, key: &str) -> Result<Option<StoredObject>, ObjectError> {
        self.step(&format!("get {}", part(key)))?;
        let Some(past) = self.past() else { return self.bucket.get(key) };
        coverage::count(format!("old {}", part(key)));
        let since = self.bucket.now() - past.now();
        let old = past.get(key)?;
        Ok(old.map(|old| StoredObject { age: old.age.map(|age| age + since), ..old }))
    }

    fn tag(&self, key: &str) -> Result<Option<Tag>, ObjectError> {
        self.step(&format!("tag {}", part(key)))?;
        match self.past() {
            Some(past) => past.tag(key),
            None => self.bucket.tag(key),
        }
    }

    fn create(&self, key: &str, bytes: &[u8]) -> Result<Tag, ObjectError> {
        let is_closing = bytes.starts_with(b"{\"format\":\"certctl.closed");
        let what = if is_closing { "closing".to_owned() } else { format!("create {}", part(key)) };
        self.write(&what, || self.bucket.create(key, bytes))
    }

    fn replace(&self, key: &str, tag: &Tag, bytes: &[u8]) -> Result<Tag, ObjectError> {
        self.write(&format!("replace {}", part(key)), || self.bucket.replace(key, tag, bytes))
    }

    fn remove(&self, key: &str) -> Result<(), ObjectError> {
        self.step(&format!("remove {}", part(key)))?;
        Objects::remove(&*self.bucket, key)
    }

    fn list(&self, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
        self.step(&format!("list {}", part(folder)))?;
        match self.past() {
            Some(past) => past.list(folder, after),
            None => self.bucket.list(folder, after),
        }
    }

    fn pause(&self, _: Duration) {
        let mut life = self.life.lock().unwrap();
        let steps = life.steps;
        if let Some((from, _, waits)) = &mut life.fate.past
            && *from < steps
        {
            if *waits == 0 {
                life.fate.past = None;
            } else {
                *waits -= 1;
            }
        }
    }
}
