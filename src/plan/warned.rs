//! What a reviewer should know.

use serde::{Deserialize, Serialize};

use super::{Entry, Held};
use crate::model::Key;

/// What the rules of all warnings begin with that tell why a template is held back.
const HELD: &str = "held-";

/// One warning of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warned {
    /// What is said.
    pub text: String,
    /// Lines that are to be pasted into the YAML as they are, below what is said.
    pub paste: Option<String>,
    /// What it has in common with warnings that say the same of other templates; `None` for a warning about one template alone.
    pub kind: Option<WarningKind>,
    /// The templates that it concerns, where it concerns any in particular.
    pub keys: Vec<Key>,
}

/// What warnings that say the same have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningKind {
    /// What is said, without the template and its place.
    pub message: String,
    /// Stable id of the rule.
    pub rule: String,
}

impl From<String> for Warned {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Warned {
    /// A warning about some templates, of a kind.
    pub fn of(rule: &str, message: impl Into<String>, keys: Vec<Key>, text: String) -> Self {
        let kind = WarningKind { message: message.into(), rule: rule.to_owned() };
        Self { text, paste: None, kind: Some(kind), keys }
    }

    /// What is said, and below it what is to be pasted.
    pub fn whole(&self) -> String {
        self.paste.iter().fold(self.text.clone(), |text, paste| format!("{text}\n{paste}"))
    }

    /// The one that says this as a whole.
    pub(super) fn from_whole(
        whole: String,
        kind: Option<WarningKind>,
        keys: Vec<Key>,
        paste: Option<String>,
    ) -> Self {
        let words = |paste: &String| whole.strip_suffix(paste)?.strip_suffix('\n').map(str::to_owned);
        match paste.as_ref().and_then(words) {
            Some(text) => Self { text, paste, kind, keys },
            None => Self { text: whole, paste: None, kind, keys },
        }
    }

    /// Whether there is nothing to it but words.
    pub(super) fn is_words_alone(&self) -> bool {
        self.kind.is_none() && self.keys.is_empty() && self.paste.is_none()
    }

    /// Whether it tells why a template is held back, as is told with the template itself.
    pub(super) fn is_of_held(&self) -> bool {
        self.rule().is_some_and(|rule| rule.starts_with(HELD))
    }

    /// The server keeps one template and gets another.
    pub(super) fn replaced(key: &Key) -> Self {
        let message = "will be for another resource or audience. The server keeps the template it has now and gets a second \
                       one; the old one stays in the state as an orphan until you delete it by hand";
        Self::of("replaced", message, vec![key.clone()], format!("{key} {message}"))
    }

    /// A rename that cannot be carried out.
    pub(super) fn not_moved(from: &Key, to: &Key) -> Self {
        let message = "the state has both keys of `moved`, so nothing is moved";
        let text = format!(
            "moved: the state has both {from} and {to}, so nothing is moved. Forget the one that is wrong (state rm)"
        );
        Self::of("not-moved", message, vec![from.clone(), to.clone()], text)
    }

    /// What is held back, and why.
    pub fn held(entry: &Entry, held: &Held) -> Self {
        let rule = format!("{HELD}{}", held.reason().replace('_', "-"));
        let message = match held {
            Held::Renamed { .. } => "looks renamed",
            Held::Taken { .. } => "another template has its place on the server",
            // Each ring has its own commands.
            Held::Exchanged { ring } => {
                &format!("has changed places with {}", ring.first().unwrap_or(&entry.key))
            }
            Held::Shifted { count, .. } => &format!("has changed places, as {count} templates have"),
            Held::NoExactId => "its exact id is not known",
            Held::Unsettled => "an earlier attempt on it is not settled",
        };
        Self::of(&rule, message, vec![entry.key.clone()], held.why(entry))
    }

    /// Stable id of the rule, for one of a kind.
    pub fn rule(&self) -> Option<&str> {
        self.kind.as_ref().map(|kind| kind.rule.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_pasted_is_the_end_of_the_whole() {
        let told =
            Warned { paste: Some("moved:\n  - x".to_owned()), ..Warned::from("write this:".to_owned()) };
        assert_eq!(told.whole(), "write this:\nmoved:\n  - x");
        let read = |whole: &str, paste: Option<&str>| {
            Warned::from_whole(whole.to_owned(), None, Vec::new(), paste.map(str::to_owned))
        };
        assert_eq!(read(&told.whole(), told.paste.as_deref()), told);
        // A plan that somebody made by hand shows what it says.
        for (whole, paste) in
            [("write this:", Some("moved:")), ("write this: moved:", Some("moved:")), ("a", None)]
        {
            assert_eq!(read(whole, paste), Warned::from(whole.to_owned()));
        }
    }
}
