//! Who sent what a row holds, and from where. A run knows it from its surroundings; rows and the journal keep it for
//! people, and nothing is decided by it.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::is_unseen;

/// The longest name of an actor that is kept, in characters.
const ACTOR: usize = 100;
/// The longest id of a commit that is kept: a SHA-256 in hexadecimal digits.
const COMMIT: usize = 64;
/// The longest address of a run that is kept, in bytes.
const RUN_URL: usize = 300;

/// Who ran a command, from which commit, and in which run of a pipeline. At least one of them is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance(Arc<ProvenanceText>);

/// As written in the state file. Fields in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Provenance"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProvenanceText {
    /// Who ran the command: the pipeline's actor, otherwise the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    /// The commit that the pipeline ran for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// The address of the pipeline's run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run_url: Option<String>,
}

impl Provenance {
    /// Keeps what can be shown to people: the texts come from a pipeline, where strangers choose some of them. `None` if
    /// nothing is left.
    pub fn of(actor: Option<&str>, commit: Option<&str>, run_url: Option<&str>) -> Option<Self> {
        let text = ProvenanceText {
            actor: actor.and_then(shown_actor),
            commit: commit.filter(|text| is_plain(text, COMMIT)).map(str::to_owned),
            run_url: run_url.filter(|text| is_plain(text, RUN_URL) && is_web(text)).map(str::to_owned),
        };
        (text != ProvenanceText::default()).then(|| Self(Arc::new(text)))
    }

    /// Who ran the command.
    pub fn actor(&self) -> Option<&str> {
        self.0.actor.as_deref()
    }

    /// The commit that the pipeline ran for.
    pub fn commit(&self) -> Option<&str> {
        self.0.commit.as_deref()
    }

    /// The address of the pipeline's run.
    pub fn run_url(&self) -> Option<&str> {
        self.0.run_url.as_deref()
    }
}

/// The name without characters that hide or control a terminal, on one line.
fn shown_actor(text: &str) -> Option<String> {
    let shown =
        text.chars().filter(|c| !c.is_control() && !is_unseen(*c) && !matches!(c, '\u{2028}' | '\u{2029}'));
    let shown: String = shown.take(ACTOR).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

fn is_plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether it is the address of a page, without a user and a password.
fn is_web(text: &str) -> bool {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    address.is_some_and(|address| !address.contains('@'))
}

impl Serialize for Provenance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Provenance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Arc::new(ProvenanceText::deserialize(deserializer)?)))
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Provenance {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Provenance".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        ProvenanceText::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(actor: &str, commit: &str, run_url: &str) -> Option<Provenance> {
        Provenance::of(Some(actor), Some(commit), Some(run_url))
    }

    #[test]
    fn texts_of_strangers_are_bounded_and_plain() {
        let kept = of("\u{1b}[31mann\n\u{202e}", "abc\u{1b}[0m", "https://x.example/\nforged").unwrap();
        assert_eq!((kept.actor(), kept.commit(), kept.run_url()), (Some("[31mann"), None, None));
        let long = of(&"a".repeat(1000), &"b".repeat(65), &format!("https://{}", "c".repeat(300))).unwrap();
        assert_eq!(long.actor().map(str::len), Some(ACTOR));
        assert_eq!((long.commit(), long.run_url()), (None, None));
    }

    #[test]
    fn addresses_with_a_password_are_dropped() {
        assert_eq!(of("", "", "https://ann:secret@ci.example/1"), None);
        assert_eq!(of(" ", "", "javascript:alert(1)"), None);
        let kept = of("", "", "https://ci.example/_build/results?buildId=7").unwrap();
        assert_eq!(kept.run_url(), Some("https://ci.example/_build/results?buildId=7"));
    }

    #[test]
    fn absent_parts_are_not_written() {
        let kept = of("ann", "", "").unwrap();
        assert_eq!(serde_json::to_string(&kept).unwrap(), r#"{"actor":"ann"}"#);
        assert_eq!(serde_json::from_str::<Provenance>(r#"{"actor":"ann"}"#).unwrap(), kept);
        assert!(serde_json::from_str::<Provenance>(r#"{"branch":"x"}"#).is_err());
    }
}
