//! The settings of one environment: a vendor instance with its own address, credentials, variables and state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::setting_findings::SettingFindings;
use super::setting_values::{
    SettingValue, SettingValues, boolean, command, number, optional_number, server, table, text, time, word,
};
use super::{ServerAddress, Variable, VariableSource};
use crate::model::{Addressing, StateAddress};

/// The longest line, in bytes, that is kept with a variable: one line can hold thousands of variables.
const MAX_LINE_LENGTH: usize = 300;

/// The settings of one environment, with defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// The name, as in `[environments.NAME]`.
    pub name: String,
    /// The server, from `url`.
    pub server: ServerAddress,
    /// The path of the state file. A shared state has none: only the data of the sandbox is beside this path.
    pub state: PathBuf,
    /// The state's place on shared storage, if it is not a file.
    pub shared_state: Option<StateAddress>,
    /// How a state on shared storage is held.
    pub store: StoreSettings,
    /// The variables of this environment, by name.
    pub vars: BTreeMap<String, Variable>,
    /// The settings of `[environments.NAME.api]`.
    pub api: ApiSettings,
    /// The settings of `[environments.NAME.safety]`.
    pub safety: Safety,
    /// The program and arguments of a command that prints the API key.
    pub api_key_command: Option<Vec<String>>,
    /// The settings of `[environments.NAME.observer]`, if there are any.
    pub observer: Option<ObserverSettings>,
}

/// The learner whose certificates show the templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObserverSettings {
    /// The email address for the login.
    pub email: String,
    /// The id of the user.
    pub user_id: Option<String>,
    /// The program and arguments of a command that prints the password.
    pub password_command: Option<Vec<String>>,
}

/// How a state on storage that machines share is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// How long a run that holds the state may show no sign of life.
    pub lease: Duration,
    /// Whether a store that does not compare and swap is allowed.
    pub allow_unsafe_store: bool,
}

impl StoreSettings {
    fn of(store: &SettingValues) -> Self {
        Self {
            lease: store.time(const { time("environments.*.store.lease") }),
            allow_unsafe_store: store.boolean(const { boolean("environments.*.store.allow_unsafe_store") }),
        }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self::of(&SettingValues::default())
    }
}

impl Environment {
    /// The environment that exists if certctl.toml has none.
    pub(super) const SANDBOX: &str = "sandbox";

    pub(super) fn sandbox(root: &Path) -> Self {
        Self {
            name: Self::SANDBOX.to_owned(),
            server: ServerAddress::Sandbox,
            state: default_state(root, Self::SANDBOX),
            shared_state: None,
            store: StoreSettings::default(),
            vars: BTreeMap::new(),
            api: ApiSettings::default(),
            safety: Safety::default(),
            api_key_command: None,
            observer: None,
        }
    }

    /// Returns the environment with these settings. A server that has a finding becomes any server.
    pub(super) fn of(
        name: &str,
        values: &SettingValues,
        root: &Path,
        findings: &SettingFindings<'_>,
    ) -> Self {
        let server = values.server(const { server("environments.*.url") }).cloned();
        let state = values.text(const { text("environments.*.state") });
        let command = values.command(const { command("environments.*.api_key_command") });
        let shared_state = state.and_then(|state| StateAddress::parse(state)?.ok());
        let file = state.filter(|_| shared_state.is_none());
        Self {
            name: name.to_owned(),
            server: server.unwrap_or(ServerAddress::Sandbox),
            state: file.map_or_else(|| default_state(root, name), |path| root.join(path)),
            shared_state,
            store: StoreSettings::of(values.table(const { table("environments.*.store") })),
            vars: variables(values.table(const { table("environments.*.vars") }), findings),
            api: ApiSettings::of(values.table(const { table("environments.*.api") })),
            safety: Safety::of(values.table(const { table("environments.*.safety") })),
            api_key_command: command.map(<[String]>::to_vec),
            observer: ObserverSettings::of(values.table(const { table("environments.*.observer") })),
        }
    }
}

impl ObserverSettings {
    /// Returns the settings, unless the environment has no observer.
    fn of(observer: &SettingValues) -> Option<Self> {
        let user_id = observer.text(const { text("environments.*.observer.user_id") });
        let command = observer.command(const { command("environments.*.observer.password_command") });
        Some(Self {
            email: observer.text(const { text("environments.*.observer.email") })?.to_owned(),
            user_id: user_id.map(str::to_owned),
            password_command: command.map(<[String]>::to_vec),
        })
    }
}

fn default_state(root: &Path, name: &str) -> PathBuf {
    root.join("state").join(format!("{name}.json"))
}

fn variables(values: &SettingValues, findings: &SettingFindings<'_>) -> BTreeMap<String, Variable> {
    let variable = |(name, setting): (&str, &super::setting_values::ReadSetting)| {
        let Some(SettingValue::Variable(value)) = &setting.value else { return None };
        let mut place = findings.place(setting.at.clone());
        if place.source_line.len() > MAX_LINE_LENGTH {
            place.source_line.clear();
        }
        let (value, source) = (value.clone(), VariableSource::File(place));
        Some((name.to_owned(), Variable { value, source, is_defined: true }))
    };
    values.iter().filter_map(variable).collect()
}

/// How requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The most rows per request.
    pub batch_size: usize,
    /// The initial rate, in requests per minute.
    pub requests_per_minute: u32,
    /// The most requests in flight.
    pub concurrency: usize,
    /// The longest time for one request.
    pub timeout: Duration,
    /// The longest time to wait for one background job.
    pub job_timeout: Duration,
    /// How a request identifies a template.
    pub addressing: Addressing,
    /// Whether creates in doubt may be resent without asking.
    pub trust_upsert: bool,
}

impl ApiSettings {
    fn of(api: &SettingValues) -> Self {
        // The ranges of the table fit these types.
        let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let rate = api.number(const { number("environments.*.api.requests_per_minute") });
        Self {
            batch_size: whole(api.number(const { number("environments.*.api.batch_size") })),
            requests_per_minute: u32::try_from(rate).unwrap_or(u32::MAX),
            concurrency: whole(api.number(const { number("environments.*.api.concurrency") })),
            timeout: api.time(const { time("environments.*.api.timeout") }),
            job_timeout: api.time(const { time("environments.*.api.job_timeout") }),
            addressing: match api.word(const { word("environments.*.api.addressing") }) {
                "id" => Addressing::Id,
                _ => Addressing::Resource,
            },
            trust_upsert: api.boolean(const { boolean("environments.*.api.trust_upsert") }),
        }
    }
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self::of(&SettingValues::default())
    }
}

/// The limits of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safety {
    /// The most rows per plan, or `None` if certctl.toml sets no limit.
    pub max_changes: Option<u64>,
    /// The most templates that a plan may update, in percent of those in the state.
    pub max_change_percent: u8,
    /// Whether only saved plans may be applied.
    pub require_saved_plan: bool,
}

impl Safety {
    fn of(safety: &SettingValues) -> Self {
        let percent = safety.number(const { number("environments.*.safety.max_change_percent") });
        Self {
            max_changes: safety
                .optional_number(const { optional_number("environments.*.safety.max_changes") }),
            // The range of the table fits this type.
            max_change_percent: u8::try_from(percent).unwrap_or(u8::MAX),
            require_saved_plan: safety.boolean(const { boolean("environments.*.safety.require_saved_plan") }),
        }
    }
}

impl Default for Safety {
    fn default() -> Self {
        Self::of(&SettingValues::default())
    }
}
