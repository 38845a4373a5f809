//! Templates as configured: YAML in memory becomes resolved, checked templates.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{ApplyPlan, Error, State, TargetEnvironment};
use crate::desired::{Desired, LoadRequest, load_texts};
use crate::model::{Addressing, Finding, GivenKeys, Key, Timestamp};
use crate::plan::{Inputs, Scope, build};

/// The templates of an environment, resolved and checked.
#[derive(Clone, Debug)]
pub struct Templates {
    environment: TargetEnvironment,
    desired: Desired,
}

impl Templates {
    /// Loads template files that are in memory, each with its name. `now` is the current time: an expiry in the past
    /// is a warning. The error has every problem of all files.
    pub fn from_texts<File: Into<PathBuf>, Text: Into<Vec<u8>>>(
        environment: &TargetEnvironment,
        texts: impl IntoIterator<Item = (File, Text)>,
        now: SystemTime,
    ) -> Result<Self, Error> {
        let request = LoadRequest {
            root: Path::new("."),
            globs: &[],
            environment: &environment.identity.environment,
            known_environments: &environment.known,
            variables: &environment.variables,
            allow_empty: false,
            keys: &GivenKeys::default(),
            now: timestamp(now),
        };
        let texts = texts.into_iter().map(|(file, text)| (file.into(), text.into()));
        let desired = load_texts(texts, &request).map_err(Error::of_templates)?;
        Ok(Self { environment: environment.clone(), desired })
    }

    /// The keys of the templates, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.desired.templates.keys()
    }

    /// What is allowed but most likely a mistake, in the order of its places.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.desired.warnings.iter().map(|warning| &warning.finding)
    }

    /// Compares the templates with a state; `None` before the first apply. Fails if the state belongs to another
    /// environment.
    pub fn plan(&self, state: Option<&State>) -> Result<ApplyPlan, Error> {
        let identity = &self.environment.identity;
        let state = state.map(|state| state.of(identity)).transpose()?;
        let plan = build(&Inputs {
            desired: &self.desired,
            state,
            identity,
            addressing: Addressing::Resource,
            trust_upsert: false,
            scope: &Scope::default(),
        })
        .map_err(|error| Error::of(&error))?;
        Ok(ApplyPlan::new(plan))
    }
}

/// The nearest second that can be represented.
fn timestamp(time: SystemTime) -> Timestamp {
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix_seconds(match time.duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    })
}
