//! Reads, writes, locks and unlocks that survive lost answers.
//!
//! The protocol has no compare-and-swap. A write names the lock of its run, which a good server compares, and right
//! before it the document is read and compared: so a run that lost its lock overwrites nothing, even on a server that
//! ignores the lock. After any answer but a success, the document is read back, and its nonce shows whose it is.

use std::thread::sleep;

use reqwest::Method;
use url::Url;
use uuid::Uuid;

use super::document::SeenWrite;
use super::lock_info::LockInfo;
use super::requests::{ServerReply, Silence, StateServer};
use super::settings::LockPlace;
use super::words::{is_locked, is_unclear};
use crate::state::store_requests::PAUSES;

/// Why something did not succeed, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed(pub(super) String);

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteResult {
    /// The document is in place.
    InPlace,
    /// Another run's document is in place, or this run's lock is gone.
    TakenOver,
}

/// The result of asking for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LockRequest {
    /// The lock is ours, and is released here.
    Taken(LockPlace),
    /// Another run holds it. What the server says of it, and where to release it.
    Held(Option<LockInfo>, LockPlace),
}

/// The result of one attempt to lock at one place.
enum LockAnswer {
    Taken {
        /// Whether the answer names the lock.
        is_named: bool,
    },
    Held(Option<LockInfo>),
    /// There is no lock to be had here, in words.
    Refused(String),
}

impl StateServer {
    /// Makes a request, again while it is not known how it ended.
    fn ask_again(&self, method: &Method, url: &Url, body: Option<&[u8]>) -> Result<ServerReply, Failed> {
        let mut pauses = PAUSES.iter();
        loop {
            let reply = self.ask(method, url, body);
            let is_known = reply.as_ref().is_ok_and(|reply| !is_unclear(reply.status));
            match pauses.next().filter(|_| !is_known) {
                Some(pause) => sleep(*pause),
                None => return self.known(reply),
            }
        }
    }

    fn known(&self, reply: Result<ServerReply, Silence>) -> Result<ServerReply, Failed> {
        match reply {
            Ok(reply) if is_unclear(reply.status) => Err(Failed(self.words(reply.status))),
            Ok(reply) => Ok(reply),
            Err(Silence(words)) => Err(Failed(words)),
        }
    }

