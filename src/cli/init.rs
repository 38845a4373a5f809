//! `certctl init`: writes a new project, and the pipeline of a forge if one is wanted. It never overwrites a file and
//! never follows a link.

mod missing_lines;
mod new_file;
mod next_steps;
mod pipeline;
mod project;
mod project_folder;
mod watched;

use std::path::{Path, PathBuf};

use self::new_file::{FileOutcome, IfThere, NewFile};
use self::next_steps::NextSteps;
pub(super) use self::next_steps::merge_driver;
use self::pipeline::{PRODUCTION, Pipeline};
use self::project::Production;
use self::project_folder::ProjectFolder;
use self::watched::watched;
use super::args::{Ci, Global, InitArgs};
use super::failure::Failure;
use super::output::Output;
use crate::config::secrecy::shown_name;
use crate::config::{self, Environment, ServerAddress, TemplateGlob, check_state, is_environment_name};
use crate::model::{Advice, Commands, Exit, Help};

/// The environment that a new project has for the embedded server.
const SANDBOX: &str = "sandbox";

/// The environment that a pipeline is for.
struct Target {
    name: String,
    /// Whether its state is on storage that machines share.
    is_shared: bool,
    /// The states in files of all environments, as paths from the project's folder.
    states: Vec<String>,
    /// What its workflow starts on, if the project is at the root.
    watched: Vec<String>,
}

pub(super) fn run(global: &Global, args: &InitArgs, output: &Output) -> Result<Exit, Failure> {
    // A path on the command line is relative to the caller's folder, also with -C.
    let folder = args.dir.as_ref().or(global.chdir.as_ref()).filter(|dir| *dir != Path::new("."));
    let folder = folder.cloned().unwrap_or_default();
    if let Some(state) = &args.state {
        checked_state(state)?;
    }
    if let Some(why) = project_folder::unusable_folder(&folder) {
        return Err(nothing_written(&[why]));
    }
    let place = ProjectFolder::of(&folder);
    let is_there = args.ci != Ci::None && args.state.is_none() && folder.join(config::FILE).is_file();
    let target = if is_there { there(&folder, global, output)? } else { new_target(global, args)? };
    let mut files =
        if is_there { Vec::new() } else { project::files(&folder, &target.name, &production(args)) };
    let git_files = if args.ci == Ci::None { IfThere::NameMissingLines } else { IfThere::AddMissingLines };
    files.extend(project::git_files(&folder, &target.states, git_files));
    let pipeline = Pipeline {
        ci: args.ci,
        folder: place.folder(&folder)?,
        environment: &target.name,
        is_shared: target.is_shared,
        watched: target.watched,
        branch: place.branch(),
    };
    files.extend(pipeline.file(place.root()));

    let obstacles: Vec<String> = files.iter().filter_map(NewFile::obstacle).collect();
    if !obstacles.is_empty() {
        return Err(nothing_written(&obstacles));
    }
    let outcomes = new_file::write_all(&files)?;
    for (file, outcome) in files.iter().zip(&outcomes) {
        output.text(&told(file, outcome, output.commands()))?;
    }
    let next_steps = NextSteps { folder: &folder, is_new: !is_there, pipeline: &pipeline, place: &place };
    output.text(&next_steps.text())?;
    for (file, outcome) in files.iter().zip(&outcomes) {
        if *outcome == FileOutcome::Left {
            output.text(&next_steps.left(file))?;
        }
    }
    Ok(Exit::Ok)
}

fn nothing_written(why: &[String]) -> Failure {
    Failure::error(format!("{}\nnothing was written", why.join("\n")))
}

/// Refuses what certctl.toml could not name as a state.
fn checked_state(state: &str) -> Result<(), Failure> {
    check_state(state, PRODUCTION).map_err(|invalid| {
        let help = invalid.help.map_or_else(Help::none, |help| Help::none().say(help));
        Failure::error(format!("--state: {}\nnothing was written", invalid.message)).helped(help)
    })
}

