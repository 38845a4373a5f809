//! Explains what is wrong with a state that is not the newest.

use super::KnownVersions;
use super::names::whereabouts;
use crate::cli::context::state_path;
use crate::config::ServerAddress;
use crate::state::{How, Setback, Sighting};

impl KnownVersions<'_> {
    /// Explains the problem and what to do.
    pub(super) fn words(&self, setback: &Setback) -> String {
        format!("{}.\n{}", self.what_is_wrong(setback), self.way_back(setback))
    }

    pub(super) fn first_state_note(&self) -> String {
        let also = match &self.environments[..] {
            [] => String::new(),
            names => format!(
                ", also what is for the same courses in the environment {} on the same instance",
                names.join(" and ")
            ),
        };
        format!(
            "there is no state at {} yet, as is normal before the first apply: everything will be created{also}. If \
             something was applied before, put its state there first",
            state_path(&self.context.store)
        )
    }

    /// Names the place of a newer state, and its environment if that has another name.
    fn place_of(&self, seen: &Sighting) -> String {
        let place = whereabouts(&seen.origin);
        if !self.is_renamed(seen) {
            return place;
        }
        format!("{place}, written for the environment {}", seen.outline.identity.environment)
    }

    fn what_is_wrong(&self, setback: &Setback) -> String {
        let state = state_path(&self.context.store);
        let other = self.place_of(&setback.newest);
        let server = match self.context.environment.server {
            ServerAddress::Sandbox => "the sandbox",
            ServerAddress::Remote(_) => "the academy",
        };
        match setback.how {
            How::Older if self.is_stash(setback) => format!(
                "the state {state} is older than {other}: `git stash` put away what was applied, and {server} holds it all \
                 the same"
            ),
            How::Older if self.is_behind() => format!(
                "the state {state} is older than {other}: this branch is behind, and does not know what was applied \
                 there"
            ),
            How::Older if self.context.store.file().is_none() => format!(
                "the state {state} is older than {other}. It went back in time, but {server} did not: a plan would hide what \
                 {server} holds now"
            ),
            How::Older => format!(
                "the state {state} is older than {other}. It went back in time, as happens with git revert, reset, checkout or stash, but {server} did not: a plan would hide what {server} holds now"
            ),
            How::Forked => format!(
                "the state {state} and {other} were written independently: each has templates that the other lacks"
            ),
            How::Altered => format!(
                "the state {state} is not as certctl wrote it: {other} is the same write, but differs. An editor may have changed it, or git, when it joined lines of two versions"
            ),
            How::Unrelated => format!(
                "the state {state} and {other} were started independently: each has templates that the other lacks"
            ),
            How::Missing => format!(
                "there is no state at {state}, but there is {other}. Without it, everything would be created a second time"
            ),
        }
    }
}
