//! `certctl init`: writes a new project, and the pipeline of a forge if one is wanted. It never overwrites a file and
//! never follows a link.

mod missing_lines;
mod new_file;
mod next_steps;
mod pipeline;
mod project;
mod project_folder;

use std::path::Path;

use self::new_file::{FileOutcome, IfThere, NewFile};
use self::next_steps::NextSteps;
pub(super) use self::next_steps::merge_driver;
use self::pipeline::{PRODUCTION, Pipeline};
use self::project::Production;
use self::project_folder::ProjectFolder;
use super::args::{Ci, Global, InitArgs};
use super::failure::Failure;
use super::output::Output;
use crate::config::{self, ServerAddress, check_state};
use crate::model::{Exit, Help};

/// The environment that a pipeline is for.
struct Target {
    name: String,
    /// Whether its state is on storage that machines share.
    is_shared: bool,
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
    let target = if is_there { there(&folder, global, output)? } else { new_target(args) };
    let mut files = if is_there { Vec::new() } else { project::files(&folder, &production(args)) };
    let git_files = if args.ci == Ci::None { IfThere::NameMissingLines } else { IfThere::AddMissingLines };
    files.extend(project::git_files(&folder, git_files));
    let Target { name: environment, is_shared } = &target;
    let pipeline =
        Pipeline { ci: args.ci, folder: place.folder(&folder)?, environment, is_shared: *is_shared };
    files.extend(pipeline.file(place.root()));

    let obstacles: Vec<String> = files.iter().filter_map(NewFile::obstacle).collect();
    if !obstacles.is_empty() {
        return Err(nothing_written(&obstacles));
    }
    let outcomes = new_file::write_all(&files)?;
    for (file, outcome) in files.iter().zip(&outcomes) {
        output.text(&told(file, outcome))?;
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

fn new_target(args: &InitArgs) -> Target {
    let is_shared = args.state.as_deref().is_some_and(project::is_shared);
    Target { name: PRODUCTION.to_owned(), is_shared }
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
        (None, []) => return Ok(Target { name: PRODUCTION.to_owned(), is_shared: false }),
        (None, [only]) => only.as_str(),
        (None, several) if several.iter().any(|name| *name == PRODUCTION) => PRODUCTION,
        (None, _) => config.environment(None)?.name.as_str(),
    };
    let environment = config.environment(Some(asked))?;
    Ok(Target { name: environment.name.clone(), is_shared: environment.shared_state.is_some() })
}

/// What became of a file, as lines.
fn told(file: &NewFile, outcome: &FileOutcome) -> String {
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
            schema.renewal(Path::new(&path))
        ),
        FileOutcome::Left => format!("left {path} as it is\n"),
        FileOutcome::Complete => String::new(),
    }
}
