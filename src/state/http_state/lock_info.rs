//! What Terraform's protocol says about a lock: who asks for it, and who holds it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::SecretText;
use crate::state::Holder;

/// The body of a request for a lock, and of the answer that refuses it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LockInfo {
    #[serde(rename = "ID")]
    pub(super) id: String,
    pub(super) operation: String,
    /// Of a lock that certctl asked for: its [`Holder`] as JSON.
    pub(super) info: String,
    pub(super) who: String,
    /// The version of the program that asked.
    pub(super) version: String,
    pub(super) created: String,
    pub(super) path: String,
}

impl LockInfo {
    /// Longer texts are cut: a server may say anything.
    const LONGEST: usize = 200;

    /// What this process asks with.
    pub(super) fn new(holder: &Holder, id: uuid::Uuid, path: &str) -> Self {
        Self {
            id: id.to_string(),
            operation: format!("certctl {}", holder.operation),
            info: serde_json::to_string(holder).unwrap_or_default(),
            who: format!("{}@{}", holder.who, holder.host),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: holder.since.to_string(),
            path: path.to_owned(),
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what a server says about the holder, without the secret; `None` if it does not name a lock.
    pub(super) fn read(body: &[u8], secret: Option<&SecretText>) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str, longest: usize| {
            let text = value.get(name).and_then(Value::as_str).unwrap_or_default();
            let redacted = secret.and_then(|secret| secret.redacted(text));
            let text = redacted.as_deref().unwrap_or(text);
            text.chars().filter(|c| !c.is_control()).take(longest).collect::<String>()
        };
        let info = Self {
            id: text("ID", Self::LONGEST),
            operation: text("Operation", Self::LONGEST),
            info: text("Info", 10 * Self::LONGEST),
            who: text("Who", Self::LONGEST),
            version: text("Version", Self::LONGEST),
            created: text("Created", Self::LONGEST),
            path: text("Path", Self::LONGEST),
        };
        (!info.id.is_empty()).then_some(info)
    }

    /// The run of certctl that holds it, if one does and says so.
    pub(super) fn holder(&self) -> Option<Holder> {
        serde_json::from_str(&self.info).ok()
    }

    /// Leaves out what the server only repeats of the question: GitLab answers with the asking run's own operation.
    pub(super) fn without_echo(self, asked: &Self) -> Self {
        if self.info == asked.info && self.id != asked.id {
            Self { operation: String::new(), info: String::new(), path: String::new(), ..self }
        } else {
            self
        }
    }

    /// Who holds it and since when, for people, where it is not known to be a run of certctl.
    pub(super) fn words(&self) -> String {
        let mut words = match (self.operation.as_str(), self.who.as_str()) {
            ("", "") => "a run that the server does not name".to_owned(),
            ("", who) => who.to_owned(),
            (operation, "") => format!("`{operation}`"),
            (operation, who) => format!("`{operation}` of {who}"),
        };
        if !self.created.is_empty() {
            words.push_str(&format!(", since {}", self.created));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::Timestamp;

    fn asked(pid: u32) -> LockInfo {
        let holder = serde_json::json!({
            "who": "ann", "host": "h", "pid": pid, "operation": "apply", "since": Timestamp::from_unix_seconds(0)
        });
        LockInfo::new(&serde_json::from_value(holder).unwrap(), Uuid::from_u128(pid.into()), "test")
    }

    #[test]
    fn a_run_of_certctl_is_known_by_its_lock() {
        let (first, second) = (asked(1), asked(2));
        let refused = LockInfo::read(&first.text(), None).unwrap().without_echo(&second);
        assert_eq!(refused.holder().unwrap().pid, 1);
        // GitLab repeats the question.
        let echo =
            LockInfo { id: first.id, who: "ann".to_owned(), created: "today".to_owned(), ..second.clone() };
        let refused = LockInfo::read(&echo.text(), None).unwrap().without_echo(&second);
        assert_eq!((refused.holder(), refused.words()), (None, "ann, since today".to_owned()));
    }

    #[test]
    fn what_a_server_says_is_shown_without_secrets() {
        let secret = SecretText::new("hunter2hunter2", "[the password]");
        let body = br#"{"ID": "x", "Who": "a\nhunter2hunter2", "Operation": null, "Created": 3}"#;
        assert_eq!(LockInfo::read(body, Some(&secret)).unwrap().words(), "a[the password]");
        for other in ["", "[]", "{}", "{\"ID\": 3}", "locked"] {
            assert_eq!(LockInfo::read(other.as_bytes(), None), None);
        }
    }
}
