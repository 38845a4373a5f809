//! Finds the merge behind a state that was committed with git's conflict markers.

use std::path::Path;

use super::git::{Git, MERGE_HEAD};
use super::{InGit, LookLimits, Unchecked, has_conflict, real_path, root_of};

/// The base, ours and theirs of a merge that was committed with its conflict markers in this file. `None` while git
/// still has the three versions in its index, or if no such merge is found.
pub(in crate::state) fn committed_merge(file: &Path) -> Option<[String; 3]> {
    let path = real_path(file);
    let root = root_of(&path)?;
    let name = path.strip_prefix(root).ok()?;
    Search { git: Git::new(root, LookLimits::default()), name }.versions().ok().flatten()
}

struct Search<'a> {
    git: Git,
    /// The file's path from the root of the repository.
    name: &'a Path,
}

impl Search<'_> {
    fn versions(&mut self) -> Result<Option<[String; 3]>, Unchecked> {
        if !self.git.ask(&["ls-files", "--unmerged", "--"], Some(self.name))?.is_empty() {
            return Ok(None);
        }
        let merging = ["rev-parse", "--quiet", "--verify", MERGE_HEAD];
        let merging = self.git.ask(&merging, None).unwrap_or_default();
        let sides = if merging.is_empty() {
            self.sides_of_merge()?
        } else {
            Some([self.git.ask(&["rev-parse", "HEAD"], None)?, merging])
        };
        let Some(sides) = sides else { return Ok(None) };
        let [ours, theirs] = sides.map(|side| side.trim().to_owned());
        let base = self.git.ask(&["merge-base", &ours, &theirs], None)?;
        Ok(Some([base.trim().to_owned(), ours, theirs]))
    }

    /// The parents of the merge that introduced the markers.
    fn sides_of_merge(&mut self) -> Result<Option<[String; 2]>, Unchecked> {
        let mut tip = "HEAD".to_owned();
        while let Some(parents) = self.parents_without_markers(&tip)? {
            let [ours, theirs] = &parents[..] else { return Ok(None) };
            if !self.has_markers(theirs)? {
                return Ok(Some([ours.clone(), theirs.clone()]));
            }
            // This merge only took in a branch that had markers already.
            tip.clone_from(theirs);
        }
        Ok(None)
    }

    /// The parents of the youngest commit up to this one that has markers while its first parent has none. Later
    /// commits may have resolved some of the conflicts, or added others.
    fn parents_without_markers(&mut self, tip: &str) -> Result<Option<Vec<String>>, Unchecked> {
        let arguments = ["log", "--first-parent", "-m", "-S<<<<<<<", "--format=%P", tip, "--"];
        let changes = self.git.ask(&arguments, Some(self.name))?;
        for parents in changes.lines() {
            let parents: Vec<String> = parents.split_whitespace().map(str::to_owned).collect();
            if let Some(first) = parents.first()
                && !self.has_markers(first)?
            {
                return Ok(Some(parents));
            }
        }
        Ok(None)
    }

    fn has_markers(&mut self, commit: &str) -> Result<bool, Unchecked> {
        let (root, path) = (self.git.root().to_owned(), self.name.to_owned());
        let place = InGit { root, commit: commit.to_owned(), path };
        match self.git.content(&place.object()) {
            Ok(bytes) => Ok(has_conflict(&bytes)),
            // The file is not in that commit.
            Err(Unchecked::Failed(_)) => Ok(false),
            Err(why) => Err(why),
        }
    }
}
