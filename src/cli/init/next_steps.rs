//! The last words of init: what to do next.

use std::path::Path;

use super::super::args::Ci;
use super::super::invocation::Invocation;
use super::new_file::NewFile;
use super::pipeline::{MAIN, PLACEHOLDER, Pipeline};
use super::project_folder::ProjectFolder;
use crate::model::{Advice, Commands as _, shell_word};

/// The git setting that lets certctl merge two states; .gitattributes alone cannot do that.
const DRIVER: &str = "merge.certctl-state.driver 'certctl state merge %O %A %B -o %A'";

/// The command that has git join two states by certctl, in the clone around this folder.
pub(in crate::cli) fn merge_driver(folder: &Path) -> String {
    format!("git{} config {DRIVER}", chdir(folder))
}

/// The option for commands in a folder.
fn chdir(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { String::new() } else { format!(" -C {}", shell_word(folder)) }
}

/// What init did, as far as the next steps depend on it.
pub(super) struct NextSteps<'a> {
    pub(super) folder: &'a Path,
    pub(super) is_new: bool,
    pub(super) pipeline: &'a Pipeline<'a>,
    pub(super) place: &'a ProjectFolder,
}

impl NextSteps<'_> {
    pub(super) fn text(&self) -> String {
        let mut paragraphs = Vec::new();
        if self.is_new {
            paragraphs.push(self.to_try());
        }
        match self.pipeline.ci {
            Ci::None => paragraphs.push(format!(
                "To add a pipeline for GitHub, or for GitLab with `--ci gitlab`:\n  certctl{} init --ci github\n",
                self.chdir()
            )),
            Ci::Github => paragraphs.push(self.on_github()),
            Ci::Gitlab => paragraphs.push(self.on_gitlab()),
        }
        // A state that machines share is never merged.
        if !self.pipeline.is_shared {
            paragraphs.push(format!(
                "In git, once in each clone, so that the states of two branches are joined when they are merged:\n  {}\n",
                merge_driver(self.folder)
            ));
        }
        paragraphs.into_iter().map(|paragraph| format!("\n{paragraph}")).collect()
    }

    /// What a file that was there already would be like.
    pub(super) fn left(&self, file: &NewFile) -> String {
        let how = match self.pipeline.ci {
            Ci::Gitlab => {
                "It has another text than init would write. Add what follows to it, or put it into a file of its own and name that under `include`"
            }
            _ => {
                "It has another text than init would write. A project of its own needs a workflow of its own: put what follows into \
                 another file, and name that under `paths`, too"
            }
        };
        format!("\n{} was there already. {how}:\n\n{}", file.shown(), file.text)
    }

    /// The option for commands about the project.
    fn chdir(&self) -> String {
        chdir(self.folder)
    }

    fn to_try(&self) -> String {
        let there = Invocation::first_in(self.folder, "sandbox");
        format!(
            "Next: look at the template, then try it out. The environment `sandbox` needs no account:\n  {}\n  {}\n",
            there.command(&Advice::Plan),
            there.command(&Advice::Apply)
        )
    }

    fn on_github(&self) -> String {
        let environment = self.pipeline.environment;
        let storage = if self.pipeline.is_shared {
            "* On GitHub, set the variables of your storage, which the workflow lists at its beginning.\n"
        } else {
            ""
        };
        format!(
            "For the pipeline (docs/pipelines.md has every step):\n\
             * In the workflow, write in place of `{PLACEHOLDER}` the repository that has certctl's action.yml, and the commit that you trust.\n\
             {}\
             * On GitHub, make the environment `{environment}`, with required reviewers and the secret CERTCTL_API_KEY.\n\
             {storage}{}{}",
            self.to_fill_in(),
            self.other_branch(),
            self.outside_of_git()
        )
    }

    fn other_branch(&self) -> String {
        match self.pipeline.branch {
            MAIN => String::new(),
            other => format!(
                "* The workflow applies what is merged into `{other}`. If another branch is the main one, write that in its place.\n"
            ),
        }
    }

    fn on_gitlab(&self) -> String {
        let variables = if self.pipeline.is_shared {
            "CERTCTL_API_KEY and those of your storage, which the file lists at its beginning"
        } else {
            "CERTCTL_API_KEY and CERTCTL_PUSH_TOKEN"
        };
        format!(
            "For the pipeline (docs/pipelines.md has every step):\n\
             * In the file, set CERTCTL_REPOSITORY and CERTCTL_VERSION.\n\
             {}\
             * On GitLab, set the variables {variables}.\n{}",
            self.to_fill_in(),
            self.outside_of_git()
        )
    }

    fn to_fill_in(&self) -> String {
        format!(
            "* In certctl.toml, put the address and the ids of your academy under [environments.{}].\n",
            self.pipeline.environment
        )
    }

    fn outside_of_git(&self) -> &'static str {
        if self.place.is_in_repository() {
            return "";
        }
        "* There is no git repository here yet, so the pipeline takes this folder for its root. If the root is above, move the \
         pipeline there, and write the folder into it.\n"
    }
}
