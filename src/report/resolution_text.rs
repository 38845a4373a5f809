//! The words about a resolution: what was recorded about a row, and what the next apply does with it.

use super::safe_text;
use crate::model::{Advice, Commands, Help, Key};
use crate::state::{Resolution, Row};

/// Whether the YAML has a template: only then is there anything to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InYaml {
    /// The template is in the YAML.
    Yes,
    /// The template is not in the YAML.
    No,
    /// The YAML cannot be read.
    NotKnown,
}

/// A recorded resolution.
pub struct Recorded<'a> {
    /// The key of the template.
    pub key: &'a Key,
    /// The resolution.
    pub settlement: &'a Resolution,
    /// The resulting row.
    pub row: Option<&'a Row>,
    /// Whether a create was in doubt, not only an update.
    pub creates: bool,
    /// Whether the YAML still has the template.
    pub in_yaml: InYaml,
}

impl Recorded<'_> {
    /// The resolution in words; `why` is the reason why the template's contents are unknown.
    pub fn text(&self, why: Option<&str>, commands: &dyn Commands) -> String {
        let is_known = self.row.is_some_and(|row| row.confirmed.is_some());
        match self.settlement {
            Resolution::Created { id } => {
                let text = format!("recorded as created, with the id {}", safe_text(id.as_str()));
                if is_known { text } else { self.ambiguous(&text) }
            }
            Resolution::Applied if is_known => "recorded as applied".to_owned(),
            Resolution::Applied => self.ambiguous("recorded as being there"),
            Resolution::Exists { id } if self.is_seen() => {
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                let id = safe_text(id.as_str());
                format!("recorded as existing, with the id {id} and what was seen of it{why}")
            }
            Resolution::Exists { id } => {
                let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
                let id = safe_text(id.as_str());
                let text = format!("recorded as existing, with the id {id}; what it holds is not known{why}");
                self.then(&text, ", so", "all its attributes")
            }
            Resolution::NotCreated if self.creates => self.not_created(commands),
            Resolution::NotCreated if is_known => {
                let text = "recorded as not changed, so the server has the old values";
                self.then(text, ";", "the new ones")
            }
            Resolution::NotCreated => {
                let text = "recorded as not changed; what it holds is not known";
                self.then(text, ", so", "all its attributes")
            }
            Resolution::Resend => "to be sent again".to_owned(),
        }
    }

    /// Whether the state knows what the template holds, because it was seen.
    fn is_seen(&self) -> bool {
        self.row.is_some_and(|row| row.confirmed.is_some() && row.attempts.is_empty())
    }

    fn ambiguous(&self, text: &str) -> String {
        let text = format!("{text}; which of the contents that were sent it holds is not known");
        self.then(&text, ", so", "all its attributes")
    }

    fn not_created(&self, commands: &dyn Commands) -> String {
        let text = self.then("recorded as not created", ";", "it");
        if self.in_yaml != InYaml::No || self.row.is_some_and(Row::exists) {
            return text;
        }
        let forget = Advice::StateRm { keys: vec![self.key.clone()] };
        Help::none()
            .run("To forget it", forget)
            .lines(commands)
            .into_iter()
            .fold(text, |text, line| format!("{text}. {line}"))
    }

    /// Appends what the next apply sends, if anything.
    fn then(&self, text: &str, link: &str, what: &str) -> String {
        match self.in_yaml {
            InYaml::Yes => format!("{text}{link} the next apply sends {what}"),
            InYaml::NotKnown => format!("{text}{link} the next apply sends {what} if the YAML has it"),
            InYaml::No => {
                format!(
                    "{text}. The YAML has no template {}, so nothing sends it",
                    safe_text(self.key.as_str())
                )
            }
        }
    }
}
