//! Searches that remember earlier ones find what others find.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::log::{CommitLog, parse};
use super::super::walk::HistoryWalk;
use super::*;

/// The folder of a memory, shared by some repositories.
struct Remembering(tempfile::TempDir);

impl Remembering {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn memory(&self) -> HistoryMemory {
        HistoryMemory::new(Some(self.0.path().to_owned()))
    }

    /// The logs of all tips, that is: how often a branch was walked.
    fn tips(&self) -> usize {
        self.memory().tips(Path::new(NAME)).len()
    }

    fn look(&self, repository: &TestRepository, in_place: Option<&[u128]>) -> History {
        repository.look_with(self.memory(), in_place.map(state).as_ref(), true, patient())
    }
}

impl TestRepository {
    fn head(&self) -> HistoryWalk {
        HistoryWalk::of_tip(Path::new(NAME), self.git(&["rev-parse", "HEAD"]).trim())
    }

    /// The log of the whole walk from HEAD.
    fn whole_log(&self) -> CommitLog {
        let mut git = Git::new(self.path(), patient());
        let log = git.start_log(&["HEAD"], Path::new(NAME)).unwrap();
        CommitLog::of(parse(&git.end(Some(log)).unwrap()))
    }

    fn commit_other(&self, content: &str) {
        fs::write(self.path().join("other.txt"), content).unwrap();
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "other"]);
    }
}

fn found(history: &History) -> (&[Sighting], Option<&Unchecked>, bool) {
    (&history.sightings, history.unchecked.as_ref(), history.is_detached)
}

/// Shown by a log that hides a state: it is used, although the whole walk would find more.
#[test]
fn what_is_remembered_is_not_walked_again() {
    let repository = TestRepository::with(&[&[1], &[1, 2]]);
    repository.git(&["revert", "--no-edit", "HEAD"]);
    let remembering = Remembering::new();
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings.len(), 1);
    let hide = || remembering.memory().keep_log(&repository.head(), &CommitLog::default());
    hide();
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings, []);
    // A few commits later, and after a merge of a branch that began here, only what is new is walked.
    repository.commit_other("a");
    repository.git(&["checkout", "--quiet", "-b", "aside"]);
    repository.commit_other("b");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--no-edit", "aside"]);
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings, []);
    assert_eq!(remembering.tips(), 2);
    // A branch that began earlier needs the whole walk.
    repository.git(&["checkout", "--quiet", "-b", "early", "HEAD~3"]);
    fs::write(repository.path().join("third.txt"), "c").unwrap();
    repository.git(&["add", "third.txt"]);
    repository.git(&["commit", "--quiet", "--message", "early"]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-edit", "early"]);
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings.len(), 1);
    // So does a commit before a remembered one.
    hide();
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    hide();
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings.len(), 1);
}

