//! What follows from which answer, as a table (contract section 8). The table is data: the program acts by it and
//! the documentation prints it, so the two cannot differ.

use super::{Answer, Response, claimed_ids};

/// What became of a request, as far as repeating it is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// No byte was sent.
    NothingSent,
    /// No byte was sent, because the server's certificate is not trusted.
    Untrusted,
    /// 2xx: the body says what happened.
    Success,
    /// 429.
    RateLimited,
    /// 400, 409, 413, 422: the server refused the whole request because of something in it.
    RefusedWhole,
    /// 401, 403: the key is wrong or may not do this.
    Unauthorised,
    /// 301, 307, 308: the address is another one.
    MovedAway,
    /// Any other 4xx but 408.
    OtherRefusal,
    /// 503 with a `Retry-After` that can be read: the server says that it did not take the request.
    Unavailable,
    /// Any other 5xx.
    ServerError,
    /// Sent, and no answer came; 408 counts here too.
    Lost,
    /// A status that means nothing for this request.
    Strange,
    /// A status that refuses the request, and a body that says that something was done.
    Contradictory,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Read the body: it says what happened to each row.
    Read,
    /// Send the same request again after a wait; when that has been done often enough, end as said.
    SendAgain(Ending),
    /// Send each half by itself, until the row at fault stands alone; that one failed.
    Halve,
    /// The rows ended as said.
    End(Ending),
    /// Send nothing any more; the rows were not acted upon.
    Stop,
}

/// How rows end whose request is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server refused them.
    Failed,
    /// What became of them is not known.
    InDoubt,
    /// The server did not take them, and would take no other either: the run stops.
    NotSent,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What happened.
    pub event: Event,
    /// In words, for the documentation.
    pub what: &'static str,
    /// For a request that creates.
    pub creates: Reaction,
    /// For a request that only updates.
    pub updates: Reaction,
    /// Why.
    pub why: &'static str,
}

/// The whole table; every event stands in it once.
pub const TABLE: [Rule; 13] = [
    Rule {
        event: Event::NothingSent,
        what: "no connection, no byte sent",
        creates: Reaction::SendAgain(Ending::NotSent),
        updates: Reaction::SendAgain(Ending::NotSent),
        why: "the server cannot have acted on what it never got",
    },
    Rule {
        event: Event::Untrusted,
        what: "the server's certificate is not trusted",
        creates: Reaction::Stop,
        updates: Reaction::Stop,
        why: "no byte was sent, and the next connection would meet the same certificate",
    },
    Rule {
        event: Event::Success,
        what: "2xx",
        creates: Reaction::Read,
        updates: Reaction::Read,
        why: "the body says what happened; a body that cannot be read, or speaks of an error beside its counts, leaves the \
            rows in doubt",
    },
    Rule {
        event: Event::RateLimited,
        what: "429",
        creates: Reaction::SendAgain(Ending::NotSent),
        updates: Reaction::SendAgain(Ending::NotSent),
        why: "the server says that it did not take the request, and when to come back; if it never does, no other \
            request would fare better",
    },
    Rule {
        event: Event::RefusedWhole,
        what: "400, 409, 413, 422",
        creates: Reaction::Halve,
        updates: Reaction::Halve,
        why: "the server refused the whole request; halving finds the row at fault",
    },
    Rule {
        event: Event::Unauthorised,
        what: "401, 403",
        creates: Reaction::Stop,
        updates: Reaction::Stop,
        why: "the key would be refused for every other request too",
    },
    Rule {
        event: Event::MovedAway,
        what: "301, 307, 308",
        creates: Reaction::Stop,
        updates: Reaction::Stop,
        why: "the url in certctl.toml is not the server's; the key is not carried to another address",
    },
    Rule {
        event: Event::OtherRefusal,
        what: "any other 4xx",
        creates: Reaction::End(Ending::Failed),
        updates: Reaction::End(Ending::Failed),
        why: "the server refused the request",
    },
    Rule {
        event: Event::Unavailable,
        what: "503 with Retry-After",
        creates: Reaction::SendAgain(Ending::Failed),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "the server says that it did not take the request, and when to come back",
    },
    Rule {
        event: Event::ServerError,
        what: "any other 5xx",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "it may have happened: a second create could make a second template, a second update sets the same values",
    },
    Rule {
        event: Event::Lost,
        what: "timeout, reset, no answer, 408",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "it may have happened: a second create could make a second template, a second update sets the same values",
    },
    Rule {
        event: Event::Contradictory,
        what: "any refusal whose body says that something was done",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::End(Ending::InDoubt),
        why: "status and body cannot both be right",
    },
    Rule {
        event: Event::Strange,
        what: "any other status",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::End(Ending::InDoubt),
        why: "it says nothing about what happened",
    },
];

