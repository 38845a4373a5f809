//! The checks of the state: its rows, lock, journal, history, git and store.

use super::*;

fn state(rows: RowCounts) -> StateFacts {
    StateFacts {
        place: "state/x.json".to_owned(),
        rows: Ok(Some(rows)),
        flaws: Vec::new(),
        history: HistoryFacts::default(),
        lock: LockFacts::Free,
        is_interrupted: false,
        lost_records: None,
    }
}

const ROWS: RowCounts = RowCounts { serial: 7, all: 3, in_doubt: 0, pending: 0, failed: 0, with_unknown: 0 };

#[test]
fn a_right_state_has_right_lines() {
    assert_eq!(
        all(&diagnose_state(&state(ROWS))),
        [
            "right state: state/x.json has 3 templates, serial 7",
            "right rows: nothing is in doubt, pending or failed",
            "right history: no newer state is known",
            "right lock: no run holds the state",
            "right journal: no run was interrupted",
        ]
    );
    let none = StateFacts { rows: Ok(None), ..state(ROWS) };
    assert_eq!(
        said(&diagnose_state(&none)[0]),
        "right state: there is none at state/x.json yet, as is normal before the first apply"
    );
}

#[test]
fn open_rows_are_worth_a_look() {
    let rows = RowCounts { in_doubt: 1, pending: 2, failed: 1, with_unknown: 1, ..ROWS };
    let found = all(&diagnose_state(&state(rows)));
    begins(&found[1], "look rows: 1 template is in doubt: whether");
    begins(&found[2], "look rows: 2 templates are pending");
    begins(&found[3], "look rows: 1 template is recorded as failed");
    begins(&found[4], "look rows: of 1 template, some attributes are not known | To see which: ");
    begins(&found[5], "right history");
}

#[test]
fn damage_and_lost_states_are_wrong() {
    let damaged = StateFacts { rows: Err(complaint()), ..state(ROWS) };
    assert_eq!(
        all(&diagnose_state(&damaged)),
        [
            "wrong state: it broke | Mend it. / Then look again: certctl Doctor",
            "right lock: no run holds the state",
        ]
    );
    let flawed = StateFacts { flaws: vec!["a: its digest".to_owned()], ..state(ROWS) };
    begins(
        &said(&diagnose_state(&flawed)[0]),
        "wrong state: state/x.json has 3 templates, serial 7, and no run of certctl wrote it like this: a: its digest | ",
    );
    let lost = HistoryFacts { lost: Some(complaint()), ..HistoryFacts::default() };
    let gone = StateFacts { rows: Ok(None), history: lost, ..state(ROWS) };
    assert_eq!(
        all(&diagnose_state(&gone))[..2],
        [
            "wrong state: there is none at state/x.json | To see how to bring it back: certctl Plan",
            "wrong history: it broke | Mend it. / Then look again: certctl Doctor",
        ]
    );
    let history = HistoryFacts {
        behind: Some("merge main".to_owned()),
        unchecked: vec![Complaint {
            message: "shallow".to_owned(),
            help: Help::none().run("To begin", Advice::Init),
        }],
        lost: None,
    };
    let behind = all(&diagnose_state(&StateFacts { history, ..state(ROWS) }));
    assert_eq!(behind[2..4], ["look history: merge main", "look history: shallow | To begin: certctl Init"]);
}

