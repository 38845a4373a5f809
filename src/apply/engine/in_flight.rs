//! The requests that were sent and are not answered.

use std::collections::BTreeMap;

use super::RequestId;
use super::queue::Task;
use crate::api::Ticket;

/// A request that is under way.
#[derive(Debug)]
pub(super) struct Flight {
    /// What it asks.
    pub(super) task: Task,
    /// For the pace, which is given it back with the answer.
    pub(super) ticket: Ticket,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    named: u64,
    flights: BTreeMap<RequestId, Flight>,
}

impl InFlight {
    /// A request leaves.
    pub(super) fn add(&mut self, flight: Flight) -> RequestId {
        self.named += 1;
        let id = RequestId(self.named);
        self.flights.insert(id, flight);
        id
    }

    /// A request is answered, or did not leave.
    pub(super) fn land(&mut self, id: RequestId) -> Option<Flight> {
        self.flights.remove(&id)
    }

    /// Every request is given up; in the order in which they were sent.
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
