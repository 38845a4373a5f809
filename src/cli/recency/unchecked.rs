//! Says which places could not be looked into, and why: a newer state may be there.

use super::names::short;
use crate::report;
use crate::state::Unchecked;

/// Says what could not be read, and why.
pub(super) fn unchecked(why: &Unchecked) -> String {
    match why {
        Unchecked::TooManyFiles => reason(why),
        _ => format!("history not checked: {}", reason(why)),
    }
}

/// Says why something could not be read, as the end of a sentence.
pub(in crate::cli) fn reason(why: &Unchecked) -> String {
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
        Unchecked::Store(why) => report::safe_text(why),
        Unchecked::Failed(why) => report::safe_text(&format!("git says: {why}")),
    }
}