fn production(args: &InitArgs) -> Production<'_> {
    match (&args.state, args.ci) {
        (None, Ci::None) => Production::AsComment,
        (state, _) => Production::WithState(state.as_deref()),
    }
}

fn new_target(global: &Global, args: &InitArgs) -> Result<Target, Failure> {
    // `sandbox` is there anyway, and CERTCTL_ENV may name it for other commands.
    let name = global.env.as_deref().filter(|name| *name != SANDBOX).unwrap_or(PRODUCTION);
    if !is_environment_name(name) {
        return Err(Failure::error(format!(
            "{:?} cannot be an environment's name: use letters, digits, `-`, `_` and `.`\nnothing was written",
            shown_name(name)
        )));
    }
    let default = format!("state/{name}.json");
    let state = args.state.as_deref().unwrap_or(&default);
    let is_shared = project::is_shared(state);
    let state = if is_shared { None } else { project::path_within(Path::new(""), Path::new(state)) };
    Ok(Target {
        name: name.to_owned(),
        is_shared,
        watched: watched([TemplateGlob::DEFAULT], state.as_deref().map(Path::new)),
        states: state.into_iter().collect(),
    })
}

/// Chooses the environment of a project that is there already: the one that was named, `production`, or the only one that
/// is an academy.
fn there(folder: &Path, global: &Global, output: &Output) -> Result<Target, Failure> {
    let at = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let config = config::load(at, output.keys())?;
    let is_academy = |server: &ServerAddress| !matches!(server, ServerAddress::Sandbox);
    let academies: Vec<&String> = config
        .environments
        .values()
        .filter(|environment| is_academy(&environment.server))
        .map(|environment| &environment.name)
        .collect();
    let asked = match (global.env.as_deref(), academies.as_slice()) {
        (Some(name), _) => name,
        (None, []) => PRODUCTION,
        (None, [only]) => only.as_str(),
        (None, several) if several.iter().any(|name| *name == PRODUCTION) => PRODUCTION,
        (None, _) => config.environment(None)?.name.as_str(),
    };
    // Without an academy, one is still to be put in.
    let environment = if global.env.is_none() && academies.is_empty() {
        None
    } else {
        Some(config.environment(Some(asked))?)
    };
    let in_a_file = |environment: &Environment| match environment.shared_state {
        Some(_) => None,
        None => project::path_within(&config.root, &environment.state),
    };
    let default = format!("state/{PRODUCTION}.json");
    let state = environment.map_or(Some(default), in_a_file);
    let globs = config.templates.iter().map(|glob| glob.text.as_str());
    Ok(Target {
        name: asked.to_owned(),
        is_shared: environment.is_some_and(|environment| environment.shared_state.is_some()),
        states: config.environments.values().filter_map(in_a_file).collect(),
        watched: watched(globs, state.as_deref().map(Path::new)),
    })
}

/// What became of a file, as lines.
fn told(file: &NewFile, outcome: &FileOutcome, commands: &dyn Commands) -> String {
    let path = file.shown();
    let listed = |lines: &[String]| lines.iter().map(|line| format!("  {line}\n")).collect::<String>();
    match outcome {
        FileOutcome::Written => format!("wrote {path}\n"),
        FileOutcome::Added(lines) => format!("added to {path}:\n{}", listed(lines)),
        FileOutcome::Lacking(lines) => {
            let noun = if lines.len() == 1 { "this line" } else { "these lines" };
            format!("\n{path} was there already and is left as it is. Add {noun} to it:\n{}", listed(lines))
        }
        FileOutcome::Outdated(schema) => format!(
            "\n{path} was there already and is left as it is. It is not the one of this version of certctl; to renew it:\n  {}\n",
            commands.command(&Advice::RenewSchema { schema: *schema, file: PathBuf::from(&path) })
        ),
        FileOutcome::Left => format!("left {path} as it is\n"),
        FileOutcome::Complete => String::new(),
    }
}
