//! Rows that an editor or a text merge changed.

use super::*;

/// What git leaves if it joined the lists of writes but kept the rows of one side.
fn rows_of_one_side() -> (Document, Document) {
    let theirs = state(3, &[1, 2], &[("a", row(1, "A", 1)), ("n", row(9, "N", 2))]);
    let altered = state(3, &[1, 3, 2], &[("a", row(1, "A", 1)), ("m", row(8, "M", 3))]);
    (altered, theirs)
}

#[test]
fn a_list_of_writes_hides_no_row() {
    let (altered, theirs) = rows_of_one_side();
    assert_eq!(altered.relation_to(&theirs), Some(Relation::Forked));
    for (ours, theirs) in [(&altered, &theirs), (&theirs, &altered)] {
        let Ok(Merge::Joined(joined)) = merge(None, ours, theirs) else { panic!() };
        assert_eq!(titles(&joined), [("a", "A"), ("m", "M"), ("n", "N")]);
        assert_eq!(ours.relation_to(&joined), Some(Relation::Older));
        assert_eq!(theirs.relation_to(&joined), Some(Relation::Older));
    }
}

#[test]
fn a_row_that_was_changed_clashes() {
    let theirs = state(3, &[1, 2], &[("a", row(1, "A2", 2))]);
    let altered = state(3, &[1, 2], &[("a", row(1, "A", 1))]);
    assert_eq!(clashes(None, &altered, &theirs).rows.len(), 1);
    assert_eq!(clashes(None, &theirs, &altered).rows.len(), 1);
}

#[test]
fn another_layout_of_the_file_is_no_change() {
    let ours = base();
    assert_eq!(ours.relation_to(&Document { serial: 9, ..base() }), Some(Relation::Same));
}
