//! Gets the API key of an environment, and its observer's password, from a variable, a file or a command. Called by
//! commands that connect; neither is ever printed or part of an error.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::named_file::{read_at_most, read_stream};
use super::secrecy::{NOT_SHOWN, has_random};
use super::{Environment, ReadError};
use crate::model::{Advice, ApiKey, GivenKeys, Help, ObserverPassword, io_words};

/// The largest file or output of a command, in bytes, that can hold a key.
const MAX_BYTES: u64 = 16_000;

/// Why there is no API key or no password. No variant contains any of the secret's text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// No source has a key.
    #[error("there is no API key for {0:?}")]
    Missing(String),
    /// No source has the observer's password.
    #[error("there is no password for the observer of {0:?}")]
    MissingPassword(String),
    /// The text that was given cannot be a key or a password.
    #[error("{source_name}: {why}")]
    Malformed {
        /// The source of the text.
        source_name: String,
        /// What is wrong, without the text.
        why: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the {what} from {} ({variable}): {error}", path_unless_secret(&path.to_string_lossy()))]
    File {
        /// What the file should hold, in words.
        what: &'static str,
        /// The variable that names the file.
        variable: &'static str,
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        error: ReadError,
    },
    /// The command failed.
    #[error("{setting}: `{}` {why}", name_unless_key(program))]
    Command {
        /// The setting that names the command.
        setting: &'static str,
        /// The name of the program.
        program: String,
        /// What happened.
        why: String,
    },
}

impl CredentialError {
    /// What to do about it.
    pub fn help(&self) -> Help {
        let typed = |variable| Advice::TypeSecret { variable };
        match self {
            Self::Missing(_) => Help::none()
                .say(
                    "Set CERTCTL_API_KEY (or TI_API_KEY), name a file that holds it with CERTCTL_API_KEY_FILE, or set \
                     api_key_command for the environment in certctl.toml.",
                )
                .run("To type it, without showing it", typed("CERTCTL_API_KEY")),
            Self::MissingPassword(name) => Help::none()
                .say(format!(
                    "Set CERTCTL_OBSERVER_PASSWORD, name a file that holds it with CERTCTL_OBSERVER_PASSWORD_FILE, or set \
                     password_command in [environments.{name}.observer] in certctl.toml."
                ))
                .run("To type it, without showing it", typed("CERTCTL_OBSERVER_PASSWORD")),
            Self::Malformed { .. } => Help::none().say("Look at how it was copied."),
            Self::File { variable, .. } => Help::none()
                .say("Correct the path, or make the file readable for this user.")
                .run("To look for it elsewhere", Advice::UnsetVariable { variable }),
            Self::Command { .. } => Help::none().say("Run it by hand to see what it says."),
        }
    }
}

/// A secret, and where it comes from.
#[derive(Debug)]
pub struct FoundSecret<S> {
    /// The secret.
    pub secret: S,
    /// The variable, the file or the setting that it comes from, in words.
    pub source: String,
}

/// Returns the name of a file or a program, or a placeholder if it looks like a key put there by mistake.
fn name_unless_key(name: &str) -> &str {
    if has_random(name) { NOT_SHOWN } else { name }
}

/// Like [`name_unless_key`], for a file that cannot be read: a name without a folder and an extension may be any password.
fn path_unless_secret(path: &str) -> &str {
    if path.contains(['/', '\\', '.']) { name_unless_key(path) } else { NOT_SHOWN }
}

/// Where a secret comes from, the first source first.
struct SecretSources {
    /// The secret in words.
    what: &'static str,
    /// The process's environment variables that hold it.
    variables: &'static [&'static str],
    /// The variable that names a file with it.
    file: &'static str,
    /// The setting with a command that prints it.
    setting: &'static str,
}

const KEY: SecretSources = SecretSources {
    what: "key",
    variables: &["CERTCTL_API_KEY", "TI_API_KEY"],
    file: "CERTCTL_API_KEY_FILE",
    setting: "api_key_command",
};

const PASSWORD: SecretSources = SecretSources {
    what: "password",
    variables: &["CERTCTL_OBSERVER_PASSWORD"],
    file: "CERTCTL_OBSERVER_PASSWORD_FILE",
    setting: "password_command",
};

/// Returns the secrets in the process's variables, to be redacted. Reads no file and runs no command.
pub fn given_keys(lookup: &dyn Fn(&str) -> Option<OsString>) -> GivenKeys {
    let text = |name: &&str| lookup(name).and_then(|text| text.into_string().ok());
    let password = PASSWORD.variables.iter().find_map(text);
    GivenKeys::new(KEY.variables.iter().filter_map(text))
        .and_password(password.as_deref())
        .and_state_password(text(&"TF_HTTP_PASSWORD"))
}

