//! How a journal, and the version of the state that a run led to, come together again with what somebody put in the
//! state's place meanwhile.

use std::path::{Path, PathBuf};

use crate::model::shell_word;

/// What is known for the way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// The state file.
    pub state: PathBuf,
    /// The words that begin a command for this state, as in `certctl -e production`.
    pub certctl: String,
    /// The version that the run led to, if it came to its end and could not put it in place.
    pub rescued: Option<Rescued>,
}

/// A version of the state that a run could not put in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// Where it is.
    pub file: PathBuf,
    /// The version that the run began with, where it is still at hand.
    pub base: Option<PathBuf>,
    /// Whether another version is in the state's place.
    pub in_place: bool,
}

impl WayBack {
    /// For a journal that belongs to a state of this serial: where things are, and what to type.
    pub(super) fn for_serial(&self, expected: u64) -> String {
        let (state, certctl) = (self.state.display(), &self.certctl);
        let other = "If you need what is there now, copy it first, and bring it in afterwards by hand";
        match &self.rescued {
            Some(rescued) => {
                let (file, command) = (rescued.is_where(), rescued.bring_back(&self.state));
                format!("{file}. To go on: {command} and then: {certctl} plan")
            }
            None if expected == 0 => {
                let (place, aside) = (word(&self.state), word(&self.state.with_added_extension("other")));
                format!(
                    "That run began where there was no state. {other}. To go on: mv {place} {aside} and then: {certctl} plan"
                )
            }
            None => format!(
                "{other}. To go on, put serial {expected} back at {state} exactly as it was (git stash pop, git checkout, \
                 or git log to find it; the .backup file beside it if its serial is {expected}), and then: {certctl} plan"
            ),
        }
    }

    /// After the journal itself is gone: what there is to say if the version of the run could be kept, else nothing.
    pub(super) fn without_journal(&self) -> String {
        self.rescued.as_ref().map_or_else(String::new, |rescued| {
            format!(
                ". {}. When no other run is writing the state any more: {} and then: {} plan",
                rescued.is_where(),
                rescued.bring_back(&self.state),
                self.certctl
            )
        })
    }
}

impl Rescued {
    fn is_where(&self) -> String {
        let file = self.file.display();
        let other = if self.in_place {
            "; what is in its place now may know what this one does not, so join the two and copy neither over the other"
        } else {
            ""
        };
        format!("The state as that run leaves it is in {file}{other}")
    }

    /// The command that brings it back. Two versions are joined row by row: copied over the other, one would take with it
    /// what only the other knows.
    fn bring_back(&self, state: &Path) -> String {
        let (ours, place) = (word(&self.file), word(state));
        if !self.in_place {
            return format!("cp {ours} {place}");
        }
        let nothing = Path::new(if cfg!(windows) { "NUL" } else { "/dev/null" });
        let base = word(self.base.as_deref().unwrap_or(nothing));
        format!("certctl state merge {base} {ours} {place} -o {place}")
    }
}

fn word(path: &Path) -> String {
    shell_word(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_back(in_place: bool, base: Option<&str>) -> WayBack {
        let rescued = Rescued { file: "a b/x.json.rescued".into(), base: base.map(PathBuf::from), in_place };
        WayBack { state: "a b/x.json".into(), certctl: "certctl -e eu".to_owned(), rescued: Some(rescued) }
    }

    #[test]
    fn two_versions_are_joined_and_one_alone_is_copied() {
        for (way, command) in [
            (
                way_back(true, None),
                "certctl state merge /dev/null 'a b/x.json.rescued' 'a b/x.json' -o 'a b/x.json' and then: certctl -e eu plan",
            ),
            (
                way_back(true, Some("b")),
                "certctl state merge b 'a b/x.json.rescued' 'a b/x.json' -o 'a b/x.json' and",
            ),
            (way_back(false, None), "cp 'a b/x.json.rescued' 'a b/x.json' and then: certctl -e eu plan"),
        ] {
            assert!(way.for_serial(7).contains(&format!("To go on: {command}")), "{}", way.for_serial(7));
            assert!(way.without_journal().contains(command), "{}", way.without_journal());
        }
    }
}