#[test]
fn other_branches_are_remembered_until_one_changes() {
    let repository = TestRepository::with(&[&[1]]);
    repository.git(&["checkout", "--quiet", "-b", "ahead"]);
    repository.commit(&state(&[1, 2]));
    repository.git(&["checkout", "--quiet", "main"]);
    let remembering = Remembering::new();
    let before = remembering.look(&repository, Some(&[1]));
    assert_eq!(before.sightings.len(), 1);
    // The branch has another name, and it is named, although its commits are remembered.
    repository.git(&["branch", "--quiet", "--move", "ahead", "renamed"]);
    let after = remembering.look(&repository, Some(&[1]));
    let SightingSource::Ref { name, .. } = &after.sightings[0].origin else { panic!("{after:?}") };
    assert_eq!(name, "renamed");
    let ahead = repository.git(&["rev-parse", "renamed"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let revisions = vec![ahead.trim().to_owned(), format!("^{}", head.trim())];
    let walk = HistoryWalk { name: NAME.into(), revisions };
    assert!(remembering.memory().log(&walk).is_some());
    remembering.memory().keep_log(&walk, &CommitLog::default());
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings, []);
    repository.git(&["checkout", "--quiet", "renamed"]);
    repository.commit(&state(&[1, 2, 3]));
    repository.git(&["checkout", "--quiet", "main"]);
    assert_eq!(remembering.look(&repository, Some(&[1])).sightings.len(), 1);
}

/// Its commits have parents that are not there, so their logs are shorter.
#[test]
fn clones_that_are_cut_neither_read_nor_write() {
    let origin = TestRepository::with(&[&[1], &[1, 2], &[1, 2, 3]]);
    let clone = TestRepository { folder: tempfile::tempdir().unwrap() };
    let url = format!("file://{}", origin.path().display());
    clone.git(&["clone", "--quiet", "--depth", "1", &url, "."]);
    let remembering = Remembering::new();
    let shallow = remembering.look(&clone, Some(&[1, 2]));
    assert_eq!((shallow.sightings.len(), shallow.unchecked), (1, Some(Unchecked::Shallow)));
    assert_eq!(remembering.tips(), 0);
    clone.git(&["fetch", "--quiet", "--unshallow"]);
    let grafts = clone.path().join(".git/info/grafts");
    fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    fs::write(&grafts, clone.git(&["rev-parse", "HEAD"])).unwrap();
    clone.put(&state(&[1]));
    assert_eq!(remembering.look(&clone, None).sightings.len(), 1);
    assert_eq!(remembering.tips(), 0);
    fs::remove_file(grafts).unwrap();
    assert_eq!(remembering.look(&clone, None).sightings.len(), 1);
    assert_eq!(remembering.memory().log(&clone.head()).unwrap().0, origin.whole_log());
}

#[test]
fn remembered_bytes_count_against_the_limit() {
    let states: Vec<Vec<u128>> = (1..20).map(|last| (1..=last).collect()).collect();
    let repository = TestRepository::with(&states.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let remembering = Remembering::new();
    let in_place = state(&[1]);
    remembering.look(&repository, Some(&[1]));
    let (_, bytes) = remembering.memory().log(&repository.head()).unwrap();
    for (bytes, is_enough) in [(bytes - 1, false), (bytes + 1_000_000, true)] {
        let limits = LookLimits { bytes, ..patient() };
        let history = repository.look_with(remembering.memory(), Some(&in_place), true, limits);
        assert_eq!(history.unchecked, (!is_enough).then_some(Unchecked::TooLarge));
    }
}

/// A step that people take in a repository.
#[derive(Clone, Debug)]
enum Step {
    Write,
    Other,
    Branch,
    Switch(usize),
    Merge(usize, bool),
    Restore(usize),
    Reset(usize),
    Amend,
    Remove,
    Rename,
    Tag,
    DropBranch(usize),
    Stash,
    CommitGraph,
    Detach,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Write),
        3 => Just(Step::Other),
        2 => Just(Step::Branch),
        3 => (0..4_usize).prop_map(Step::Switch),
        4 => (0..4_usize, any::<bool>()).prop_map(|(branch, ours)| Step::Merge(branch, ours)),
        1 => (1..4_usize).prop_map(Step::Restore),
        1 => (1..3_usize).prop_map(Step::Reset),
        1 => Just(Step::Amend),
        1 => Just(Step::Remove),
        1 => Just(Step::Rename),
        1 => Just(Step::Tag),
        1 => (0..4_usize).prop_map(Step::DropBranch),
        1 => Just(Step::Stash),
        1 => Just(Step::CommitGraph),
        1 => Just(Step::Detach),
    ]
}

/// A repository in which steps are taken.
struct Life {
    repository: TestRepository,
    /// The number of writes and contents so far, and of seconds.
    count: u128,
}

impl Life {
    /// Runs git, which may refuse.
    fn try_git(&self, arguments: &[&str]) -> bool {
        let date = format!("{} +0000", 1_700_000_000 + self.count);
        let mut command = Command::new("git");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.args(arguments).current_dir(self.repository.path()).output().unwrap();
        output.status.success()
    }

