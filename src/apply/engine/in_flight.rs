//! The requests that were sent and not yet answered.

use std::collections::BTreeMap;

use super::RequestId;
use super::queue::Task;
use crate::api::Ticket;

/// A request in flight.
#[derive(Debug)]
pub(super) struct Flight {
    /// What was sent.
    pub(super) task: Task,
    /// Goes back to the pace with the answer.
    pub(super) ticket: Ticket,
}

/// All requests in flight.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    named: u64,
    flights: BTreeMap<RequestId, Flight>,
}

impl InFlight {
    /// Adds a request that is sent now.
    pub(super) fn add(&mut self, flight: Flight) -> RequestId {
        self.named += 1;
        let id = RequestId(self.named);
        self.flights.insert(id, flight);
        id
    }

    /// Removes a request that was answered or not sent.
    pub(super) fn land(&mut self, id: RequestId) -> Option<Flight> {
        self.flights.remove(&id)
    }

    /// Gives up every request, in the order in which they were sent.
    pub(super) fn abandon(&mut self) -> impl Iterator<Item = Task> + use<> {
        std::mem::take(&mut self.flights).into_values().map(|flight| flight.task)
    }

    pub(super) fn len(&self) -> usize {
        self.flights.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}
