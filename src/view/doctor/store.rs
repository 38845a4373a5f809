//! The store of a shared state: whether it can be used, by which credentials, and whether it compares and swaps.

use super::{Complaint, Diagnosis};
use crate::state::StoreLook;
use crate::view::Words;

/// What was found of the store of an environment.
#[derive(Clone, Debug)]
pub struct StoreFacts {
    /// The address of the state.
    pub address: String,
    /// The environment variables for it.
    pub variables: StoreVariables,
    /// What one look has shown; the error says why there was none.
    pub look: Result<StoreLook, Complaint>,
    /// Whether a person allows a store that does not compare and swap.
    pub allows_unsafe: bool,
}

/// The environment variables for a store, by name.
#[derive(Clone, Debug, Default)]
pub struct StoreVariables {
    /// Those that are set and read.
    pub found: Vec<&'static str>,
    /// Those that are set, and that certctl does not read.
    pub not_read: Vec<&'static str>,
}

/// Judges the store of a shared state.
pub fn diagnose_store(facts: &StoreFacts) -> Vec<Diagnosis> {
    const SUBJECT: &str = "store";
    let variables = &facts.variables;
    let found = match &variables.found[..] {
        [] => "no variable for it is set".to_owned(),
        names => format!("it is used as these variables say: {}", names.join(", ")),
    };
    let look = match &facts.look {
        Ok(look) => look,
        Err(complaint) => {
            let help = complaint.help.clone().say(match &variables.found[..] {
                [] => "No variable for it is set".to_owned(),
                names => format!("These variables for it are set: {}", names.join(", ")),
            });
            let help = match &variables.not_read[..] {
                [] => help,
                names => help.say(format!("Set, and not read by certctl: {}", names.join(", "))),
            };
            return vec![Complaint { message: complaint.message.clone(), help }.about(SUBJECT)];
        }
    };
    let words = Words::default().name(&facts.address).and(format!(" answers; {found}"));
    vec![Diagnosis::right(SUBJECT, words), conditions(facts.allows_unsafe, *look)]
}

fn conditions(allows_unsafe: bool, look: StoreLook) -> Diagnosis {
    const SUBJECT: &str = "store";
    match (allows_unsafe, look) {
        (true, _) => Diagnosis::look(
            SUBJECT,
            Words::own(
                "allow_unsafe_store = true: the store need not compare and swap. If two runs write at the same time, one can \
                 overwrite what the other one recorded",
            ),
        ),
        (false, StoreLook::ByLock) => Diagnosis::right(
            SUBJECT,
            Words::own("writes rest on the server's lock; docs/shared-state.md says what is weaker"),
        ),
        (false, StoreLook::Proven) => {
            Diagnosis::right(SUBJECT, Words::own("the store was seen to compare and swap"))
        }
        (false, StoreLook::NotProven) => Diagnosis::right(
            SUBJECT,
            Words::own(
                "whether the store compares and swaps is found out by the first run that writes there",
            ),
        ),
    }
}
