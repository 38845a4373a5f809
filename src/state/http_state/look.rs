//! One look at the server of a state, for a person who wants to know whether it can be used. It repeats nothing and takes
//! no lock.

use reqwest::Method;

use super::HttpStore;
use super::exchange::Failed;
use crate::state::{StateError, StoreLook};

impl HttpStore {
    /// Asks the server for the state, once.
    pub fn look(&self) -> Result<StoreLook, StateError> {
        let server = self.server()?;
        let reply = server.ask(&Method::GET, server.address.url(), None);
        let status = reply.map_err(|silence| self.failed("read", Failed(silence.0)))?.status;
        match status {
            // There may be no state yet.
            200..=299 | 404 => Ok(StoreLook::ByLock),
            _ => Err(self.failed("read", Failed(server.words(status)))),
        }
    }
}
