//! How to join a journal, or the version that a run led to, with a state that was replaced in the meantime.

use std::path::{Path, PathBuf};

use super::{InGit, Location};
use crate::model::{Advice, Help};

/// What is known for joining them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// The state.
    pub state: Location,
    /// The journal beside it.
    pub journal: Location,
    /// The version that the run led to, if it finished but could not put it in place.
    pub rescued: Option<Rescued>,
    /// Where the version is that the run began with, if it was found.
    pub base: Option<CommonBase>,
    /// The number of the newest version that is kept beside a shared state.
    pub newest_kept: Option<u64>,
    /// Whether the state in place continued from that version without the run, and differs in a template of the
    /// journal.
    pub has_gone_on: bool,
    /// Whether the state is missing.
    pub is_missing: bool,
}

/// Where a version of the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommonBase {
    /// In a file that certctl keeps.
    Kept(Location),
    /// In a git commit.
    Commit(InGit),
}

/// A version of the state that a run could not put in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The saved version.
    pub at: Location,
    /// The version that the run began with, if it still exists.
    pub base: Option<Location>,
    /// Whether another version is in place.
    pub in_place: bool,
}

impl WayBack {
    /// Whether the state is on storage that machines share: no command moves its objects.
    fn is_shared(&self) -> bool {
        self.state.file().is_none()
    }

    /// Explains where the versions are, for a journal that belongs to a state with this serial.
    pub(super) fn for_serial(&self, expected: u64) -> String {
        if self.is_shared() {
            return match &self.base {
                Some(CommonBase::Kept(newest)) if self.is_missing => {
                    format!("The newest version that certctl keeps is in {newest}")
                }
                _ if self.is_missing => "No version of it is kept beside it".to_owned(),
                _ if matches!(self.state, Location::Server(_)) => {
                    format!("To go on, put serial {expected} back, if the server keeps versions of its own")
                }
                _ => format!(
                    "To go on, put serial {expected} back, which certctl keeps in {}.history",
                    self.state
                ),
            };
        }
        let other = if self.is_missing {
            "Nothing is in the state's place"
        } else {
            "If you need what is there now, copy it first, and bring it in afterwards by hand"
        };
        match &self.rescued {
            Some(rescued) => rescued.is_where(),
            None if expected == 0 => {
                "That run began where there was no state, so what it recorded is joined with the \
                                      state that is there now"
                    .to_owned()
            }
            None if self.has_gone_on => {
                "The state went on without that run, and both changed the same template, so neither can replace the other"
                    .to_owned()
            }
            None if self.base.is_some() => {
                format!("{other}. Then put serial {expected} back, which that run began with")
            }
            None => format!(
                "{other}. To go on, put serial {expected} back at {} exactly as it was (git stash pop, git checkout, or git \
                 log to find it; the .backup file beside it if its serial is {expected})",
                self.state
            ),
        }
    }

    /// The commands for that case.
    pub(super) fn help_for_serial(&self, expected: u64) -> Help {
        if self.is_shared() {
            let or = if self.is_missing {
                "Or, to begin without it, and mark what the run sent as in doubt"
            } else {
                "Or, to keep what is there now, and mark what the run sent as in doubt"
            };
            let help = if self.is_missing { put_back(self.newest_kept) } else { Help::none() };
            return help.run(or, Advice::StateAccept).run("And then", Advice::Plan);
        }
        let help = match &self.rescued {
            Some(rescued) => Help::none().run("To go on", rescued.bring_back(&self.state)),
            None if expected == 0 => {
                let (theirs, out) = (path(&self.state), path(&self.state));
                let (ours, base) = (path(&self.journal), None);
                let (unrelated, then_remove) = (true, false);
                let join = Advice::StateMerge { base, ours, theirs, out, unrelated, then_remove };
                Help::none().run("To go on", join)
            }
            None if self.has_gone_on => {
                return Help::none()
                    .run(
                        "To go on with what is there now, and mark what the run sent as in doubt",
                        Advice::StateAccept,
                    )
                    .run("And then", Advice::Recover { keys: Vec::new() });
            }
            None => match &self.base {
                Some(CommonBase::Kept(at)) => {
                    let (from, to) = (path(at), path(&self.state));
                    Help::none().run("To go on", Advice::CopyFile { from, to })
                }
                Some(CommonBase::Commit(InGit { root, commit, path })) => {
                    let (root, commit, path) = (root.clone(), commit.clone(), path.clone());
                    Help::none().run("To go on", Advice::GitCheckout { root, commit, path })
                }
                None => Help::none(),
            }
            .run(
                "Or, to keep what is there now, and mark what the run sent as in doubt",
                Advice::StateAccept,
            ),
        };
        help.run("And then", Advice::Plan)
    }

