//! The messages about a state that is not the newest, and about places that could not be read. Part of
//! [`KnownVersions`]; it looks nothing up.

use super::KnownVersions;
use crate::cli::context::{shown_path, state_path};
use crate::cli::elsewhere;
use crate::cli::way_back::WayBackCommands;
use crate::config::ServerAddress;
use crate::report;
use crate::state::{How, Recency, Setback, Sighting, SightingSource, Unchecked};

impl KnownVersions<'_> {
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

    /// Returns whether the state was written for an environment with another name.
    fn is_renamed(&self, seen: &Sighting) -> bool {
        seen.outline.identity.environment != self.context.identity.environment
    }

    /// Names the place of a newer state, and its environment if that has another name.
    fn place_of(&self, seen: &Sighting) -> String {
        let place = whereabouts(&seen.origin);
        if !self.is_renamed(seen) {
            return place;
        }
        format!("{place}, written for the environment {}", seen.outline.identity.environment)
    }

    fn is_behind(&self) -> bool {
        matches!(self.recency, Recency::Behind(_))
    }

    /// Returns whether only a stash has the newer state.
    fn is_stash(&self, setback: &Setback) -> bool {
        self.is_behind() && setback.newest.origin.is_stash()
    }

    /// Explains the problem and what to do.
    pub(super) fn words(&self, setback: &Setback) -> String {
        format!("{}.\n{}", self.what_is_wrong(setback), self.way_back(setback))
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

    pub(super) fn way_back(&self, setback: &Setback) -> String {
        let (is_behind, is_stash) = (self.is_behind(), self.is_stash(setback));
        let way_back = WayBackCommands::new(self.context, self.output, setback, is_behind);
        let commands: String = way_back.commands().iter().map(|command| format!("\n  {command}")).collect();
        if let Some(merge) = way_back
            .merge_the_branch()
            .filter(|_| !self.is_detached && matches!(setback.how, How::Older | How::Missing))
        {
            return format!(
                "If this branch is only behind, merge that branch:\n  {merge}\nIf you went back on purpose, restore the state \
                 alone. The YAML stays as it is, and the next plan shows what really differs:{commands}\nIf that state is \
                 wrong, and the one in place is right: {}",
                way_back.accept()
            );
        }
        let what_to_do = match setback.how {
            How::Older | How::Missing if is_stash => {
                "Bring that state back. The YAML stays as it is, and the next plan then shows what differs:".to_owned()
            }
            _ if is_behind && !matches!(setback.how, How::Forked | How::Unrelated) => {
                "Before anything is applied, merge that branch:".to_owned()
            }
            How::Forked | How::Unrelated => "Join the two:".to_owned(),
            How::Altered => "Bring back what certctl wrote, and plan again:".to_owned(),
            How::Missing if self.is_renamed(&setback.newest) => {
                "Take it over, so that the environment goes on under its new name:".to_owned()
            }
            How::Older | How::Missing => {
                "Restore the newer state. The YAML stays as it is, and the next plan shows what really differs:"
                    .to_owned()
            }
        };
        let otherwise = match setback.how {
            _ if is_behind && !is_stash => String::new(),
            How::Missing => format!(
                "\nIf that state is wrong, and the environment should start without one: {}",
                way_back.accept()
            ),
            // A state that contradicts itself cannot be accepted.
            How::Altered if self.inconsistent.is_some() => String::new(),
            How::Older | How::Forked | How::Altered | How::Unrelated => {
                format!("\nIf that state is wrong, and the one in place is right: {}", way_back.accept())
            }
        };
        format!("{what_to_do}{commands}{otherwise}")
    }
}

/// Names the place of a newer state, for people.
pub(super) fn whereabouts(origin: &SightingSource) -> String {
    match origin {
        SightingSource::Head(place) => format!("the one in commit {} of this branch", short(&place.commit)),
        SightingSource::Mark(path) => {
            format!("the one that certctl wrote last on this machine, which it keeps in {}", path.display())
        }
        SightingSource::File(path) => format!("the one in {}", shown_path(path)),
        SightingSource::Journal(path) => {
            format!("what an interrupted first run recorded in {}", shown_path(path))
        }
        SightingSource::Elsewhere(place) => {
            format!(
                "the one in {} of commit {}",
                shown_path(&elsewhere::file_of(place)),
                short(&place.commit)
            )
        }
        SightingSource::Ref { name, .. } => format!("the one in {name}"),
    }
}

/// Shortens a commit id as people write it.
pub(in crate::cli) fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// Says what could not be read, and why.
pub(super) fn unchecked(why: &Unchecked) -> String {
    match why {
        Unchecked::TooManyFiles => format!("note: {}", reason(why)),
        _ => format!("note: history not checked: {}", reason(why)),
    }
}

/// Says why something could not be read, as the end of a sentence.
pub(super) fn reason(why: &Unchecked) -> String {
    match why {
        Unchecked::NoRepository => "the state is in no git repository".to_owned(),
        Unchecked::NoGit => {
            "git is not installed here. With git, certctl would see a state that went back in time".to_owned()
        }
        Unchecked::Shallow => {
            "this clone has only the newest commits. `git fetch --unshallow` brings the others (in a \
                               pipeline: fetch the whole history)"
                .to_owned()
        }
        Unchecked::TooLong => "git took too long".to_owned(),
        Unchecked::TooLarge => "it is too large".to_owned(),
        Unchecked::TooManyFiles => {
            "the project has so many files that its state was looked for in some of them only".to_owned()
        }
        Unchecked::Unreadable(commit) => format!(
            "the state in commit {} cannot be read. If a filter such as git-crypt or Git LFS stores it in another form, \
             certctl cannot tell from git whether the state went back in time",
            short(commit)
        ),
        Unchecked::Failed(why) => report::safe_text(&format!("git says: {why}")),
    }
}
