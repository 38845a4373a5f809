//! Sends the requests that issue certificates, one after the other: each is durable before its first byte, and its outcome
//! before the next one. The first answer that is lost, or that says nothing certain, ends the run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::look::learner;
use crate::api::retry::Event;
use crate::api::wire::CertifyRequest;
use crate::api::{Answer, Client, Login, RateHeaders, Throttle, error_message, read_certified};
use crate::cli::apply::Destination;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::ledger::now;
use crate::cli::output::Output;
use crate::cli::sandbox::Embedded;
use crate::cli::store::StateStore;
use crate::cli::{network, resources, signals};
use crate::crash::{Point, reach};
use crate::model::{ApiKey, Key, NaturalKey, ObserverPassword};
use crate::state::{AsyncLedger, CertificateOutcome, Ledger, Record, StateError};

/// What every request needs.
pub(super) struct Issuing<'a> {
    pub(super) context: &'a Context,
    /// The user who gets the certificates.
    pub(super) user_id: String,
    pub(super) email: String,
    pub(super) output: &'a Output,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Issued {
    pub(super) results: Vec<(Key, CertificateOutcome)>,
    /// Why the run ended before the last certificate.
    pub(super) stopped: Option<String>,
    /// Whether a signal ended it.
    pub(super) interrupted: bool,
}

/// What ends a run early.
const STOPPED: &str = "stopped by a signal";
/// How often a connection is tried for a request.
const MAX_CONNECTIONS: u32 = 5;
/// The wait between two of these tries.
const SHORT: Duration = Duration::from_secs(1);

/// Issues these certificates, and makes the outcomes part of the state.
pub(super) fn issue_all(
    issuing: &Issuing<'_>,
    wanted: &BTreeMap<Key, NaturalKey>,
    ledger: Ledger<StateStore>,
) -> Result<Issued, Failure> {
    let context = issuing.context;
    let timeout = context.environment.api.timeout;
    let client = |url: &str, key: &ApiKey| {
        Client::new(url, key, timeout).map_err(|error| Failure::error(error.to_string()))
    };
    let destination = Destination::of(context)?;
    network::run(async {
        match destination {
            Destination::Remote(key) => {
                let client = client(&context.identity.url, &key)?;
                one_after_the_other(issuing, wanted, ledger, &client).await
            }
            Destination::Embedded | Destination::Nowhere => {
                let password =
                    ObserverPassword::new(&uuid::Uuid::new_v4().to_string()).map_err(Failure::error)?;
                let user_id = Some(issuing.user_id.clone());
                let login = Login { email: issuing.email.clone(), password, user_id };
                let (store, document) = (context.store.path(), ledger.document().clone());
                let server = Embedded::start_with(store, &document, learner(&login), issuing.output).await?;
                let client = client(&server.url(), server.key())?;
                let issued = one_after_the_other(issuing, wanted, ledger, &client).await;
                server.stop().await;
                issued
            }
        }
    })?
}

async fn one_after_the_other(
    issuing: &Issuing<'_>,
    wanted: &BTreeMap<Key, NaturalKey>,
    ledger: Ledger<StateStore>,
    client: &Client,
) -> Result<Issued, Failure> {
    let ledger = AsyncLedger::start(ledger).map_err(|error| resources::no_thread(&error))?;
    let pace = issuing.context.environment.api.requests_per_minute;
    let interrupted = signals::asked();
    let mut sender = Sender {
        client,
        throttle: Throttle::new(pace),
        began: Instant::now(),
        interrupted: interrupted.clone(),
    };
    let (mut issued, mut unwritten) = (Issued::default(), Vec::new());
    for (key, resource) in wanted {
        if issued.stopped.is_none() && *interrupted.borrow() {
            issued.interrupted = true;
            issued.stopped = Some(STOPPED.to_owned());
        }
        if issued.stopped.is_some() {
            issued.results.push((key.clone(), CertificateOutcome::NotSent));
            continue;
        }
        let request = CertifyRequest {
            user_id: issuing.user_id.clone(),
            resource_type: resource.resource_type.clone(),
            resource_id: resource.resource_id.clone(),
            send_email: false,
        };
        let (outcome, stopped) = match may_be_sent(&ledger, intent(key, &request)).await {
            Ok(()) => sender.send(&request).await,
            Err(error) => (CertificateOutcome::NotSent, Some(error.to_string())),
        };
        issued.stopped = stopped;
        issued.interrupted = *interrupted.borrow();
        let answered = Record::Certified { at: now(), key: key.clone(), outcome: outcome.clone() };
        let answered = Arc::new(answered);
        if let Err(error) = ledger.record(Arc::clone(&answered)).await {
            // The checkpoint tries once more; until then, the certificate counts as uncertain.
            unwritten.push(answered);
            issued.stopped.get_or_insert_with(|| error.to_string());
        }
        issued.results.push((key.clone(), outcome));
    }
    ledger.checkpoint(&unwritten).await?;
    Ok(issued)
}

