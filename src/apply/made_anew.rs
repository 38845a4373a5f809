//! Templates that the server created although they were to be updated.

use crate::model::{Key, few};

/// Such templates of one response, or of a whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MadeAnew {
    /// The keys of those that are known.
    pub keys: Vec<Key>,
    /// How many others were created, in requests whose answer does not say which.
    pub unnamed: u64,
}

impl MadeAnew {
    /// Adds those of another response.
    pub(super) fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.unnamed = self.unnamed.saturating_add(other.unnamed);
    }

    /// The warning for a person, or `None` if there are none.
    pub(super) fn warning(mut self) -> Option<String> {
        self.keys.sort();
        let count = self.unnamed.saturating_add(self.keys.len() as u64);
        let templates = match count {
            0 => return None,
            1 => "1 template",
            count => &format!("{count} templates"),
        };
        let named = if self.keys.is_empty() { String::new() } else { format!(" ({})", few(&self.keys)) };
        let ids = if self.unnamed == 0 {
            "The new ids are recorded, but not in place of ids that were imported"
        } else {
            "The answers do not say for each which it is, so ids in the state may be out of date"
        };
        Some(format!(
            "the server made {templates} anew where only updates were sent{named}: it did not have them. Most likely they were \
             deleted there, or the state knows another server: an import of another instance's export, or a state from a \
             machine with a sandbox of its own. {ids}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_and_not_ids() {
        let key = |number: usize| Key::new(format!("t-{number:03}")).unwrap();
        let mut run = MadeAnew::default();
        assert_eq!(run.clone().warning(), None);
        for request in 0..3 {
            run.add(MadeAnew { keys: (0..98).map(|row| key(request * 100 + row)).collect(), unnamed: 0 });
        }
        let warning = run.clone().warning().unwrap();
        let begins = "the server made 294 templates anew where only updates were sent (t-000, t-001, t-002, t-003, t-004 \
                      and 289 more): it did not have them.";
        assert!(warning.starts_with(begins), "{warning}");
        run.add(MadeAnew { keys: Vec::new(), unnamed: 6 });
        assert!(run.warning().unwrap().contains("made 300 templates anew"));
    }
}