    /// Explains where the run's version is, after the journal was lost; empty if it could not be saved.
    pub(super) fn without_journal(&self) -> String {
        self.rescued.as_ref().map_or_else(String::new, |rescued| format!(". {}", rescued.is_where()))
    }

    /// The commands for that case.
    pub(super) fn help_without_journal(&self) -> Help {
        self.rescued.as_ref().map_or_else(Help::none, |rescued| {
            Help::none()
                .run("When no other run is writing the state any more", rescued.bring_back(&self.state))
                .run("And then", Advice::Plan)
        })
    }
}

impl Rescued {
    fn is_where(&self) -> String {
        let at = &self.at;
        let other = if self.in_place {
            "; what is in its place now may know what this one does not, so join the two and copy neither over the other"
        } else {
            ""
        };
        format!("The state as that run leaves it is in {at}{other}")
    }

    /// The command that restores the version. Two versions are joined row by row: copying one over the other would
    /// lose what only the other knows.
    fn bring_back(&self, state: &Location) -> Advice {
        let (ours, state) = (path(&self.at), path(state));
        if self.in_place {
            let base = self.base.as_ref().map(path);
            let (unrelated, then_remove) = (false, false);
            Advice::StateMerge { base, ours, theirs: state.clone(), out: state, unrelated, then_remove }
        } else {
            Advice::CopyFile { from: ours, to: state }
        }
    }
}

/// The commands that put a version in the place of a shared state that is lost or damaged.
pub(super) fn put_back(newest_kept: Option<u64>) -> Help {
    let copy = || Advice::StatePush { file: PathBuf::from("copy.json") };
    match newest_kept {
        Some(serial) => Help::none()
            .run("To put that version in its place", Advice::StateRestore { serial })
            .run("Or, if you have a newer copy of the state, in copy.json", copy()),
        None => {
            Help::none().run("If you have a copy of the state, in copy.json, to put it in its place", copy())
        }
    }
}

/// The file that a command names. For states in files only.
fn path(location: &Location) -> PathBuf {
    location.file().map(Path::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_back(in_place: bool, base: Option<&str>) -> WayBack {
        let at = |path: &str| Location::File(path.into());
        let rescued = Rescued { at: at("a b/x.json.rescued"), base: base.map(at), in_place };
        WayBack {
            state: at("a b/x.json"),
            journal: at("a b/x.json.journal"),
            rescued: Some(rescued),
            base: None,
            newest_kept: None,
            has_gone_on: false,
            is_missing: false,
        }
    }

    #[test]
    fn two_versions_are_joined_one_is_copied() {
        let (ours, state) = (PathBuf::from("a b/x.json.rescued"), PathBuf::from("a b/x.json"));
        let merge = |base: Option<&str>| Advice::StateMerge {
            base: base.map(PathBuf::from),
            ours: ours.clone(),
            theirs: state.clone(),
            out: state.clone(),
            unrelated: false,
            then_remove: false,
        };
        for (way, command) in [
            (way_back(true, None), merge(None)),
            (way_back(true, Some("b")), merge(Some("b"))),
            (way_back(false, None), Advice::CopyFile { from: ours.clone(), to: state.clone() }),
        ] {
            for help in [way.help_for_serial(7), way.help_without_journal()] {
                let commands: Vec<&Advice> = help.steps().filter_map(|(_, command)| command).collect();
                assert_eq!(commands, [&command, &Advice::Plan]);
            }
        }
    }
}
