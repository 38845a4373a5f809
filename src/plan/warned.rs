//! The warnings of a plan, for its reviewer.

use serde::{Deserialize, Serialize};

use super::{Entry, Held};
use crate::model::Key;

/// The prefix of the rules that explain why a template is held back.
const HELD: &str = "held-";

/// One warning of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warned {
    /// The warning in words.
    pub text: String,
    /// Lines to paste into the YAML, printed below the text.
    pub paste: Option<String>,
    /// What the warning shares with others like it; `None` for a warning without a rule.
    pub kind: Option<WarningKind>,
    /// The templates concerned; empty if it concerns none in particular.
    pub keys: Vec<Key>,
}

/// What warnings of one kind have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WarningKind {
    /// The warning, without the template and its place.
    pub message: String,
    /// The stable id of the rule.
    pub rule: String,
}

impl From<String> for Warned {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Warned {
    /// Returns a warning about some templates, with its rule.
    pub fn of(rule: &str, message: impl Into<String>, keys: Vec<Key>, text: String) -> Self {
        let kind = WarningKind { message: message.into(), rule: rule.to_owned() };
        Self { text, paste: None, kind: Some(kind), keys }
    }

    /// Returns the text followed by the lines to paste.
    pub fn whole(&self) -> String {
        self.paste.iter().fold(self.text.clone(), |text, paste| format!("{text}\n{paste}"))
    }

    /// Splits a whole text into a warning and its lines to paste.
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

    /// Returns whether the warning has only text.
    pub(super) fn has_only_text(&self) -> bool {
        self.kind.is_none() && self.keys.is_empty() && self.paste.is_none()
    }

    /// Returns whether it explains why a template is held back, which is printed with the template.
    pub(super) fn explains_held(&self) -> bool {
        self.rule().is_some_and(|rule| rule.starts_with(HELD))
    }

    /// Warns that the server keeps one template and gets another.
    pub(super) fn replaced(key: &Key) -> Self {
        let message = "will be for another resource or audience. The server keeps the template it has now and gets a second \
                       one; the old one stays in the state as an orphan until you delete it by hand";
        Self::of("replaced", message, vec![key.clone()], format!("{key} {message}"))
    }

    /// Warns that a template is not forgotten yet.
    pub(super) fn not_forgotten(key: &Key) -> Self {
        let message = "is in `removed`, and is forgotten only once it is known what became of it";
        Self::of("not-forgotten", message, vec![key.clone()], format!("{key} {message}"))
    }

    /// Warns that a template is not forgotten yet, because another is to be created in its place.
    pub(super) fn kept_for(key: &Key, successor: &Key) -> Self {
        let message = "is in `removed`, and is not forgotten yet: another template is for the same resource and audience";
        let text = format!(
            "{key} is in `removed`, and is not forgotten yet: {successor} is for the same resource and audience, and {key} is not \
             known to be gone from the server. Both go ahead once an export or the observer has shown that it is gone, or once \
             you have deleted it in the admin page and told the state to forget it (state rm)"
        );
        Self::of("not-forgotten", message, vec![key.clone(), successor.clone()], text)
    }

    /// Warns about a rename that cannot be carried out.
    pub(super) fn not_moved(from: &Key, to: &Key) -> Self {
        let message = "the state has both keys of `moved`, so nothing is moved";
        let text = format!(
            "moved: the state has both {from} and {to}, so nothing is moved. Forget the one that is wrong (state rm)"
        );
        Self::of("not-moved", message, vec![from.clone(), to.clone()], text)
    }

    /// Says that the plan does not follow from the configuration.
    pub(super) fn reverts(serial: u64) -> Self {
        let text = format!(
            "this plan brings back what the state held at serial {serial}, whatever the YAML says. While the YAML stays as it is, the \
             next plan shows the way forward again"
        );
        Self::of("reverts", text.clone(), Vec::new(), text)
    }

    /// Explains what is held back and why.
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

    /// Returns the id of the rule, if there is one.
    pub fn rule(&self) -> Option<&str> {
        self.kind.as_ref().map(|kind| kind.rule.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_lines_end_the_whole_text() {
        let warning =
            Warned { paste: Some("moved:\n  - x".to_owned()), ..Warned::from("write this:".to_owned()) };
        assert_eq!(warning.whole(), "write this:\nmoved:\n  - x");
        let read = |whole: &str, paste: Option<&str>| {
            Warned::from_whole(whole.to_owned(), None, Vec::new(), paste.map(str::to_owned))
        };
        assert_eq!(read(&warning.whole(), warning.paste.as_deref()), warning);
        // A plan made by hand is shown as it is.
        for (whole, paste) in
            [("write this:", Some("moved:")), ("write this: moved:", Some("moved:")), ("a", None)]
        {
            assert_eq!(read(whole, paste), Warned::from(whole.to_owned()));
        }
    }
}