/// Makes the intent durable, and checks that this process is still the only writer.
async fn may_be_sent(ledger: &AsyncLedger, intent: Record) -> Result<(), StateError> {
    ledger.record(Arc::new(intent)).await?;
    reach(Point::RequestReady);
    ledger.check().await
}

fn intent(key: &Key, request: &CertifyRequest) -> Record {
    Record::Certify {
        at: now(),
        key: key.clone(),
        resource_id: request.resource_id.clone(),
        resource_type: request.resource_type.clone(),
        user_id: request.user_id.clone(),
    }
}

struct Sender<'a> {
    client: &'a Client,
    throttle: Throttle,
    began: Instant,
    interrupted: watch::Receiver<bool>,
}

/// How long a signal waits for an answer.
const GRACE: Duration = Duration::from_millis(5500);

impl Sender<'_> {
    /// Sends one request, once: only a connection that took no byte of it is tried again. No answer proves that the server
    /// did not issue the certificate before it answered, so a second request could issue a second one. Returns the outcome,
    /// and why no other request is to follow.
    async fn send(&mut self, request: &CertifyRequest) -> (CertificateOutcome, Option<String>) {
        for attempt in 1.. {
            let ready = self.began + self.throttle.ready_at(self.began.elapsed());
            if self.waits_until(ready).await.is_none() {
                return (CertificateOutcome::NotSent, Some(STOPPED.to_owned()));
            }
            let ticket = self.throttle.take(self.began.elapsed());
            let answer = self.answer(request).await;
            match &answer {
                Answer::Response(response) => {
                    self.throttle.observe(self.began.elapsed(), ticket, &response.rate);
                }
                _ => self.throttle.request_lost(),
            }
            match Event::of(&answer) {
                Event::NothingSent if attempt < MAX_CONNECTIONS => {
                    self.throttle.pause(self.began.elapsed(), SHORT);
                }
                event => return outcome(&answer, event),
            }
        }
        (CertificateOutcome::NotSent, None)
    }

    /// Waits; `None` if a signal comes first.
    async fn waits_until(&mut self, moment: Instant) -> Option<()> {
        tokio::select! {
            biased;
            Ok(_) = self.interrupted.wait_for(|stop| *stop) => None,
            () = sleep_until(moment) => Some(()),
        }
    }

    /// Sends the request. After a signal, the answer has a little time left.
    async fn answer(&mut self, request: &CertifyRequest) -> Answer {
        let interrupted = &mut self.interrupted;
        let stopped = async {
            match interrupted.wait_for(|stop| *stop).await {
                Ok(_) => sleep(GRACE).await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            answer = self.client.certify(request) => answer,
            () = stopped => Answer::Lost { reason: format!("{STOPPED} before the answer came") },
        }
    }
}

fn outcome(answer: &Answer, event: Event) -> (CertificateOutcome, Option<String>) {
    let words = words(answer);
    let in_doubt = |message: String| {
        let stopped = Some(format!("the outcome of a request is not known: {message}"));
        (CertificateOutcome::InDoubt { message }, stopped)
    };
    let body = match answer {
        Answer::Response(response) => response.body.as_deref().map_err(Clone::clone),
        _ => Err(words.clone()),
    };
    let certified = body.and_then(read_certified);
    match event {
        Event::Success => match certified {
            Ok(()) => (CertificateOutcome::Issued, None),
            Err(why) => in_doubt(why),
        },
        // A refusal that shows a certificate contradicts itself.
        _ if certified.is_ok() => in_doubt(words),
        Event::RefusedWhole | Event::OtherRefusal => (CertificateOutcome::Refused { message: words }, None),
        Event::RateLimited => (CertificateOutcome::NotSent, Some(format!("{words}. {}", when_again(answer)))),
        Event::NothingSent | Event::Untrusted | Event::Unauthorised | Event::MovedAway => {
            (CertificateOutcome::NotSent, Some(words))
        }
        // 503 as well, whatever it says of a later time: it may have been made after the work was done.
        Event::Unavailable | Event::ServerError | Event::Lost | Event::Strange | Event::Contradictory => {
            in_doubt(words)
        }
    }
}

/// When a request that the rate limit refused may be sent.
fn when_again(answer: &Answer) -> String {
    let rate = match answer {
        Answer::Response(response) => response.rate,
        _ => RateHeaders::default(),
    };
    let wait = Duration::from_secs(rate.asked_wait().as_secs());
    format!("Run this again in {}", humantime::format_duration(wait))
}

/// An answer in words.
fn words(answer: &Answer) -> String {
    match answer {
        Answer::NotSent { reason } | Answer::Lost { reason } => reason.clone(),
        Answer::Untrusted { reason } => format!("the server's certificate is not trusted: {reason}"),
        Answer::Response(response) => {
            let text = response.body.as_ref().ok().and_then(|body| error_message(body));
            match text {
                Some(text) => format!("the server answered {}: {text}", response.status),
                None => format!("the server answered {}", response.status),
            }
        }
    }
}
