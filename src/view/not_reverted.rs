//! What a revert does not bring back, as it is told.

use std::collections::BTreeMap;

use crate::model::Key;
use crate::plan::NotReverted;
use crate::state::RowStatus;

/// Templates that are left as they are for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAsItIs {
    /// The templates, by key.
    pub keys: Vec<Key>,
    /// Why, in a sentence.
    pub why: String,
    /// Whether `recover` settles them first.
    pub is_open: bool,
}

/// Groups what is left as it is, for going back to this serial.
pub fn left_as_it_is(left: &BTreeMap<Key, NotReverted>, serial: u64) -> Vec<LeftAsItIs> {
    let mut groups: Vec<LeftAsItIs> = Vec::new();
    for (key, reason) in left {
        let why = sentence(reason, serial);
        match groups.iter_mut().find(|group| group.why == why) {
            Some(group) => group.keys.push(key.clone()),
            None => groups.push(LeftAsItIs {
                keys: vec![key.clone()],
                why,
                is_open: matches!(reason, NotReverted::Open(_)),
            }),
        }
    }
    groups
}

fn sentence(reason: &NotReverted, serial: u64) -> String {
    match reason {
        NotReverted::Newer => {
            format!("The state did not have it at serial {serial}, and nothing is deleted.")
        }
        NotReverted::Forgotten => {
            "The state does not have it any more. If it is to be made again, put it into the YAML.".to_owned()
        }
        NotReverted::NotOnServer => {
            "The server is not known to hold it now, and going back creates nothing.".to_owned()
        }
        NotReverted::NotKnown => format!("What the server held at serial {serial} is not known."),
        NotReverted::Elsewhere => format!(
            "It was for another course or audience at serial {serial}, and going back would create a second template there."
        ),
        NotReverted::Open(RowStatus::Pending) => "A job of the server is processing it.".to_owned(),
        NotReverted::Open(_) => "Its last attempt is in doubt.".to_owned(),
        NotReverted::Invalid(rules) => {
            format!("Template files do not allow what it was at serial {serial}: {}.", rules.join("; "))
        }
    }
}
