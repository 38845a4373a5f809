use super::*;
use crate::state::history::log::{Commit, CommitLog};
use crate::state::history::walk::HistoryWalk;
use crate::state::{Ancestry, Outline, StateIdentity, Writes};

fn id(number: usize) -> String {
    format!("{number:040x}")
}

fn walk(number: usize) -> HistoryWalk {
    HistoryWalk::of_tip(Path::new("state/test.json"), &id(number))
}

fn log(commits: usize) -> CommitLog {
    let commit =
        |number| Commit { id: id(number), parents: vec![id(number + 1)], blob: Some(id(number + 1_000_000)) };
    CommitLog::of((0..commits).map(commit).collect())
}

fn memory() -> (tempfile::TempDir, HistoryMemory) {
    let folder = tempfile::tempdir().unwrap();
    let memory = HistoryMemory::new(Some(folder.path().join("cache")));
    (folder, memory)
}

fn recalled(memory: &HistoryMemory, walk: &HistoryWalk) -> Option<CommitLog> {
    memory.log(walk).map(|(log, _)| log)
}

fn path(memory: &HistoryMemory, walk: &HistoryWalk) -> PathBuf {
    memory.room().unwrap().join(walk.entry())
}

#[test]
fn a_log_is_remembered_for_its_walk() {
    let (_folder, memory) = memory();
    assert_eq!(recalled(&memory, &walk(1)), None);
    memory.keep_log(&walk(1), &log(3));
    assert_eq!(recalled(&memory, &walk(1)), Some(log(3)));
    let elsewhere = HistoryWalk::of_tip(Path::new("state/other.json"), &id(1));
    let others = |end: usize| HistoryWalk { revisions: vec![id(1), format!("^{}", id(end))], ..walk(1) };
    memory.keep_log(&others(2), &log(2));
    assert_eq!(recalled(&memory, &others(2)), Some(log(2)));
    for another in [walk(2), elsewhere.clone(), others(3)] {
        assert_eq!(recalled(&memory, &another), None, "{another:?}");
    }
    assert_eq!(memory.tips(&walk(1).name), [id(1)]);
    assert_eq!(memory.tips(&elsewhere.name), [""; 0]);
}

#[test]
fn an_outline_is_remembered_for_its_content() {
    let (_folder, memory) = memory();
    let identity = StateIdentity { environment: "test".to_owned(), url: "u".to_owned() };
    let ancestry = Ancestry { lineage: "l".to_owned(), serial: 7, writes: Writes::default() };
    let outline = Outline { identity, ancestry };
    memory.keep_outline(&id(1), &outline);
    assert_eq!(memory.outline(&id(1)), Some(outline));
    assert_eq!(memory.outline(&id(2)), None);
}

#[test]
fn no_folder_is_no_memory() {
    for cache in [None, Some(PathBuf::from("/dev/null/cache"))] {
        let memory = HistoryMemory::new(cache);
        memory.keep_log(&walk(1), &log(1));
        assert_eq!(recalled(&memory, &walk(1)), None);
        assert_eq!(memory.tips(&walk(1).name), [""; 0]);
    }
}

/// Each single byte that changes, and each end that is missing.
#[test]
fn damage_is_noticed_and_mended() {
    let (_folder, memory) = memory();
    memory.keep_log(&walk(1), &log(2));
    let path = path(&memory, &walk(1));
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        for bytes in [&damaged[..], &whole[..place]] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(recalled(&memory, &walk(1)), None, "{place}");
        }
    }
    fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
    assert_eq!(recalled(&memory, &walk(1)), None);
    memory.keep_log(&walk(1), &log(2));
    assert_eq!(recalled(&memory, &walk(1)), Some(log(2)));
}

#[test]
fn entries_of_others_do_not_count() {
    let (_folder, memory) = memory();
    memory.keep_log(&walk(1), &log(2));
    // Another walk's entry under this name.
    fs::copy(path(&memory, &walk(1)), path(&memory, &walk(2))).unwrap();
    assert_eq!(recalled(&memory, &walk(2)), None);
    // Another format, with a checksum that is right.
    let path = path(&memory, &walk(1));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(FORMAT, "certctl.history/v2")).unwrap();
    assert_eq!(recalled(&memory, &walk(1)), None);
    // Too large, without a single block on disk.
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert_eq!(recalled(&memory, &walk(1)), None);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(recalled(&memory, &walk(1)), None);
    memory.keep_log(&walk(1), &log(2));
    assert_eq!(recalled(&memory, &walk(1)), None);
}

#[cfg(unix)]
#[test]
fn only_this_user_writes_and_reads() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (_folder, memory) = memory();
    memory.keep_log(&walk(1), &log(2));
    let path = path(&memory, &walk(1));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let room = path.parent().unwrap();
    assert_eq!((mode(&path), mode(room), mode(room.parent().unwrap())), (0o600, 0o700, 0o700));
    // Somebody else may have written it.
    set_mode(&path, 0o644);
    assert_eq!(recalled(&memory, &walk(1)), None);
    set_mode(&path, 0o600);
    for folder in [room, room.parent().unwrap()] {
        set_mode(folder, 0o777);
        assert_eq!(recalled(&memory, &walk(1)), None);
        memory.keep_log(&walk(2), &log(2));
        assert_eq!(memory.tips(&walk(1).name), [""; 0]);
        set_mode(folder, 0o700);
    }
    assert_eq!(recalled(&memory, &walk(1)), Some(log(2)));
    assert_eq!(memory.tips(&walk(1).name), [id(1)]);
    // A link is neither followed nor written through.
    let target = room.join("elsewhere");
    fs::rename(&path, &target).unwrap();
    symlink(&target, &path).unwrap();
    assert_eq!(recalled(&memory, &walk(1)), None);
    memory.keep_log(&walk(1), &log(3));
    assert_eq!(recalled(&memory, &walk(1)), Some(log(3)));
    assert!(!fs::symlink_metadata(&path).unwrap().is_symlink() && target.exists());
}

#[test]
fn number_and_size_of_entries_are_limited() {
    let (_folder, memory) = memory();
    let age = |walk: &HistoryWalk, seconds: u64| {
        let written = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::options().write(true).open(path(&memory, walk)).unwrap().set_modified(written).unwrap();
    };
    for number in 0..MAX_ENTRIES as u64 {
        let walk = walk(usize::try_from(number).unwrap());
        memory.keep_log(&walk, &log(1));
        age(&walk, number);
    }
    let files = || entries(&memory.room().unwrap());
    assert_eq!(files().len(), MAX_ENTRIES);
    memory.keep_log(&walk(1000), &log(1));
    assert_eq!(files().len(), MAX_ENTRIES);
    // The oldest went, and the newest tips are offered.
    assert_eq!(recalled(&memory, &walk(0)), None);
    let newest = [1000, 127, 126, 125, 124, 123, 122, 121].map(id);
    assert_eq!(memory.tips(&walk(0).name), newest);
    // One that is too large is not remembered.
    memory.keep_log(&walk(2000), &log(40_000));
    assert_eq!(recalled(&memory, &walk(2000)), None);
    // Large ones push out others sooner. Files that a killed writer left count.
    fs::write(memory.room().unwrap().join(".tmpabc"), vec![0; 30 << 20]).unwrap();
    memory.keep_log(&walk(3000), &log(20_000));
    assert!(recalled(&memory, &walk(3000)).is_some());
    let bytes: u64 = files().iter().map(|entry| entry.size).sum();
    assert!(bytes <= MAX_BYTES, "{bytes}");
    assert!(!files().iter().any(|entry| entry.path.ends_with(".tmpabc")));
}