    /// Reads the document; `None` if there is none.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, Failed> {
        let reply = self.ask_again(&Method::GET, self.address.url(), None)?;
        match reply.status {
            // An empty body is no document, as for Terraform.
            200 => Ok(Some(reply.body).filter(|body| !body.is_empty())),
            404 if names_the_project(&reply.body) => Err(Failed(self.words(404))),
            204 | 404 => Ok(None),
            status => Err(Failed(self.words(status))),
        }
    }

    /// Writes a document with this nonce in the place of the one that was seen there, under this lock.
    pub(super) fn write(
        &self,
        document: &[u8],
        nonce: Uuid,
        lock: &str,
        expected: &SeenWrite,
    ) -> Result<WriteResult, Failed> {
        let mut url = self.address.url().clone();
        url.query_pairs_mut().append_pair("ID", lock);
        let mut pauses = PAUSES.iter();
        loop {
            let reply = self.ask(&self.settings.update_method, &url, Some(document));
            if reply.as_ref().is_ok_and(|reply| (200..=299).contains(&reply.status)) {
                return Ok(WriteResult::InPlace);
            }
            // An earlier attempt may have been carried out although its answer is lost. A server that keeps one version
            // for each serial then refuses the next one.
            let there = SeenWrite::of(self.read()?.as_deref());
            if there == SeenWrite::Write(nonce) {
                return Ok(WriteResult::InPlace);
            }
            if there != *expected || reply.as_ref().is_ok_and(|reply| is_locked(reply.status)) {
                return Ok(WriteResult::TakenOver);
            }
            let failed = match reply {
                Ok(reply) if !is_unclear(reply.status) => return Err(Failed(self.words(reply.status))),
                Ok(reply) => Failed(self.words(reply.status)),
                Err(Silence(words)) => Failed(words),
            };
            match pauses.next() {
                Some(pause) => sleep(*pause),
                None => return Err(failed),
            }
        }
    }

    /// Asks for the lock, at each place where it may be.
    pub(super) fn lock(&self, info: &LockInfo) -> Result<LockRequest, Failed> {
        let mut unnamed: Option<&LockPlace> = None;
        let mut refusal: Option<String> = None;
        for place in &self.settings.locks {
            match self.lock_at(place, info)? {
                LockAnswer::Taken { is_named } if is_named || !place.is_guess => {
                    return Ok(LockRequest::Taken(place.clone()));
                }
                LockAnswer::Taken { .. } => unnamed = Some(place),
                LockAnswer::Held(other) => {
                    if let Some(place) = unnamed {
                        self.unlock(place, info);
                    }
                    return Ok(LockRequest::Held(other, place.clone()));
                }
                LockAnswer::Refused(words) => {
                    refusal.get_or_insert(words);
                }
            }
        }
        match (unnamed, refusal) {
            (Some(place), _) => Ok(LockRequest::Taken(place.clone())),
            (None, words) => Err(Failed(words.unwrap_or_default())),
        }
    }

    fn lock_at(&self, place: &LockPlace, info: &LockInfo) -> Result<LockAnswer, Failed> {
        let text = info.text();
        let reply = match self.ask_again(&place.lock_method, &place.lock, Some(&text)) {
            Ok(reply) => reply,
            Err(failed) => {
                // It may be ours although no answer came.
                let _ = self.unlock_once(place, info);
                return Err(failed);
            }
        };
        let said = LockInfo::read(&reply.body, self.settings.password.as_ref());
        let is_ours = said.as_ref().is_some_and(|said| said.id == info.id);
        Ok(match reply.status {
            200..=299 => LockAnswer::Taken { is_named: is_ours },
            // The first attempt was carried out, and its answer was lost.
            409 | 423 if is_ours => LockAnswer::Taken { is_named: true },
            409 | 423 => LockAnswer::Held(said.map(|said| said.without_echo(info))),
            status => LockAnswer::Refused(self.why_no_lock(status, place)),
        })
    }

    fn why_no_lock(&self, status: u16, place: &LockPlace) -> String {
        let words = self.words(status);
        match status {
            401 | 403 if !self.is_trusted(&place.lock) => format!(
                "{words}. The lock is on another server than the state, and the credentials are not sent there"
            ),
            400 | 404 | 405 | 501 => format!(
                "{words} when asked for a lock with {}. If the lock of this server is at another address or has another \
                 method, set TF_HTTP_LOCK_ADDRESS, TF_HTTP_LOCK_METHOD and their twins for UNLOCK, as for Terraform",
                place.lock_method
            ),
            _ => words,
        }
    }

    /// Releases the lock. Returns whether the server says so.
    pub(super) fn unlock(&self, place: &LockPlace, info: &LockInfo) -> bool {
        let mut pauses = PAUSES.iter();
        let mut is_repeated = false;
        loop {
            let reply = self.unlock_once(place, info);
            match &reply {
                Ok(reply) if (200..=299).contains(&reply.status) => return true,
                // The first attempt may have been carried out.
                Ok(reply) if !is_unclear(reply.status) => return is_repeated,
                _ => is_repeated = true,
            }
            let Some(pause) = pauses.next() else {
                tracing::info!(why = ?self.known(reply).err(), "the lock was not released");
                return false;
            };
            sleep(*pause);
        }
    }

    /// The body names the lock, as Terraform's does.
    fn unlock_once(&self, place: &LockPlace, info: &LockInfo) -> Result<ServerReply, Silence> {
        self.ask(&place.unlock_method, &place.unlock, Some(&info.text()))
    }
}

/// Whether an answer says that there is no such project: then it is not the state that is missing.
fn names_the_project(body: &[u8]) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    value.is_some_and(|value| {
        let message = value.get("message").and_then(serde_json::Value::as_str).unwrap_or_default();
        message.to_lowercase().contains("project")
    })
}
