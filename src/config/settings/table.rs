//! The rows of the table of settings.

use std::time::Duration;

use super::{NameRule, Setting, SettingType};

/// Every setting, in the order in which people write them.
pub(in crate::config) const SETTINGS: &[Setting] = &[
    setting(
        "templates",
        SettingType::Globs,
        "The files that hold templates, as globs relative to the directory of certctl.toml: `*` matches any name, `**` any directories, `{a,b}` either",
        "[\"templates/**/*.{yaml,yml}\"]",
    )
    .if_absent("`[\"templates/**/*.{yaml,yml}\"]`"),
    setting(
        "default_environment",
        SettingType::EnvironmentName,
        "The environment that commands work on if they name none",
        "\"sandbox\"",
    )
    .if_absent("the only environment, if there is one only"),
    setting(
        "environments",
        SettingType::Named(NameRule::Environment),
        "The environments: each is one academy, or one of its instances. The state file is named after the environment, so its name has letters, digits, `-`, `_` and `.` only",
        "",
    )
    .if_absent("one environment, `sandbox`"),
    setting("environments.*", SettingType::Table, "One environment", ""),
    setting(
        "environments.*.url",
        SettingType::Server,
        "The address of the academy, or `sandbox` for the embedded server. `/incoming/v2` is appended unless it is there. The address must be https, or http on this machine, because the key travels with every request",
        "\"https://academy.example.com\"",
    )
    .required("url"),
    setting(
        "environments.*.state",
        SettingType::StatePath,
        "The state file, relative to the directory of certctl.toml, or its address on storage that machines share: `s3://BUCKET/PATH.json`, `az://CONTAINER/PATH.json`, or `https://…` of Terraform's HTTP protocol, as GitLab offers it (docs/shared-state.md). No two environments can share one",
        "\"state/production.json\"",
    )
    .if_absent("`state/NAME.json`"),
    setting("environments.*.store", SettingType::Table, "How a state on shared storage is held", ""),
    setting(
        "environments.*.store.lease",
        SettingType::Time {
            min: Duration::from_secs(10),
            max: Duration::from_secs(60 * 60),
            default: Duration::from_secs(60),
        },
        "How long a run that holds the state may show no sign of life before another one takes over. Without meaning for `https://`",
        "\"60s\"",
    ),
    setting(
        "environments.*.store.allow_unsafe_store",
        SettingType::Boolean { default: false },
        "Whether to use a store that does not compare and swap, because something else ensures that only one run at a time writes there; every plan shows it. Without meaning for `https://`",
        "false",
    ),
    setting(
        "environments.*.vars",
        SettingType::Named(NameRule::Variable),
        "The values for `${var.NAME}` in the YAML; they differ between environments",
        "",
    ),
    setting(
        "environments.*.vars.*",
        SettingType::VariableValue,
        "The value of one variable. A string may use other variables: `\"${var.cdn}/cloud.png\"`",
        "\"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01\"",
    ),
    setting("environments.*.api", SettingType::Table, "How requests are sent", ""),
    setting(
        "environments.*.api.batch_size",
        SettingType::Number { range: 1..=1000, default: Some(100), unit: "templates" },
        "The most templates in one request",
        "100",
    ),
    setting(
        "environments.*.api.requests_per_minute",
        SettingType::Number { range: 1..=1_000_000, default: Some(60), unit: "requests a minute" },
        "The rate to start with; the rate-limit headers of the server then govern",
        "60",
    ),
    setting(
        "environments.*.api.concurrency",
        SettingType::Number { range: 1..=32, default: Some(4), unit: "requests" },
        "The most requests in flight at once",
        "4",
    ),
    setting("environments.*.api.timeout", time(120), "The longest time for one request", "\"120s\""),
    setting(
        "environments.*.api.job_timeout",
        time(600),
        "The longest wait for one background job of the server",
        "\"10m\"",
    ),
    setting(
        "environments.*.api.addressing",
        SettingType::OneOf(&["resource", "id"]),
        "How a request says which template it is about: by its resource and audience, or by its id",
        "\"resource\"",
    ),
    setting(
        "environments.*.api.trust_upsert",
        SettingType::Boolean { default: false },
        "Whether a create whose outcome is unknown may be sent again without asking, because the server recognises the template",
        "false",
    ),
    setting("environments.*.safety", SettingType::Table, "The limits that a plan may not exceed", ""),
    setting(
        "environments.*.safety.max_changes",
        SettingType::Number { range: 0..=u64::MAX, default: None, unit: "templates" },
        "The most templates that a plan may send or forget",
        "500",
    )
    .if_absent("500, except for the first apply"),
    setting(
        "environments.*.safety.max_change_percent",
        SettingType::Number { range: 0..=100, default: Some(30), unit: "percent" },
        "The largest part of the templates in the state that a plan may update or forget, if the state has at least 10",
        "30",
    ),
    setting(
        "environments.*.safety.require_saved_plan",
        SettingType::Boolean { default: false },
        "Whether only a saved plan can be applied",
        "false",
    ),
    setting(
        "environments.*.api_key_command",
        SettingType::Command,
        "A program that prints the API key, with its arguments; run without a shell in the directory of certctl.toml, if no environment variable has the key",
        "[\"op\", \"read\", \"op://vault/academy/key\"]",
    ),
    setting(
        "environments.*.observer",
        SettingType::Table,
        "A learner whose certificates show the templates of the academy (docs/observer.md)",
        "",
    ),
    setting(
        "environments.*.observer.email",
        SettingType::Text,
        "The email address that the observer logs in with",
        "\"observer@example.com\"",
    )
    .required("observer"),
    setting(
        "environments.*.observer.user_id",
        SettingType::Text,
        "The id of the observer's user, as the admin page shows it. Only `observer certify` needs it",
        "\"8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02\"",
    ),
    setting(
        "environments.*.observer.password_command",
        SettingType::Command,
        "A program that prints the observer's password, with its arguments; run without a shell in the directory of certctl.toml, if neither CERTCTL_OBSERVER_PASSWORD nor CERTCTL_OBSERVER_PASSWORD_FILE has the password",
        "[\"op\", \"read\", \"op://vault/academy/observer\"]",
    ),
    setting(
        "fields",
        SettingType::Named(NameRule::CertificateField),
        "What certificate fields print, for drawings and reports; each is named by the variable that holds its id, or by the id",
        "",
    ),
    setting(
        "fields.*",
        SettingType::Text,
        "The vendor's label type of the field, or a sample text",
        "\"nameLabel\"",
    ),
    setting("drift", SettingType::Table, "What is reported as drift", ""),
    setting(
        "drift.ignore",
        SettingType::Tables,
        "Differences between server and state that are meant: they are reported with the reason, and do not count as drift. An entry needs `key` or `keys`, `attribute` or `attributes`, or both kinds; without attributes it is about everything, deletion included",
        "",
    ),
    setting(
        "drift.ignore.key",
        SettingType::Texts,
        "The templates: a key or a glob, or a list of them. `*` matches any text",
        "\"cloud-*\"",
    )
    .if_absent("every template")
    .excluding(&["keys"]),
    setting("drift.ignore.keys", SettingType::Texts, "The same as `key`", "[\"cloud-101\", \"data-*\"]")
        .if_absent("every template"),
    setting(
        "drift.ignore.attribute",
        SettingType::Texts,
        "The attribute that may differ, or a list of them",
        "\"customCss\"",
    )
    .if_absent("every attribute")
    .excluding(&["attributes"]),
    setting(
        "drift.ignore.attributes",
        SettingType::Texts,
        "The same as `attribute`",
        "[\"asset\", \"labels\"]",
    )
    .if_absent("every attribute"),
    setting(
        "drift.ignore.reason",
        SettingType::Text,
        "Why the difference is meant; reports show it",
        "\"the design team tries new styles\"",
    )
    .required("missing-setting"),
    setting(
        "drift.ignore.until",
        SettingType::Date,
        "The last day on which the entry counts, in UTC",
        "\"2027-01-01\"",
    )
    .if_absent("it always counts"),
];

const fn setting(
    path: &'static str,
    value: SettingType,
    meaning: &'static str,
    example: &'static str,
) -> Setting {
    Setting { path, value, required: None, excludes: &[], absent: "", meaning, example, since: "0.1.0" }
}

/// A time of at most a week: adding a much longer one to a clock would overflow.
const fn time(default_seconds: u64) -> SettingType {
    SettingType::Time {
        min: Duration::ZERO,
        max: Duration::from_secs(7 * 24 * 60 * 60),
        default: Duration::from_secs(default_seconds),
    }
}

impl Setting {
    const fn required(mut self, rule: &'static str) -> Self {
        self.required = Some(rule);
        self
    }

    const fn excluding(mut self, others: &'static [&'static str]) -> Self {
        self.excludes = others;
        self
    }

    const fn if_absent(mut self, words: &'static str) -> Self {
        self.absent = words;
        self
    }
}
