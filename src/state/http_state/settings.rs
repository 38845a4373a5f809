//! How a server is reached: the addresses and methods of its lock, and the credentials, by Terraform's own variables.

use reqwest::Method;
use url::Url;

use crate::model::{HttpAddress, SecretText, is_loopback};

/// Where and how a lock is taken and released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LockPlace {
    pub(super) lock: Url,
    pub(super) lock_method: Method,
    pub(super) unlock: Url,
    pub(super) unlock_method: Method,
    /// Whether nobody named this place: a lock there counts only if the answer names it, or no other place has one.
    pub(super) is_guess: bool,
}

/// The settings of one server.
pub(super) struct ServerSettings {
    pub(super) update_method: Method,
    pub(super) username: Option<String>,
    pub(super) password: Option<SecretText>,
    /// The places of the lock, in the order in which they are tried.
    pub(super) locks: Vec<LockPlace>,
}

impl std::fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerSettings").field("locks", &self.locks).finish_non_exhaustive()
    }
}

impl ServerSettings {
    /// The settings for a state at this address. `variable` looks up a variable of the process; an empty one, as pipelines
    /// leave it, counts as missing. The error never repeats a value.
    pub(super) fn of(state: &HttpAddress, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let method = |name: &str| {
            let parse = |text: String| Method::from_bytes(text.as_bytes()).ok();
            let wrong = || format!("{name} is no HTTP method: write a word such as POST");
            variable(name).map(|text| parse(text).ok_or_else(wrong)).transpose()
        };
        let update_method = method("TF_HTTP_UPDATE_METHOD")?.unwrap_or(Method::POST);
        let (lock_method, unlock_method) = (method("TF_HTTP_LOCK_METHOD")?, method("TF_HTTP_UNLOCK_METHOD")?);
        let lock = variable("TF_HTTP_LOCK_ADDRESS").map(|text| address("TF_HTTP_LOCK_ADDRESS", &text));
        let unlock = variable("TF_HTTP_UNLOCK_ADDRESS").map(|text| address("TF_HTTP_UNLOCK_ADDRESS", &text));
        let (lock, unlock) = (lock.transpose()?, unlock.transpose()?);
        let gitlab = state.gitlab_lock();
        let place = |lock: Url, unlock: Url, is_guess| {
            let is_gitlabs = gitlab.as_ref() == Some(&lock);
            let (asks, gives_back) = if is_gitlabs { ("POST", "DELETE") } else { ("LOCK", "UNLOCK") };
            let or = |method: &Option<Method>, usual: &str| {
                method.clone().or_else(|| Method::from_bytes(usual.as_bytes()).ok()).unwrap_or(Method::POST)
            };
            LockPlace {
                lock_method: or(&lock_method, asks),
                unlock_method: or(&unlock_method, gives_back),
                lock,
                unlock,
                is_guess,
            }
        };
        let own = || place(state.url().clone(), state.url().clone(), false);
        let locks = match (lock, unlock, gitlab.clone()) {
            (Some(lock), unlock, _) => vec![place(lock.clone(), unlock.unwrap_or(lock), false)],
            (None, Some(unlock), None) => vec![place(state.url().clone(), unlock, false)],
            (None, Some(unlock), Some(lock)) => vec![place(lock, unlock, false)],
            (None, None, None) => vec![own()],
            // Another server may have states under such an address, too.
            (None, None, Some(lock)) => vec![place(lock.clone(), lock, true), own()],
        };
        let mut safe = Vec::new();
        for place in locks {
            match place.danger(state, &update_method) {
                None => safe.push(place),
                Some(_) if !safe.is_empty() => {}
                Some(why) => return Err(why),
            }
        }
        let (username, password) = (variable("TF_HTTP_USERNAME"), variable("TF_HTTP_PASSWORD"));
        let password = password.map(|text| SecretText::new(text, SecretText::STATE_PASSWORD));
        Ok(Self { update_method, username, password, locks: safe })
    }
}

