//! A request on its way: the last look before it leaves, and what becomes of one that does not.

use super::execute::{Run, Stop};
use super::queue::Task;
use crate::api::retry::Ending;
use crate::api::{Answer, Call, Transport};
use crate::state::{StateError, Store, Watch};

/// Sends, if this process still is the only writer right before.
pub(super) async fn send<T: Transport>(
    transport: &T,
    call: Call,
    watch: Watch,
) -> Result<Answer, StateError> {
    watch.look()?;
    Ok(transport.send(call).await)
}

impl<S: Store, T: Transport> Run<'_, S, T> {
    /// A request that was recorded and did not leave: another run may be writing the state, so nothing else leaves either.
    pub(super) fn withheld(&mut self, task: Task, error: &StateError) {
        // What was never sent is not counted as sent.
        self.requests = self.requests.saturating_sub(1);
        self.throttle.request_lost();
        let why = error.to_string();
        self.stop.get_or_insert(Stop::Journal(why.clone()));
        if let Task::Submit(batch) = task {
            self.flying.remove(&batch.name);
            self.end(&batch, Ending::NotSent, &why);
        }
    }
}
