//! What to do about a state that is damaged, contradicts itself, or has the markers of a merge, as commands.

use std::path::{Path, PathBuf};

use super::GitFacts;
use crate::model::{Advice, Help, Key};

/// The commands that restore a complete state, the one that loses nothing first.
pub(super) fn restore(state: &Path, mark: Option<&Path>, backup: Option<&Path>) -> Help {
    let copy = |from: &Path| Advice::CopyFile { from: from.to_owned(), to: state.to_owned() };
    match (mark, backup) {
        (Some(mark), _) => Help::none()
            .run("To bring back the state that certctl wrote last on this machine, which it keeps", copy(mark))
            .run("And then", Advice::Plan),
        (None, None) => Help::none().say("Restore its newest version from git."),
        (None, Some(backup)) => Help::none()
            .say(
                "Restore its newest version from git. The backup beside it is one write older: what the last command wrote \
                 is not in it, and whatever it created must be imported before the next apply, which would create it a \
                 second time.",
            )
            .run("Where git has none, take the backup", copy(backup)),
    }
}

/// How a person decides rows on which two states differ; `file` is the result, if it is a file.
pub fn how_to_decide(file: Option<&Path>) -> Help {
    Help::none()
        .say(
            "Look each up in the admin page, keep the version that fits what is there, and remove the other version and the marker lines <<<<<<<, ======= and >>>>>>>.",
        )
        .run("Then", Advice::StateVerify { file: file.map(Path::to_owned) })
}

/// The number of keys that commands name; the others follow.
const NAMED: usize = 5;

/// The commands that repair rows that do not match their digests.
pub(super) fn put_right(path: &Path, keys: &[Key], git: &GitFacts) -> Help {
    let named = &keys[..NAMED.min(keys.len())];
    let help = if git.is_in_repository {
        let log = Advice::GitLog { file: path.to_owned() };
        Help::none().run("Put it back as it was. This shows who changed it", log)
    } else {
        Help::none().say("Put it back as it was.")
    };
    let help = help.run(
        "Otherwise, if you know the id from the admin page, forget the row first",
        Advice::StateRm { keys: named.to_vec() },
    );
    let import = |key: &Key| Advice::Import { key: key.clone(), id: None };
    named
        .iter()
        .fold(help, |help, key| help.run("Then adopt what is there", import(key)))
        .say("The next apply then sends all its attributes.")
}

/// The commands that join what git could not. Until the merge is finished, the three versions are in git's index.
pub(super) fn git_merge(state: &Path, git: &GitFacts) -> Help {
    let versions = git.committed_merge.clone().unwrap_or_else(|| [":1", ":2", ":3"].map(str::to_owned));
    let files = ["base", "ours", "theirs"].map(|version| state.with_added_extension(version));
    let show = |(version, to): (String, &PathBuf)| Advice::GitShow {
        file: state.to_owned(),
        version,
        to: to.clone(),
    };
    let help = Help::none().say("This joins the two template by template:");
    let help = versions.into_iter().zip(&files).map(show).fold(help, Help::line);
    let [base, ours, theirs] = files;
    help.line(Advice::StateMerge {
        base: Some(base),
        ours,
        theirs,
        out: state.to_owned(),
        unrelated: false,
        then_remove: true,
    })
}