/// Returns the API key of an environment from the first source that has one. `lookup` reads the process's environment
/// variables; `api_key_command` runs in `folder`, the folder of certctl.toml.
pub fn api_key(
    environment: &Environment,
    folder: &Path,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<ApiKey, CredentialError> {
    find_api_key(environment, folder, lookup).map(|found| found.secret)
}

/// Like [`api_key`], and returns where the key comes from.
pub fn find_api_key(
    environment: &Environment,
    folder: &Path,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<FoundSecret<ApiKey>, CredentialError> {
    match KEY.text(environment.api_key_command.as_deref(), folder, lookup)? {
        Some((source, text)) => found(source, ApiKey::new(&text)),
        None => Err(CredentialError::Missing(environment.name.clone())),
    }
}

/// Returns the password of an environment's observer, like [`api_key`].
pub fn observer_password(
    environment: &Environment,
    folder: &Path,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<ObserverPassword, CredentialError> {
    find_observer_password(environment, folder, lookup).map(|found| found.secret)
}

/// Like [`observer_password`], and returns where the password comes from.
pub fn find_observer_password(
    environment: &Environment,
    folder: &Path,
    lookup: &dyn Fn(&str) -> Option<OsString>,
) -> Result<FoundSecret<ObserverPassword>, CredentialError> {
    let command = environment.observer.as_ref().and_then(|observer| observer.password_command.as_deref());
    match PASSWORD.text(command, folder, lookup)? {
        Some((source, text)) => found(source, ObserverPassword::new(&text)),
        None => Err(CredentialError::MissingPassword(environment.name.clone())),
    }
}

fn found<S>(source: String, secret: Result<S, &'static str>) -> Result<FoundSecret<S>, CredentialError> {
    match secret {
        Ok(secret) => Ok(FoundSecret { secret, source }),
        Err(why) => Err(CredentialError::Malformed { source_name: source, why }),
    }
}

impl SecretSources {
    /// Returns the name and the text of the first source that has one.
    fn text(
        &self,
        command: Option<&[String]>,
        folder: &Path,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Option<(String, String)>, CredentialError> {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        for name in self.variables {
            if let Some(value) = set(name) {
                return Ok(Some(((*name).to_owned(), value.to_string_lossy().into_owned())));
            }
        }
        if let Some(path) = set(self.file).map(PathBuf::from) {
            let (what, variable) = (self.what, self.file);
            let bytes = read_stream(&path, MAX_BYTES).map_err(|error| CredentialError::File {
                what,
                variable,
                path: path.clone(),
                error,
            })?;
            let source = format!("{} ({variable})", name_unless_key(&path.to_string_lossy()));
            return Ok(Some((source, String::from_utf8_lossy(&bytes).into_owned())));
        }
        let Some([program, arguments @ ..]) = command else { return Ok(None) };
        Ok(Some((self.setting.to_owned(), self.printed(program, arguments, folder)?)))
    }

    /// Runs a command and returns its stdout. It runs without a shell, so that nothing is interpreted; its stderr is shown
    /// to the user, because password managers ask there.
    fn printed(&self, program: &str, arguments: &[String], folder: &Path) -> Result<String, CredentialError> {
        let failed = |why: String| CredentialError::Command {
            setting: self.setting,
            program: program.to_owned(),
            why,
        };
        // Systems differ in how `current_dir` affects a relative program.
        let path = Path::new(program);
        let place = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let path = if path.components().count() > 1 { place.join(path) } else { path.to_owned() };
        let mut child = Command::new(path)
            .args(arguments)
            .current_dir(&place)
            .stdin(Stdio::inherit())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| failed(format!("could not be started: {}", io_words(&error))))?;
        let printed = child.stdout.take().map(|stdout| read_at_most(stdout, MAX_BYTES)).transpose();
        if printed.is_err() {
            // The program may run for ever.
            let _ = child.kill();
        }
        let status =
            child.wait().map_err(|error| failed(format!("could not be waited for: {}", io_words(&error))))?;
        let printed = printed.map_err(|error| match error {
            ReadError::TooLarge(most) => {
                failed(format!("printed more than {} KB, and a {} is short", most / 1_000, self.what))
            }
            error => failed(format!("could not be read: {error}")),
        })?;
        if !status.success() {
            return Err(failed(format!("failed ({status})")));
        }
        String::from_utf8(printed.unwrap_or_default())
            .map_err(|_| failed("printed something that is not text".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ServerAddress;
    use crate::config::environment::{ApiSettings, ObserverSettings, Safety};

    fn environment(command: Option<&[&str]>) -> Environment {
        Environment {
            name: "production".to_owned(),
            server: ServerAddress::Sandbox,
            state: PathBuf::new(),
            shared_state: None,
            store: crate::config::StoreSettings::default(),
            vars: std::collections::BTreeMap::new(),
            api: ApiSettings::default(),
            safety: Safety::default(),
            api_key_command: command.map(|words| words.iter().map(ToString::to_string).collect()),
            observer: None,
        }
    }

    fn ask(variables: &[(&str, &str)], command: Option<&[&str]>) -> Result<String, String> {
        let lookup = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value))
        };
        let key = api_key(&environment(command), Path::new("."), &lookup);
        key.map(|key| key.expose().to_owned()).map_err(|error| told(&error))
    }

    /// The error, with what to do about it.
    fn told(error: &CredentialError) -> String {
        error.help().below(&error.to_string(), &|advice: &Advice| format!("{advice:?}"))
    }

    #[test]
    fn first_source_with_a_key_wins() {
        assert_eq!(ask(&[("CERTCTL_API_KEY", "a"), ("TI_API_KEY", "b")], None), Ok("a".to_owned()));
        assert_eq!(ask(&[("CERTCTL_API_KEY", ""), ("TI_API_KEY", "b\n")], None), Ok("b".to_owned()));
        assert_eq!(ask(&[], Some(&["printf", "c"])), Ok("c".to_owned()));
        assert!(ask(&[], None).unwrap_err().contains("CERTCTL_API_KEY"));
    }

    #[cfg(unix)]
    #[test]
    fn endless_input_is_not_a_key() {
        let error = ask(&[], Some(&["yes"])).unwrap_err();
        assert!(error.contains("`yes` printed more than 16 KB"), "{error}");
        let error = ask(&[("CERTCTL_API_KEY_FILE", "/dev/zero")], None).unwrap_err();
        assert!(error.contains("cannot read the key from /dev/zero"), "{error}");
    }

    #[test]
    fn a_key_can_be_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let ask = |text: &str| {
            std::fs::write(&path, text).unwrap();
            ask(&[("CERTCTL_API_KEY_FILE", path.to_str().unwrap())], Some(&["printf", "c"]))
        };
        assert_eq!(ask("d\n"), Ok("d".to_owned()), "before the command");
        for bad in ["", "topsecret\nmore"] {
            let error = ask(bad).unwrap_err();
            assert!(error.contains(path.to_str().unwrap()) && !error.contains("topsecret"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
        let error = super::tests::ask(&[("CERTCTL_API_KEY_FILE", path.to_str().unwrap())], None).unwrap_err();
        assert!(error.contains("CERTCTL_API_KEY_FILE"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn commands_run_beside_certctl_toml() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), "d").unwrap();
        std::os::unix::fs::symlink("/bin/cat", folder.path().join("tool")).unwrap();
        for command in [["cat", "key"], ["./tool", "key"]] {
            let key = api_key(&environment(Some(&command)), folder.path(), &|_| None).unwrap();
            assert_eq!(key.expose(), "d", "{command:?}");
        }
    }

    #[test]
    fn a_command_that_cannot_be_started_is_named() {
        let error = ask(&[], Some(&["/nowhere/certctl-test"])).unwrap_err();
        assert!(error.contains("/nowhere/certctl-test") && error.contains("started"), "{error}");
    }

    #[test]
    fn passwords_have_sources_of_their_own() {
        let observer = |command: Option<&[&str]>| ObserverSettings {
            email: "observer@example.com".to_owned(),
            user_id: None,
            password_command: command.map(|words| words.iter().map(ToString::to_string).collect()),
        };
        let ask = |variables: &[(&str, &str)], command| {
            let lookup = |name: &str| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value))
            };
            let environment =
                Environment { observer: Some(observer(command)), ..environment(Some(&["echo", "key"])) };
            let password = observer_password(&environment, Path::new("."), &lookup);
            password.map(|password| password.secret().expose().to_owned()).map_err(|error| told(&error))
        };
        assert_eq!(ask(&[("CERTCTL_OBSERVER_PASSWORD", "a b")], None), Ok("a b".to_owned()));
        assert_eq!(ask(&[("CERTCTL_API_KEY", "key")], Some(&["printf", "c"])), Ok("c".to_owned()));
        let error = ask(&[("CERTCTL_API_KEY", "key")], None).unwrap_err();
        assert!(error.contains("CERTCTL_OBSERVER_PASSWORD_FILE"), "{error}");
        let error = ask(&[], Some(&["sh", "-c", "echo topsecret; exit 3"])).unwrap_err();
        assert!(error.starts_with("password_command: ") && !error.contains("topsecret"), "{error}");
    }

    #[test]
    fn secret_given_as_a_file_is_not_shown() {
        for secret in
            ["topsecret", "0123456789abcdef0123456789abcdef", "8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01"]
        {
            let error = ask(&[("CERTCTL_API_KEY_FILE", secret)], None).unwrap_err();
            assert!(!error.contains(secret) && error.contains("CERTCTL_API_KEY_FILE"), "{error}");
        }
        let error = ask(&[("CERTCTL_API_KEY_FILE", "secrets/key")], None).unwrap_err();
        assert!(error.contains("secrets/key"), "{error}");
    }

    #[test]
    fn no_error_repeats_the_key() {
        let error = ask(&[("CERTCTL_API_KEY", "topsecret\nmore")], None).unwrap_err();
        assert!(!error.contains("topsecret") && error.contains("line break"), "{error}");
        let error = ask(&[], Some(&["sh", "-c", "echo topsecret; exit 3"])).unwrap_err();
        assert!(!error.contains("topsecret") && error.contains("failed"), "{error}");
    }
}