    fn commit(&self, message: &str) {
        self.try_git(&["add", "--all"]);
        self.try_git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// The writes of the state in place.
    fn writes(&self) -> Option<Vec<u128>> {
        let text = fs::read(self.repository.path().join(NAME)).ok()?;
        let document = parse_state(Path::new(NAME), &text).ok()?;
        let writes = serde_json::to_value(&document.writes).unwrap();
        let ids: Vec<String> = serde_json::from_value(writes).unwrap();
        Some(ids.iter().map(|id| id.parse::<Uuid>().unwrap().as_u128()).collect())
    }

    fn branch(&self, number: usize) -> String {
        let names = self.repository.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
        let names: Vec<&str> = names.lines().collect();
        // Without a branch, what is checked out.
        names.get(number % names.len().max(1)).map_or("HEAD", |name| *name).to_owned()
    }

    /// Takes a step, if it is possible now.
    fn take(&mut self, step: &Step) {
        self.count += 1;
        let count = self.count.to_string();
        match step {
            Step::Write => {
                let mut writes = self.writes().unwrap_or_default();
                writes.push(self.count);
                self.repository.put(&state(&writes));
                self.commit("state");
            }
            Step::Other => {
                fs::write(self.repository.path().join(format!("{count}.txt")), &count).unwrap();
                self.commit("other");
            }
            Step::Branch => {
                self.try_git(&["checkout", "--quiet", "-b", &format!("b{count}")]);
            }
            Step::Switch(number) => {
                self.try_git(&["checkout", "--quiet", &self.branch(*number)]);
            }
            Step::Merge(number, ours) => {
                let side = if *ours { "ours" } else { "theirs" };
                let branch = self.branch(*number);
                if !self.try_git(&["merge", "--quiet", "--no-ff", "--no-edit", "-X", side, &branch]) {
                    // Removed on one side and changed on the other.
                    self.try_git(&["merge", "--abort"]);
                }
            }
            Step::Restore(back) => {
                self.try_git(&["checkout", "--quiet", &format!("HEAD~{back}"), "--", NAME]);
                self.commit("restored");
            }
            Step::Reset(back) => {
                self.try_git(&["reset", "--quiet", "--hard", &format!("HEAD~{back}")]);
            }
            Step::Amend => {
                self.try_git(&["commit", "--quiet", "--amend", "--message", &count]);
            }
            Step::Remove => {
                self.try_git(&["rm", "--quiet", NAME]);
                self.commit("removed");
            }
            Step::Rename => {
                let (from, to) =
                    if self.writes().is_some() { (NAME, "elsewhere.json") } else { ("elsewhere.json", NAME) };
                fs::create_dir_all(self.repository.path().join("state")).unwrap();
                self.try_git(&["mv", from, to]);
                self.commit("renamed");
            }
            Step::Tag => {
                self.try_git(&["tag", &format!("v{count}")]);
            }
            Step::DropBranch(number) => {
                self.try_git(&["branch", "--quiet", "-D", &self.branch(*number)]);
            }
            Step::Stash => {
                let mut writes = self.writes().unwrap_or_default();
                writes.push(self.count);
                self.repository.put(&state(&writes));
                self.try_git(&["stash", "--quiet", "--include-untracked"]);
            }
            Step::CommitGraph => {
                self.try_git(&["commit-graph", "write", "--reachable"]);
            }
            Step::Detach => {
                self.try_git(&["checkout", "--quiet", "--detach"]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(8) })]

    /// All repositories share a memory, as those of one user do.
    #[test]
    fn remembering_changes_no_search(steps in vec(step(), 4..20)) {
        static SHARED: std::sync::LazyLock<Remembering> = std::sync::LazyLock::new(Remembering::new);
        let mut life = Life { repository: TestRepository::with(&[&[1000]]), count: 1000 };
        for step in &steps {
            life.take(step);
            let (repository, present) = (&life.repository, life.writes());
            for in_place in [present.as_deref(), Some(&[1000])] {
                let remembering = SHARED.look(repository, in_place);
                let walking = repository.look(in_place);
                prop_assert_eq!(found(&remembering), found(&walking));
                prop_assert_eq!(walking.unchecked, None);
            }
            // Not only what is found is equal, but what is remembered.
            let remembered = SHARED.memory().log(&repository.head()).map(|(log, _)| log);
            prop_assert_eq!(remembered, Some(repository.whole_log()));
        }
    }
}
