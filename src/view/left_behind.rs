//! What is said about templates that a run replaced but could not delete.

use super::item_notes::delete;
use super::{Note, Words};
use crate::apply::LeftBehind;
use crate::model::{Advice, Key};

/// The limit of old templates named, and forgotten by one command.
const NAMED: usize = 20;

/// The advice about replaced templates; `None` without any.
pub(super) fn note(old: &[LeftBehind]) -> Option<Note> {
    let note = Note::of(match old {
        [] => return None,
        [one] => {
            let words = Words::own("The server still has the old template of ").key(&one.replaced);
            let delete = delete(one.title.as_deref(), one.id.as_ref());
            words.and(", and the API cannot delete: ").with(delete).and(".")
        }
        several => named(several).and("."),
    });
    let keys: Vec<Key> = old.iter().take(NAMED).filter_map(|one| one.key.clone()).collect();
    let note = match keys.as_slice() {
        [] => note,
        _ => note.then(Words::own("Then"), Advice::StateRm { keys }),
    };
    Some(match old.len().saturating_sub(NAMED) {
        0 => note,
        more => note.then(Words::own(format!("There are {more} more. To see them all")), Advice::Plan),
    })
}

fn named(several: &[LeftBehind]) -> Words {
    let words = Words::own(format!(
        "The server still has {} old templates that were replaced, and the API cannot delete: delete these in the admin \
         page",
        several.len()
    ));
    several.iter().take(NAMED).enumerate().fold(words, |words, (number, one)| {
        let otherwise = Words::own("that of ").key(&one.replaced);
        words.and(if number == 0 { ": " } else { ", " }).template(
            one.title.as_deref(),
            one.id.as_ref(),
            otherwise,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TemplateId;
    use crate::view::specimens::plain;

    fn lines(count: usize) -> String {
        let one = |number: usize| LeftBehind {
            key: Key::new(format!("k{number}.replaced-1")).ok(),
            replaced: Key::new(format!("k{number}")).unwrap(),
            id: Some(TemplateId::from(format!("id-{number}"))),
            title: (number > 0).then(|| format!("Title {number}")),
        };
        let old: Vec<LeftBehind> = (0..count).map(one).collect();
        note(&old).map(|note| plain(&note)).unwrap_or_default()
    }

    #[test]
    fn templates_left_behind_come_with_a_command() {
        insta::assert_snapshot!(lines(1), @r"
        The server still has the old template of k0, and the API cannot delete: delete the template with the id id-0 in the admin page.
        Then: certctl state rm 'k0.replaced-1' -e test
        ");
        insta::assert_snapshot!(lines(2), @r#"
        The server still has 2 old templates that were replaced, and the API cannot delete: delete these in the admin page: that of k0 (id id-0), "Title 1" (id id-1).
        Then: certctl state rm 'k0.replaced-1' 'k1.replaced-1' -e test
        "#);
        assert_eq!(lines(0), "");
        assert!(lines(22).contains("There are 2 more. To see them all: "), "{}", lines(22));
    }
}
