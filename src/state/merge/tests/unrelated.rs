//! States that were begun independently.

use super::*;

#[test]
fn unrelated_states_are_refused() {
    let ours = base();
    let other = |change: &dyn Fn(&mut Document)| {
        let mut theirs = base();
        change(&mut theirs);
        merge(None, &ours, &theirs).unwrap_err()
    };
    assert!(matches!(other(&|theirs| theirs.lineage = "M".to_owned()), MergeError::Lineage { .. }));
    assert!(matches!(other(&|theirs| theirs.url = "x".to_owned()), MergeError::Identity { .. }));
    assert!(matches!(other(&|theirs| theirs.environment = "x".to_owned()), MergeError::Identity { .. }));
}

#[test]
fn unrelated_states_keep_what_either_has() {
    let ours = state(2, &[1, 2], &[("a", row(1, "A", 1)), ("b", row(2, "B", 2))]);
    let mut theirs = state(1, &[5], &[("c", row(3, "C", 5))]);
    theirs.lineage = "K".to_owned();
    for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
        let Ok(Merge::Joined(joined)) = merge_unrelated(ours, theirs) else { panic!() };
        assert_eq!(titles(&joined), [("a", "A"), ("b", "B"), ("c", "C")]);
        assert_eq!(joined.lineage, "K");
    }
    // Both created one: the states do not say whether it is the same template.
    let mut again = row(2, "B", 5);
    again["appliedAt"] = json!("2026-11-23T12:00:00Z");
    theirs.templates.insert(key("b"), serde_json::from_value(again).unwrap());
    assert!(matches!(merge_unrelated(&ours, &theirs), Ok(Merge::Conflicts(_))));
    theirs.url = "https://other.example.com".to_owned();
    assert!(matches!(merge_unrelated(&ours, &theirs), Err(MergeError::Identity { .. })));
}
