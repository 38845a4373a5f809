//! `certctl sandbox`, and the same server inside `apply` if the environment's url is `sandbox`. It listens on loopback
//! only.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::{Global, SandboxArgs};
use super::context::Context;
use super::failure::Failure;
use super::network;
use super::output::Output;
use super::signals;
use crate::config::ServerAddress;
use crate::model::{ApiKey, Attributes, Exit, TemplateId, io_words};
use crate::sandbox::{Envelope, Fault, Learner, Matching, Options, RateLimit, Server, export};
use crate::state::{Document, Row};

pub(super) fn run(global: &Global, args: &SandboxArgs, output: &Output) -> Result<Exit, Failure> {
    if let Some(folder) = &args.export {
        return export_to(folder, global, args, output);
    }
    let key = ApiKey::new(&args.api_key).map_err(|why| Failure::error(format!("--api-key: {why}")))?;
    let faults = args.fault.iter().map(|text| text.parse::<Fault>()).collect::<Result<Vec<_>, _>>();
    let options = Options {
        listen: args.listen,
        store: args.store.clone(),
        rate_limit: args.rate_limit.map_or_else(RateLimit::default, RateLimit::per_minute),
        matching: if args.no_upsert { Matching::Off } else { Matching::NaturalKey },
        envelope: if args.bare { Envelope::Bare } else { Envelope::Wrapped },
        faults: faults.map_err(|error| Failure::error(error.to_string()))?,
        control: true,
        learner: args.learner.learner(),
        helium: args.helium.quirks(),
        ..Options::new(key)
    };
    network::run(async {
        let _hold = signals::hold();
        let server = start(options, args.listen.to_string().as_str()).await?;
        // Tools wait for this line and read the address from it.
        output.data(&format!("http://{}\n", server.address()))?;
        output.note("listening on loopback; stop with Ctrl-C");
        let mut stopped = signals::asked();
        // An error means that the signal listener is gone, which ends the wait as well.
        let _ = stopped.wait_for(|stop| *stop).await;
        server.shutdown().await;
        Ok(Exit::Ok)
    })?
}

/// Writes what a store keeps as the vendor's reporting product would.
fn export_to(folder: &Path, global: &Global, args: &SandboxArgs, output: &Output) -> Result<Exit, Failure> {
    let store = match &args.store {
        Some(store) => store.clone(),
        None => kept_by_environment(global, output)?,
    };
    let tables = export(&store).map_err(|error| Failure::error(io_words(&error)))?;
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::error(format!("cannot make {}: {}", folder.display(), io_words(&error))))?;
    let files: Vec<PathBuf> = tables.iter().map(|(name, _)| folder.join(name)).collect();
    output.can_write(files.iter().map(PathBuf::as_path))?;
    for ((_, text), file) in tables.iter().zip(&files) {
        output.file(file, text)?;
    }
    let names: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    output.data(&names)?;
    Ok(Exit::Ok)
}

/// Returns the data of the embedded server of an environment.
fn kept_by_environment(global: &Global, output: &Output) -> Result<PathBuf, Failure> {
    let context = Context::load(global, output)?;
    match context.environment.server {
        ServerAddress::Sandbox => Ok(store_beside(context.store.path())),
        ServerAddress::Remote(_) => Err(Failure::error(format!(
            "the environment {} has no embedded server: name the file of a sandbox with --store",
            context.environment.name
        ))),
    }
}

async fn start(options: Options, what: &str) -> Result<Server, Failure> {
    Server::start(options)
        .await
        .map_err(|error| Failure::error(format!("cannot start the sandbox on {what}: {error}")))
}

/// The sandbox inside this process.
pub(super) struct Embedded {
    server: Server,
    key: ApiKey,
}

impl Embedded {
    /// Starts the sandbox on a free port of loopback, with its data beside the state. Without data it begins with the
    /// templates of the state: in a fresh clone, the sandbox's data is on another machine.
    pub(super) async fn start(state: &Path, document: &Document, output: &Output) -> Result<Self, Failure> {
        Self::start_with(state, document, Learner::default(), output).await
    }

    /// Like [`Embedded::start`], with this learner.
    pub(super) async fn start_with(
        state: &Path,
        document: &Document,
        learner: Learner,
        output: &Output,
    ) -> Result<Self, Failure> {
        // A new key for each run: no other process on this machine can write to the sandbox.
        let key = ApiKey::new(&uuid::Uuid::new_v4().to_string()).map_err(Failure::error)?;
        let store = store_beside(state);
        let what = format!("loopback, with its data in {}", store.display());
        let beginning = if store.exists() { Vec::new() } else { known(document) };
        if !beginning.is_empty() {
            let templates = if beginning.len() == 1 { "template" } else { "templates" };
            output.note(&format!(
                "note: this sandbox is new here, so it begins with what the state knows of the one before: {} {templates}",
                beginning.len()
            ));
        }
        let options = Options { store: Some(store), beginning, learner, ..Options::new(key.clone()) };
        let server = start(options, &what).await?;
        Ok(Self { server, key })
    }

    /// Returns the URL of the sandbox.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Returns the sandbox's API key.
    pub(super) fn key(&self) -> &ApiKey {
        &self.key
    }

    pub(super) async fn stop(self) {
        self.server.shutdown().await;
    }
}

/// Returns the file that holds the data of the embedded server of this state.
pub(super) fn store_beside(state: &Path) -> PathBuf {
    let mut name = OsString::from(state);
    name.push(".sandbox");
    PathBuf::from(name)
}

/// Returns the templates that the server has according to the state.
fn known(document: &Document) -> Vec<(TemplateId, Attributes)> {
    let held = |row: &Row| {
        let known = row.confirmed.as_ref()?;
        let id = row.identity.as_ref().map(|identity| identity.id.clone());
        let id = id.or_else(|| TemplateId::from_server(&uuid::Uuid::new_v4().to_string()))?;
        Some((id, known.attributes.clone()))
    };
    document.templates.values().filter_map(held).collect()
}
