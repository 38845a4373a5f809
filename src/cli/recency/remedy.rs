//! Decides what a person should do about a state that is not the newest, and says it. The commands come from
//! [`WayBackCommands`].

use super::KnownVersions;
use crate::cli::way_back::WayBackCommands;
use crate::state::{How, Setback};

/// What to do about a state that is not the newest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// The branch may only be behind another one, or it went back on purpose: the person knows which.
    MergeOrRestore,
    /// The branch is behind another one.
    Merge,
    /// `git stash` put the newer state away.
    Unstash,
    /// Neither state includes the other.
    Join,
    /// Another program changed the state.
    Undo,
    /// The environment got another name.
    TakeOver,
    /// The state went back in time, or is missing.
    Restore,
}

impl Remedy {
    /// The sentence before the commands.
    fn heading(self) -> &'static str {
        match self {
            Self::MergeOrRestore => {
                "If you went back on purpose, restore the state alone. The YAML stays as it is, and the next plan shows \
                 what really differs:"
            }
            Self::Merge => "Before anything is applied, merge that branch:",
            Self::Unstash => {
                "Bring that state back. The YAML stays as it is, and the next plan then shows what differs:"
            }
            Self::Join => "Join the two:",
            Self::Undo => "Bring back what certctl wrote, and plan again:",
            Self::TakeOver => "Take it over, so that the environment goes on under its new name:",
            Self::Restore => {
                "Restore the newer state. The YAML stays as it is, and the next plan shows what really differs:"
            }
        }
    }
}

impl KnownVersions<'_> {
    /// Explains what to do, with commands to paste.
    pub(super) fn way_back(&self, setback: &Setback) -> String {
        let way_back = WayBackCommands::new(self.context, self.output, setback, self.is_behind());
        let merge = way_back.merge_the_branch();
        let remedy = self.remedy(setback, merge.is_some());
        let mut text = String::new();
        if let Some(merge) = merge.filter(|_| remedy == Remedy::MergeOrRestore) {
            text.push_str(&format!("If this branch is only behind, merge that branch:\n  {merge}\n"));
        }
        text.push_str(remedy.heading());
        for command in way_back.commands() {
            text.push_str(&format!("\n  {command}"));
        }
        if let Some(right) = self.if_in_place_is_right(setback, remedy) {
            text.push_str(&format!("\nIf that state is wrong, and {right}: {}", way_back.accept()));
        }
        text
    }

    fn remedy(&self, setback: &Setback, has_branch: bool) -> Remedy {
        match setback.how {
            How::Forked | How::Unrelated => Remedy::Join,
            How::Older | How::Missing if has_branch && !self.is_detached => Remedy::MergeOrRestore,
            How::Older | How::Missing if self.is_stash(setback) => Remedy::Unstash,
            _ if self.is_behind() => Remedy::Merge,
            How::Altered => Remedy::Undo,
            How::Missing if self.is_renamed(&setback.newest) => Remedy::TakeOver,
            How::Older | How::Missing => Remedy::Restore,
        }
    }

    /// What is right if the newer state is wrong; `None` if the state in place cannot be accepted.
    fn if_in_place_is_right(&self, setback: &Setback, remedy: Remedy) -> Option<&'static str> {
        const IN_PLACE: &str = "the one in place is right";
        match setback.how {
            _ if remedy == Remedy::MergeOrRestore => Some(IN_PLACE),
            // Another branch has the newer state, and nothing says that it is wrong.
            _ if self.is_behind() && !self.is_stash(setback) => None,
            How::Missing => Some("the environment should start without one"),
            // A state that contradicts itself cannot be accepted.
            How::Altered if self.inconsistent.is_some() => None,
            How::Older | How::Forked | How::Altered | How::Unrelated => Some(IN_PLACE),
        }
    }
}