#[test]
fn held_locks_and_journals_are_told() {
    let since = Timestamp::from_unix_seconds(0);
    let holder = Holder {
        who: "ann".to_owned(),
        host: "h".to_owned(),
        pid: 7,
        operation: "apply".to_owned(),
        run_url: None,
        since,
    };
    let held =
        StateFacts { lock: LockFacts::Held(Some(holder.clone())), is_interrupted: true, ..state(ROWS) };
    let found = all(&diagnose_state(&held));
    begins(&found[3], "look lock: `certctl apply` of ann on h (process 7), since 1970-01-01T00:00:00Z holds");
    begins(&found[4], "right journal: it is that of the run");
    let held = HeldLock {
        holder: LockHolder::Run(holder),
        id: "L7".to_owned(),
        silent_seconds: Some(3),
        seconds_left: Some(57),
    };
    let leased = StateFacts { lock: LockFacts::Leased(held), ..state(ROWS) };
    let found = said(&diagnose_state(&leased)[3]);
    assert!(found.contains("in 57 seconds") && found.contains("StateUnlock { id: \"L7\" }"), "{found}");
    let unasked = StateFacts { lock: LockFacts::NotAsked, ..state(ROWS) };
    begins(&said(&diagnose_state(&unasked)[3]), "right lock: it was not asked for");
    let unnamed = StateFacts { lock: LockFacts::Held(None), ..state(ROWS) };
    begins(&said(&diagnose_state(&unnamed)[3]), "look lock: a run holds the state");
    let lost = StateFacts { lost_records: Some("r is missing".to_owned()), ..state(ROWS) };
    begins(&said(&diagnose_state(&lost)[4]), "look journal: r is missing | To see what is in doubt: ");
    let interrupted = StateFacts { is_interrupted: true, ..state(ROWS) };
    begins(&said(&diagnose_state(&interrupted)[4]), "look journal: a run was interrupted");
}

#[test]
fn git_is_judged_by_what_it_does_with_a_state() {
    let right =
        GitSetup { has_attribute: true, has_driver: true, ignores_state: false, commits_beside: Vec::new() };
    let with = |setup: GitSetup| {
        let facts = MergeFacts { setup, root: "r".into(), path: "my state/x.json".to_owned() };
        all(&diagnose_merging(&Ok(Some(facts))))
    };
    assert_eq!(
        with(right.clone()),
        ["right merging: git commits the state, and has certctl join two versions of it"]
    );
    let wrong = GitSetup { ignores_state: true, commits_beside: vec!["*.lock"], ..GitSetup::default() };
    let found = with(wrong);
    assert_eq!(found.len(), 4);
    begins(&found[0], "look merging: git ignores my state/x.json");
    assert!(found[1].contains(r#"["\"/my state/x.json\" merge=certctl-state"]"#), "{}", found[1]);
    assert!(found[2].contains("GitMergeDriver"), "{}", found[2]);
    assert!(found[3].contains(r#"["*.lock"]"#), "{}", found[3]);
    assert_eq!(with(GitSetup { has_driver: false, ..right }).len(), 1);
    begins(&all(&diagnose_merging(&Ok(None)))[0], "look merging: the state is a file in no git repository");
    begins(&all(&diagnose_merging(&Err("why".to_owned())))[0], "look merging: not checked: why");
}

#[test]
fn stores_are_judged() {
    let store = |look, allows_unsafe| StoreFacts {
        address: "s3://b/x.json".to_owned(),
        variables: StoreVariables { found: vec!["AWS_REGION"], not_read: vec!["AWS_PROFILE"] },
        look: Ok(look),
        allows_unsafe,
    };
    let found = all(&diagnose_store(&store(StoreLook::Proven, false)));
    begins(&found[0], "right store: s3://b/x.json answers; it is used as these variables say: AWS_REGION");
    assert_eq!(found[1], "right store: the store was seen to compare and swap");
    begins(
        &said(&diagnose_store(&store(StoreLook::NotProven, false))[1]),
        "right store: whether the store compares",
    );
    begins(
        &said(&diagnose_store(&store(StoreLook::Proven, true))[1]),
        "look store: allow_unsafe_store = true",
    );
    begins(&said(&diagnose_store(&store(StoreLook::ByLock, false))[1]), "right store: writes rest on");
    let failed = StoreFacts { look: Err(complaint()), ..store(StoreLook::ByLock, false) };
    assert_eq!(
        all(&diagnose_store(&failed)),
        [
            "wrong store: it broke | Mend it. / These variables for it are set: AWS_REGION / Set, and not read by certctl: AWS_PROFILE / Then look again: certctl Doctor"
        ]
    );
    let bare = StoreFacts { variables: StoreVariables::default(), ..failed };
    assert_eq!(
        all(&diagnose_store(&bare)),
        ["wrong store: it broke | Mend it. / No variable for it is set / Then look again: certctl Doctor"]
    );
}
