//! What both sides did to one row.

use super::*;

#[test]
fn what_both_changed_is_a_conflict() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2)), ("b", row(2, "B", 1))]);
    let rows = [("a", row(1, "A3", 3)), ("b", row(2, "B", 1)), ("c", row(3, "C3", 3))];
    let theirs = state(2, &[1, 3], &rows);
    let conflicts = clashes(Some(&base()), &ours, &theirs);
    let reasons: Vec<_> =
        conflicts.rows.iter().map(|(key, clash)| (key.as_str(), &clash.reasons[..])).collect();
    assert_eq!(
        reasons,
        [("a", &[ConflictReason::BothChanged][..]), ("c", &[ConflictReason::RemovedAndChanged])]
    );
    assert_eq!(titles(&conflicts.rest), [("b", "B")]);
    assert_eq!(conflicts.rows[&key("c")].ours, None);
}

#[test]
fn knowing_the_other_write_decides() {
    // Theirs took over what ours wrote of `a` and continued, and each has another change.
    let ours = state(3, &[1, 2, 4], &[("a", row(1, "A2", 2)), ("b", row(2, "B4", 4))]);
    let theirs =
        state(4, &[1, 2, 5], &[("a", row(1, "A5", 5)), ("b", row(2, "B", 1)), ("c", row(3, "C", 1))]);
    for joined in [joined(&base(), &ours, &theirs), joined(&base(), &theirs, &ours)] {
        assert_eq!(titles(&joined), [("a", "A5"), ("b", "B4")]);
    }
}

#[test]
fn a_reverted_change_is_a_change() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A2", 2))]);
    // In the meantime the server held other values, and it is unknown which side sent last.
    let theirs = state(3, &[1, 3, 4], &[("a", row(1, "A", 4))]);
    assert_eq!(clashes(Some(&base()), &ours, &theirs).rows.len(), 1);
}

/// A rejected create of one side says nothing about what the other side has in flight.
#[test]
fn a_refusal_yields_to_the_other_side() {
    let refused = |at: &str, by: u128| json!({"status": "failed", "error": {"at": at, "message": "no"}, "write": write(by)});
    let base = state(1, &[1], &[("a", refused("2026-11-23T10:00:00Z", 1))]);
    let ours = state(2, &[1, 2], &[("a", refused("2026-11-23T11:00:00Z", 2))]);
    for known in [in_doubt(1, "A", 3), with_id(row(1, "A", 3), 1), refused("2026-11-23T12:00:00Z", 3)] {
        let theirs = state(2, &[1, 3], &[("a", known)]);
        for joined in [joined(&base, &ours, &theirs), joined(&base, &theirs, &ours)] {
            assert!(joined.templates[&key("a")].says_the_same(&theirs.templates[&key("a")]));
            assert_eq!(joined.templates[&key("a")].write, joined.writes.newest());
        }
        // A state that was accepted without it lacks the rejected row.
        let without = state(2, &[1, 2], &[]);
        for joined in [joined(&base, &without, &theirs), joined(&base, &theirs, &without)] {
            assert_eq!(joined.templates[&key("a")], theirs.templates[&key("a")]);
        }
    }
}

#[test]
fn rows_that_the_other_side_gave_up_clash() {
    let ours = state(4, &[1, 2, 3, 4], &[("a", row(1, "A2", 2))]);
    let theirs = state(4, &[1, 2, 3, 5], &[("a", row(1, "A3", 3))]);
    let base = state(2, &[1, 3], &[("a", row(1, "A3", 3))]);
    for base in [Some(&base), None] {
        assert_eq!(clashes(base, &ours, &theirs).rows[&key("a")].reasons, [ConflictReason::BothChanged]);
        assert_eq!(clashes(base, &theirs, &ours).rows[&key("a")].reasons, [ConflictReason::BothChanged]);
    }
}