impl Event {
    /// What happened, by the answer.
    pub fn of(answer: &Answer) -> Self {
        match answer {
            Answer::NotSent { .. } => Self::NothingSent,
            Answer::Untrusted { .. } => Self::Untrusted,
            Answer::Lost { .. } => Self::Lost,
            Answer::Response(response) => {
                let event = Self::of_status(response);
                let says_done = || response.body.as_ref().is_ok_and(|body| claimed_ids(body).is_some());
                if event.is_refusal() && says_done() { Self::Contradictory } else { event }
            }
        }
    }

    fn of_status(response: &Response) -> Self {
        match response.status {
            200..=299 => Self::Success,
            429 => Self::RateLimited,
            400 | 409 | 413 | 422 => Self::RefusedWhole,
            401 | 403 => Self::Unauthorised,
            301 | 307 | 308 => Self::MovedAway,
            408 => Self::Lost,
            404..=499 | 402 => Self::OtherRefusal,
            503 if response.rate.retry_after.is_some() => Self::Unavailable,
            500..=599 => Self::ServerError,
            _ => Self::Strange,
        }
    }

    /// Whether it says that nothing was done.
    fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::RefusedWhole
                | Self::Unauthorised
                | Self::MovedAway
                | Self::OtherRefusal
                | Self::Unavailable
        )
    }

    /// The table's line for it.
    pub fn rule(self) -> &'static Rule {
        // Strange is the last line and the one that a gap in the table would mean; a test keeps it whole.
        TABLE.iter().find(|rule| rule.event == self).unwrap_or(&TABLE[TABLE.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::RateHeaders;
    use std::time::Duration;

    fn event(status: u16, retry_after: Option<u64>) -> Event {
        let rate =
            RateHeaders { retry_after: retry_after.map(Duration::from_secs), ..RateHeaders::default() };
        Event::of(&Answer::Response(Response { status, rate, location: None, body: Ok(Vec::new()) }))
    }

    #[test]
    fn every_event_stands_in_the_table_once() {
        for rule in TABLE {
            assert_eq!(rule.event.rule(), &rule);
            assert_eq!(TABLE.iter().filter(|other| other.event == rule.event).count(), 1);
        }
    }

    #[test]
    fn a_create_is_never_repeated_where_it_may_have_happened() {
        for status in (100..=599).filter(|status| !matches!(status, 429 | 503)) {
            let reaction = event(status, Some(1)).rule().creates;
            assert!(!matches!(reaction, Reaction::SendAgain(_)), "{status}");
        }
        for (status, retry_after) in
            [(500, Some(1)), (502, Some(1)), (503, None), (504, Some(1)), (408, None)]
        {
            assert_eq!(event(status, retry_after).rule().creates, Reaction::End(Ending::InDoubt), "{status}");
        }
        assert_eq!(event(503, Some(1)).rule().creates, Reaction::SendAgain(Ending::Failed));
        assert_eq!(Event::Lost.rule().creates, Reaction::End(Ending::InDoubt));
    }
}
