//! `certctl doctor`: looks whether everything is set up as it should be, in every environment, and says what to do about
//! what is not. It changes no file, state, mark or lock, and asks servers by GET alone. Only a person's word lets it try out
//! a store by writing.
//!
//! | file | gathers the facts of |
//! |---|---|
//! | `machine` | the machine |
//! | `editors` | the schemas that editors use |
//! | `project` | certctl.toml and the template files |
//! | `secrets` | where the key and the observer's password come from |
//! | `server` | the academy's server |
//! | `store` | the store of a shared state |
//! | `state` | the state, its history, its lock and git |
//!
//! [`crate::view::doctor`] judges them.

mod editors;
mod machine;
mod project;
mod secrets;
mod server;
mod state;
mod store;

use std::thread;
use std::time::Duration;

use super::args::{Command, DoctorArgs, Global};
use super::context::Context;
use super::failure::Failure;
use super::output::Output;
use crate::model::{Commands, Exit};
use crate::report::{PrintedPart, doctor_json, doctor_text};
use crate::view::doctor::{
    Complaint, Diagnosis, DoctorPart, HealthCount, ObserverFacts, diagnose_machine, diagnose_merging,
    diagnose_observer, diagnose_project, diagnose_schema, diagnose_server, diagnose_state, diagnose_store,
    diagnose_templates,
};
use project::Project;
use secrets::Secrets;

/// The longest time to wait for one server.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many environments are looked at side by side.
const AT_ONCE: usize = 8;

/// One environment, and how its commands are written.
struct Patient {
    name: String,
    output: Output,
    context: Result<Context, Failure>,
    secrets: Secrets,
    /// Whether its store is to be tried out.
    tries_out: bool,
}

pub(super) fn run(global: &Global, args: &DoctorArgs, output: &Output) -> Result<Exit, Failure> {
    let project = Project::read(global, output);
    let mut diagnoses = diagnose_machine(&machine::facts());
    diagnoses.push(diagnose_project(project.facts()));
    diagnoses.extend(editors::facts(global.chdir.as_deref()).iter().map(diagnose_schema));
    let head = DoctorPart { environment: None, diagnoses };
    // A command that prints a key may ask the person for something, so these run one after the other.
    let patients: Vec<Patient> =
        project.names().iter().map(|name| Patient::new(name, &project, global, args, output)).collect();
    let mut parts: Vec<DoctorPart> = Vec::new();
    for patients in patients.chunks(AT_ONCE) {
        parts.extend(side_by_side(patients));
    }
    let mut printed: Vec<PrintedPart<'_>> = vec![(&head, output.commands())];
    let own = patients.iter().map(|patient| patient.output.commands() as &dyn Commands);
    printed.extend(parts.iter().zip(own));
    let is_well = HealthCount::of(printed.iter().map(|(part, _)| *part)).wrong == 0;
    let exit = if is_well { Exit::Ok } else { Exit::Error };
    if output.is_json() {
        output.data(&doctor_json(&printed, exit))?;
    } else {
        output.text(&doctor_text(&printed, output.style()))?;
    }
    Ok(exit)
}

/// Looks at these environments at the same time; the order stays.
fn side_by_side(patients: &[Patient]) -> Vec<DoctorPart> {
    thread::scope(|scope| {
        let started: Vec<_> = patients
            .iter()
            .map(|patient| (patient, thread::Builder::new().spawn_scoped(scope, || patient.examined())))
            .collect();
        let part =
            |diagnoses, patient: &Patient| DoctorPart { environment: Some(patient.name.clone()), diagnoses };
        let ended = started.into_iter().map(|(patient, thread)| {
            // Without a thread of its own, it waits for its turn.
            let diagnoses = match thread.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(diagnoses)) => diagnoses,
                Ok(Err(_)) | Err(_) => patient.examined(),
            };
            part(diagnoses, patient)
        });
        ended.collect()
    })
}

impl Patient {
    fn new(name: &str, project: &Project, global: &Global, args: &DoctorArgs, output: &Output) -> Self {
        let global = Global { env: Some(name.to_owned()), envs: Vec::new(), ..global.clone() };
        let output = output.for_run(&global, &Command::Doctor(args.clone()));
        let context = project.context(&global, &output);
        let secrets = context.as_ref().map(Secrets::find).unwrap_or_default();
        Self { name: name.to_owned(), output, context, secrets, tries_out: args.probe_store }
    }

    fn examined(&self) -> Vec<Diagnosis> {
        let context = match &self.context {
            Ok(context) => context,
            Err(failure) => return vec![complaint(failure).about("configuration")],
        };
        let look = store::facts(context, self.tries_out);
        let can_read = look.as_ref().is_none_or(|look| look.look.is_ok());
        let read = can_read.then(|| state::facts(context, &self.output));
        // A state of another address is refused by every command that sends the key, so the key is not sent there either.
        let may_send = read.as_ref().is_some_and(|read| read.facts.rows.is_ok());
        let mut found = vec![diagnose_templates(&project::templates(context))];
        found.extend(diagnose_server(server::facts(context, &self.secrets, may_send).as_ref()));
        let shows = read.as_ref().and_then(|read| read.shows);
        let observer = context.environment.observer.as_ref();
        let observer = observer
            .zip(self.secrets.password.clone())
            .map(|(observer, password)| ObserverFacts { email: observer.email.clone(), password, shows });
        if server::is_remote(context) {
            found.push(diagnose_observer(observer.as_ref()));
        }
        found.extend(look.iter().flat_map(diagnose_store));
        found.extend(read.iter().flat_map(|read| diagnose_state(&read.facts)));
        found.extend(state::merging(context).iter().flat_map(diagnose_merging));
        found
    }
}

/// What a failure says, for a diagnosis.
fn complaint(failure: &Failure) -> Complaint {
    Complaint { message: failure.message.clone(), help: failure.help.clone() }
}
