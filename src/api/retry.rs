//! What to do after each kind of answer, as a table (contract section 8). `apply` acts on it and the documentation prints
//! it, so the two cannot differ. Nothing here sends or waits.

use super::{Answer, HttpResponse, claimed_ids};

/// What happened to a request, as far as a retry is concerned.
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
    /// 400, 409, 413, 422: the server rejected the whole request because of something in it.
    RefusedWhole,
    /// 401, 403: the key is wrong or lacks the permission.
    Unauthorised,
    /// 301, 307, 308: the server has another address.
    MovedAway,
    /// Any other 4xx except 408.
    OtherRefusal,
    /// 503 with a valid `Retry-After`: the server says that it did not accept the request.
    Unavailable,
    /// Any other 5xx.
    ServerError,
    /// Sent, and no answer arrived; also 408.
    Lost,
    /// A status that has no meaning for this request, such as 1xx or 304.
    Strange,
    /// The status rejects the request, but the body reports changes.
    Contradictory,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Read the body: it reports what happened to each row.
    Read,
    /// Wait and send the same request again; after the last attempt, end the rows like this.
    SendAgain(Ending),
    /// Split the request in halves until the faulty row is alone; that row has failed.
    Halve,
    /// End the rows like this.
    End(Ending),
    /// Stop the run; the server did not process the rows.
    Stop,
}

/// The final state of rows whose request is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The server rejected them.
    Failed,
    /// Their outcome is unknown.
    InDoubt,
    /// The server did not accept them and would accept no others: the run stops.
    NotSent,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The event that the rule is for.
    pub event: Event,
    /// The event in words, for the documentation.
    pub what: &'static str,
    /// Reaction for a request with creates.
    pub creates: Reaction,
    /// Reaction for a request with updates only.
    pub updates: Reaction,
    /// The reason for both reactions, for the documentation.
    pub why: &'static str,
}

/// The whole table, one rule per event.
pub const TABLE: [Rule; 13] = [
    Rule {
        event: Event::NothingSent,
        what: "no connection, no byte sent",
        creates: Reaction::SendAgain(Ending::NotSent),
        updates: Reaction::SendAgain(Ending::NotSent),
        why: "the server cannot act on a request that it never received",
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
        why: "the body reports what happened; an unreadable body, or one with an undocumented error, leaves the rows in \
            doubt",
    },
    Rule {
        event: Event::RateLimited,
        what: "429",
        creates: Reaction::SendAgain(Ending::NotSent),
        updates: Reaction::SendAgain(Ending::NotSent),
        why: "the server did not accept the request and says when to try again; if it never accepts it, other requests \
            would fail too",
    },
    Rule {
        event: Event::RefusedWhole,
        what: "400, 409, 413, 422",
        creates: Reaction::Halve,
        updates: Reaction::Halve,
        why: "the server rejected the whole request; halving finds the faulty row",
    },
    Rule {
        event: Event::Unauthorised,
        what: "401, 403",
        creates: Reaction::Stop,
        updates: Reaction::Stop,
        why: "the server would reject the key for every other request too",
    },
    Rule {
        event: Event::MovedAway,
        what: "301, 307, 308",
        creates: Reaction::Stop,
        updates: Reaction::Stop,
        why: "the url in certctl.toml is not the server's address; the key is never sent to another one",
    },
    Rule {
        event: Event::OtherRefusal,
        what: "any other 4xx",
        creates: Reaction::End(Ending::Failed),
        updates: Reaction::End(Ending::Failed),
        why: "the server rejected the request",
    },
    Rule {
        event: Event::Unavailable,
        what: "503 with Retry-After",
        creates: Reaction::SendAgain(Ending::Failed),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "the server did not accept the request and says when to try again",
    },
    Rule {
        event: Event::ServerError,
        what: "any other 5xx",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "the request may have been executed: a second create could make a second template, a second update sets the same values",
    },
    Rule {
        event: Event::Lost,
        what: "timeout, reset, no answer, 408",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::SendAgain(Ending::InDoubt),
        why: "the request may have been executed: a second create could make a second template, a second update sets the same values",
    },
    Rule {
        event: Event::Contradictory,
        what: "any rejection whose body reports a change",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::End(Ending::InDoubt),
        why: "status and body contradict each other",
    },
    Rule {
        event: Event::Strange,
        what: "any other status",
        creates: Reaction::End(Ending::InDoubt),
        updates: Reaction::End(Ending::InDoubt),
        why: "the status does not tell what happened",
    },
];

impl Event {
    /// Classifies an answer.
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

    fn of_status(response: &HttpResponse) -> Self {
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

    /// Whether the event means that the server changed nothing.
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

    /// The table's rule for this event.
    pub fn rule(self) -> &'static Rule {
        // The last rule, the safest, also covers a gap in the table; a test checks that there is none.
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
        Event::of(&Answer::Response(HttpResponse { status, rate, location: None, body: Ok(Vec::new()) }))
    }

    #[test]
    fn every_event_has_one_rule() {
        for rule in TABLE {
            assert_eq!(rule.event.rule(), &rule);
            assert_eq!(TABLE.iter().filter(|other| other.event == rule.event).count(), 1);
        }
    }

    #[test]
    fn possibly_executed_creates_are_never_repeated() {
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