impl LockPlace {
    /// Why asking for the lock here would change the state itself, if it would.
    fn danger(&self, state: &HttpAddress, update: &Method) -> Option<String> {
        let is_state = |address: &Url| address == state.url();
        let changes = |method: &Method| {
            method == update || [Method::GET, Method::HEAD, Method::DELETE].contains(method)
        };
        let variable = if is_state(&self.lock) && changes(&self.lock_method) {
            "TF_HTTP_LOCK_METHOD"
        } else if is_state(&self.unlock) && changes(&self.unlock_method) {
            "TF_HTTP_UNLOCK_METHOD"
        } else {
            return None;
        };
        let address = variable.replace("METHOD", "ADDRESS");
        Some(format!(
            "{variable} is a method that reads, overwrites or removes the state at its own address. Set {address} to the \
             address of the lock, as the server's documentation names it"
        ))
    }
}

fn address(variable: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("{variable} is not a whole address: write https://…"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{variable} has a user or a password in it: give them with TF_HTTP_USERNAME and TF_HTTP_PASSWORD"
        ));
    }
    match (url.scheme(), url.host()) {
        ("https", _) => Ok(url),
        ("http", Some(host)) if is_loopback(&host) => Ok(url),
        _ => Err(format!("{variable} is an address without TLS: write it with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StateAddress;

    const GITLAB: &str = "https://gitlab.example.com/api/v4/projects/1/terraform/state/production";
    const PLAIN: &str = "https://states.example.com/production";

    fn settings(state: &str, variables: &[(&str, &str)]) -> Result<ServerSettings, String> {
        let Some(Ok(StateAddress::Http(state))) = StateAddress::parse(state) else { panic!("{state}") };
        let found = |name: &str| variables.iter().find(|(known, _)| *known == name);
        ServerSettings::of(&state, &|name| found(name).map(|(_, value)| (*value).to_owned()))
    }

    fn locks(state: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let word = |place: &LockPlace| {
            let LockPlace { lock, lock_method, unlock, unlock_method, .. } = place;
            format!("{lock_method} {lock} {unlock_method} {unlock}")
        };
        settings(state, variables).unwrap().locks.iter().map(word).collect()
    }

    #[test]
    fn gitlab_needs_no_variables() {
        assert_eq!(
            locks(GITLAB, &[]),
            [format!("POST {GITLAB}/lock DELETE {GITLAB}/lock"), format!("LOCK {GITLAB} UNLOCK {GITLAB}")]
        );
        assert_eq!(locks(PLAIN, &[("TF_HTTP_LOCK_METHOD", "")]), [format!("LOCK {PLAIN} UNLOCK {PLAIN}")]);
        let lock = format!("{GITLAB}/lock");
        assert_eq!(locks(GITLAB, &[("TF_HTTP_LOCK_ADDRESS", &lock)]), [format!("POST {lock} DELETE {lock}")]);
    }

    #[test]
    fn terraforms_variables_are_taken() {
        let variables = [
            ("TF_HTTP_LOCK_ADDRESS", "https://states.example.com/lock?of=production"),
            ("TF_HTTP_UNLOCK_ADDRESS", "https://states.example.com/unlock"),
            ("TF_HTTP_LOCK_METHOD", "PUT"),
            ("TF_HTTP_UNLOCK_METHOD", "DELETE"),
            ("TF_HTTP_UPDATE_METHOD", "PUT"),
        ];
        assert_eq!(
            locks(PLAIN, &variables),
            ["PUT https://states.example.com/lock?of=production DELETE https://states.example.com/unlock"]
        );
        assert_eq!(settings(PLAIN, &variables).unwrap().update_method, Method::PUT);
    }

    #[test]
    fn variables_that_endanger_the_state_are_refused() {
        for (variable, value, why) in [
            ("TF_HTTP_LOCK_METHOD", "POST", "overwrites"),
            ("TF_HTTP_UNLOCK_METHOD", "DELETE", "removes"),
            ("TF_HTTP_LOCK_METHOD", "a b", "no HTTP method"),
            ("TF_HTTP_LOCK_ADDRESS", "http://states.example.com/lock", "without TLS"),
            ("TF_HTTP_UNLOCK_ADDRESS", "https://me:topsecret@states.example.com/lock", "TF_HTTP_PASSWORD"),
            ("TF_HTTP_LOCK_ADDRESS", "topsecret", "whole address"),
        ] {
            let error = settings(PLAIN, &[(variable, value)]).unwrap_err();
            assert!(error.contains(why) && error.contains(variable), "{error}");
            assert!(!error.contains("topsecret"), "{error}");
        }
    }
}
