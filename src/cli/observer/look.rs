//! Reads the observer's certificates from the environment's server, or from the embedded one. It changes nothing on
//! either.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::{CertificateReading, Helium, HeliumError, Login, Session, read_certificates};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::ledger::now;
use crate::cli::output::Output;
use crate::cli::sandbox::Embedded;
use crate::cli::{network, resources};
use crate::config::{ServerAddress, api_key, observer_password};
use crate::inventory::write::NamedField;
use crate::inventory::{ReadCertificates, SeenCertificates, read_field_names};
use crate::model::{ApiKey, Help, ObserverPassword, Timestamp, all_of};
use crate::sandbox::Learner;
use crate::state::{Document, ObserverShows};

/// What the observer's certificates are, before they are read as templates.
#[derive(Debug)]
pub(in crate::cli) struct Look {
    host: String,
    asked_at: Timestamp,
    reading: CertificateReading,
    /// Who logged in.
    pub(in crate::cli) email: String,
    /// The id of that user, from the login or else from certctl.toml.
    pub(in crate::cli) user_id: Option<String>,
    /// Whether the server said that the user has this id.
    pub(in crate::cli) is_confirmed: bool,
}

impl Look {
    /// Reads the certificates as templates. `shows` is what is known of what they show.
    pub(in crate::cli) fn read(&self, shows: Option<ObserverShows>) -> ReadCertificates {
        crate::inventory::read_observer(&SeenCertificates {
            host: &self.host,
            certificates: &self.reading.certificates,
            whole: &self.reading.whole,
            changed: &self.reading.changed,
            nameless: self.reading.nameless,
            refused: self.reading.refused.as_deref(),
            shows_now: shows == Some(ObserverShows::Now),
            asked_at: self.asked_at,
        })
    }

    /// Says what could not be asked for. Templates that could not be asked for at all are a finding.
    pub(in crate::cli) fn tell_costs(&self, output: &Output) {
        if self.reading.too_costly.contains(&"id") {
            return;
        }
        let unread: Vec<String> = self.reading.too_costly.iter().map(ToString::to_string).collect();
        if !unread.is_empty() {
            output.note(&format!(
                "note: {} of some templates could not be asked for, because the queries would cost more points than the \
                 server allows; they count as not known",
                all_of(&unread)
            ));
        }
    }
}

/// Where the observer logs in.
enum Place {
    Embedded,
    Remote { url: String, host: String, key: ApiKey, password: ObserverPassword },
}

impl Place {
    fn of(context: &Context) -> Result<Self, Failure> {
        let environment = &context.environment;
        let ServerAddress::Remote(url) = &environment.server else { return Ok(Self::Embedded) };
        if environment.observer.is_none() {
            return Err(no_observer(&environment.name));
        }
        let lookup = |name: &str| std::env::var_os(name);
        let url = url.to_string();
        Ok(Self::Remote {
            host: host_of(&url),
            key: api_key(environment, &context.config.root, &lookup)?,
            password: observer_password(environment, &context.config.root, &lookup)?,
            url,
        })
    }
}

fn no_observer(environment: &str) -> Failure {
    Failure::error(format!("the environment {environment} has no observer")).helped(Help::none().say(format!(
        "An observer is a learner whose certificates show the templates. Make one in the admin page, and write its email \
         address into certctl.toml:\n\n\
         [environments.{environment}.observer]\nemail = \"observer@example.com\"\n\nIts password is read from \
         CERTCTL_OBSERVER_PASSWORD."
    )))
}

fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

/// Logs the observer in, and reads every certificate. `document` is the state, which the embedded server begins with if
/// it is new.
pub(in crate::cli) fn look(
    context: &Context,
    document: Option<&Document>,
    output: &Output,
) -> Result<Look, Failure> {
    let asked_at = now();
    let observer = context.environment.observer.as_ref();
    let configured = observer.and_then(|observer| observer.user_id.clone());
    in_session(context, document, output, async |place, session| {
        let reading = read_certificates(session).await?;
        let said = session.user_id().map(str::to_owned);
        Ok(Look {
            host: place.to_owned(),
            asked_at,
            reading,
            email: email(context),
            is_confirmed: said.is_some(),
            user_id: said.or(configured),
        })
    })
}

/// What people call the certificate fields, as far as the observer is told.
pub(in crate::cli) fn field_names(
    context: &Context,
    document: Option<&Document>,
    output: &Output,
) -> BTreeMap<String, NamedField> {
    let fields = in_session(context, document, output, async |_, session| session.certificate_fields().await);
    match fields {
        Ok(fields) => read_field_names(&fields),
        Err(failure) => {
            output.note(&format!("note: the names of certificate fields are not known: {}", failure.message));
            BTreeMap::new()
        }
    }
}

/// Logs in, and talks to the server of the environment, or to the embedded one.
fn in_session<T>(
    context: &Context,
    document: Option<&Document>,
    output: &Output,
    talk: impl AsyncFnOnce(&str, &mut Session<'_, Helium>) -> Result<T, HeliumError>,
) -> Result<T, Failure> {
    let place = Place::of(context)?;
    resources::spare_files(resources::files_for_requests(1))?;
    let api = &context.environment.api;
    let waits = |wait: Duration| {
        let wait = humantime::format_duration(Duration::from_secs(wait.as_secs()));
        output.note(&format!("waiting for {wait}: the server's rate limit is used up"));
    };
    let client = |url: &str, key: &ApiKey| {
        Helium::new(url, key, api.timeout).map_err(|error| Failure::error(error.to_string()))
    };
    network::run(async {
        match place {
            Place::Remote { url, host, key, password } => {
                let helium = client(&url, &key)?;
                let login = login(context, password);
                let mut session = Session::new(&helium, login, api.requests_per_minute, &waits);
                Ok(talk(&host, &mut session).await?)
            }
            Place::Embedded => {
                let empty = Document::empty(&context.identity, String::new());
                let document = document.unwrap_or(&empty);
                let password = uuid::Uuid::new_v4().to_string();
                let password = ObserverPassword::new(&password).map_err(Failure::error)?;
                let login = login(context, password);
                let learner = learner(&login);
                let server = Embedded::start_with(context.store.path(), document, learner, output).await?;
                let helium = client(&server.url(), server.key())?;
                let mut session = Session::new(&helium, login, api.requests_per_minute, &waits);
                let result = talk("the sandbox", &mut session).await;
                server.stop().await;
                Ok(result?)
            }
        }
    })?
}

fn email(context: &Context) -> String {
    let observer = context.environment.observer.as_ref();
    observer.map_or_else(|| Learner::EMAIL.to_owned(), |observer| observer.email.clone())
}

fn login(context: &Context, password: ObserverPassword) -> Login {
    let observer = context.environment.observer.as_ref();
    Login { email: email(context), password, user_id: observer.and_then(|observer| observer.user_id.clone()) }
}

/// The learner of the embedded server, who is always the one that certctl.toml names.
pub(super) fn learner(login: &Login) -> Learner {
    let own = Learner::default();
    Learner {
        email: login.email.clone(),
        password: login.password.secret().expose().to_owned(),
        user_id: login.user_id.clone().unwrap_or(own.user_id),
        ..Learner::default()
    }
}

impl From<HeliumError> for Failure {
    fn from(error: HeliumError) -> Self {
        Self::error(error.to_string())
    }
}
