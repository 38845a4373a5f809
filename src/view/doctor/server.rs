//! The academy's server: whether it can be reached, and whether it accepts the key.

use super::{Complaint, Diagnosis, clock};
use crate::model::{Advice, KeyCheck};
use crate::view::Words;

/// What was found of the server of an environment.
#[derive(Clone, Debug)]
pub struct ServerFacts {
    /// The address, as certctl.toml has it.
    pub url: String,
    /// Where the key comes from; the error says why there is none.
    pub key: Result<String, Complaint>,
    /// Whether the key may be sent there: the state is of this address, or there is none.
    pub is_key_sent: bool,
    /// The proxy on the way, in words.
    pub proxy: Option<String>,
    /// What the server said; the error says why it was not asked.
    pub answer: Result<KeyCheck, Complaint>,
    /// How many seconds this machine's clock is ahead of the server's, if the server says its time.
    pub clock_ahead: Option<i64>,
}

/// Judges a server; `None` stands for the embedded one.
pub fn diagnose_server(facts: Option<&ServerFacts>) -> Vec<Diagnosis> {
    let Some(facts) = facts else {
        let words = "the embedded server: no network, no key";
        return vec![Diagnosis::right("connection", Words::own(words))];
    };
    let mut found = vec![connection(facts), key(facts)];
    if facts.answer.as_ref().is_ok_and(KeyCheck::is_answered) {
        found.push(clock::diagnose_clock(facts.clock_ahead));
    }
    found
}

fn connection(facts: &ServerFacts) -> Diagnosis {
    const SUBJECT: &str = "connection";
    let server = || Words::default().name(&facts.url);
    let answer = match &facts.answer {
        Ok(answer) => answer,
        Err(complaint) => return complaint.about(SUBJECT),
    };
    match answer {
        KeyCheck::Accepted | KeyCheck::Refused | KeyCheck::Forbidden | KeyCheck::Limited => {
            let way = match &facts.proxy {
                Some(proxy) => Words::own(" answers, through ").name(proxy),
                None => Words::own(" answers"),
            };
            Diagnosis::right(SUBJECT, server().with(way))
        }
        KeyCheck::Moved { status, to } => {
            let words = server().and(format!(" says that its address is another one ({status})"));
            let words = match to {
                Some(to) => words.and(": ").quoting(to),
                None => words,
            };
            Diagnosis::wrong(SUBJECT, words).then_look_again(CORRECT_URL)
        }
        KeyCheck::NotFound => {
            let words = server().and(" answers, and does not know the address of the API (404)");
            Diagnosis::wrong(SUBJECT, words).then_look_again(CORRECT_URL)
        }
        KeyCheck::Failing { status } => {
            Diagnosis::look(SUBJECT, server().and(format!(" has an error ({status})"))).say("Try again later")
        }
        KeyCheck::Strange { status } => {
            let words = server().and(format!(" answers ({status}), but not as the academy's API does"));
            Diagnosis::wrong(SUBJECT, words).then_look_again(CORRECT_URL)
        }
        KeyCheck::Untrusted { reason } => untrusted(server(), reason),
        KeyCheck::Unreachable { reason } => {
            let (words, command) = way_there(facts);
            Diagnosis::wrong(SUBJECT, server().and(" cannot be reached: ").quoting(reason))
                .run(words, command)
        }
        KeyCheck::Unanswered { reason } => {
            Diagnosis::wrong(SUBJECT, server().and(" does not answer: ").quoting(reason))
                .run("To ask it again", Advice::Doctor)
        }
    }
}

/// What to do about a server that cannot be reached.
fn way_there(facts: &ServerFacts) -> (&'static str, Advice) {
    let host = facts.url.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    match &facts.proxy {
        Some(_) => (
            "Correct the address of the proxy, or go there without it",
            Advice::SetVariable { variable: "NO_PROXY", value: host.to_owned() },
        ),
        // Plain http leads to this machine only, and through no proxy.
        None if facts.url.starts_with("http://") => {
            ("Start the server there, or correct `url` in certctl.toml, and look again", Advice::Doctor)
        }
        None => (
            "Behind a proxy, name it before you run certctl",
            Advice::SetVariable { variable: "HTTPS_PROXY", value: "http://HOST:PORT".to_owned() },
        ),
    }
}

const CORRECT_URL: &str = "Correct `url` in certctl.toml";

fn untrusted(server: Words, reason: &str) -> Diagnosis {
    let words = Words::own("the certificate of ").with(server).and(" is not trusted: ").quoting(reason);
    Diagnosis::wrong("connection", words)
        .say("Nothing was sent. Check that `url` in certctl.toml is the academy's own address")
        .run(
            "If a proxy or firewall of your network puts its own certificate in between, name the file of its certificate \
             authority",
            Advice::SetVariable { variable: "SSL_CERT_FILE", value: "/path/to/authority.pem".to_owned() },
        )
}

fn key(facts: &ServerFacts) -> Diagnosis {
    const SUBJECT: &str = "key";
    let source = match &facts.key {
        Err(complaint) => return complaint.about(SUBJECT),
        Ok(source) => Words::own("the key (from ").name(source).and(")"),
    };
    if !facts.is_key_sent {
        let why = " was not checked: while the state cannot be used, it is not known whether the key belongs to this address";
        return Diagnosis::look(SUBJECT, source.and(why)).say("First see to what is wrong with the state");
    }
    match &facts.answer {
        Ok(KeyCheck::Accepted) => Diagnosis::right(SUBJECT, source.and(" is right")),
        Ok(KeyCheck::Refused) => Diagnosis::wrong(SUBJECT, source.and(" is refused by the server")).then_look_again(
            "Copy the key again in the academy's admin page, or make a new one, and check that it is for this academy",
        ),
        Ok(KeyCheck::Forbidden) => {
            Diagnosis::wrong(SUBJECT, source.and(" is known to the server, and its user may not use the API (403)"))
                .then_look_again("Give its user the role that may edit certificate templates")
        }
        Ok(KeyCheck::Limited) => Diagnosis::look(
            SUBJECT,
            source.and(" was not checked, because the server's rate limit is used up (429)"),
        )
        .run("Try again in a minute", Advice::Doctor),
        Ok(_) | Err(_) => {
            Diagnosis::look(SUBJECT, source.and(" could not be checked: see the connection"))
        }
    }
}
