//! The observer: whether it is set up, and what its certificates are known to show.

use super::{Complaint, Diagnosis};
use crate::model::Advice;
use crate::state::ObserverShows;
use crate::view::Words;

/// What was found of the observer of an environment.
#[derive(Clone, Debug)]
pub struct ObserverFacts {
    /// Who logs in.
    pub email: String,
    /// Where the password comes from; the error says why there is none.
    pub password: Result<String, Complaint>,
    /// What its certificates show, if the state knows that.
    pub shows: Option<ObserverShows>,
}

/// Judges the observer of an environment, which need not have one.
pub fn diagnose_observer(facts: Option<&ObserverFacts>) -> Diagnosis {
    const SUBJECT: &str = "observer";
    let Some(facts) = facts else {
        let words = "there is none: what is on the server is seen by exports alone";
        return Diagnosis::right(SUBJECT, Words::own(words));
    };
    let source = match &facts.password {
        Err(complaint) => return complaint.about(SUBJECT),
        Ok(source) => source,
    };
    let observer = Words::default().name(&facts.email).and(" has a password (from ").name(source).and(")");
    match facts.shows {
        Some(ObserverShows::Now) => {
            Diagnosis::right(SUBJECT, observer.and("; its certificates show templates as they are"))
        }
        Some(ObserverShows::AtIssue) => Diagnosis::right(
            SUBJECT,
            observer.and(
                "; its certificates show templates as they were when the certificates were issued: ids count, contents do not",
            ),
        ),
        None => Diagnosis::look(
            SUBJECT,
            observer.and("; it is not known whether its certificates show templates as they are: ids count, contents do not"),
        )
        .run("After an apply that changed a template, this learns it", Advice::ObserverStatus),
    }
}
