//! The words about templates that a run replaced but could not delete.

use super::by_hand;
use super::names::{InWords, Names};
use crate::apply::{LeftBehind, RunReport};
use crate::model::{Advice, Help, Key};

/// The limit of old templates named, and forgotten by one command.
const NAMED: usize = 20;

/// The advice about replaced templates.
pub(super) fn help(report: &RunReport) -> Help {
    let old = &report.left_behind;
    let keys: Vec<Key> = old.iter().take(NAMED).filter_map(|one| one.key.clone()).collect();
    let then = |help: Help| match keys.as_slice() {
        [] => help,
        keys => help.run("Then", Advice::StateRm { keys: keys.to_vec() }),
    };
    match old.as_slice() {
        [] => Help::none(),
        [one] => then(Help::none().say(format!(
            "The server still has the old template of {}, and the API cannot delete: {}.",
            one.replaced,
            by_hand::delete(one.title.as_deref(), one.id.as_ref(), &InWords)
        ))),
        several => {
            let named: Vec<String> = several.iter().take(NAMED).map(named).collect();
            let help = Help::none().say(format!(
                "The server still has {} old templates that were replaced, and the API cannot delete: delete these in the \
                 admin page: {}.",
                several.len(),
                named.join(", ")
            ));
            let help = then(help);
            match several.len().saturating_sub(NAMED) {
                0 => help,
                more => help.run(format!("There are {more} more. To see them all"), Advice::Plan),
            }
        }
    }
}

/// The advice about one of them, beginning with a lower-case letter.
pub(super) fn help_of(one: &LeftBehind, names: &dyn Names) -> Help {
    let delete = by_hand::delete(one.title.as_deref(), one.id.as_ref(), names);
    let words = format!("the old template of {}: {delete}", names.key(&one.replaced));
    match &one.key {
        Some(key) => Help::none().run(words + ", then run", Advice::StateRm { keys: vec![key.clone()] }),
        None => Help::none().say(words),
    }
}

/// `"Cloud 101" (id …)`.
fn named(one: &LeftBehind) -> String {
    let otherwise = format!("that of {}", one.replaced);
    by_hand::called(one.title.as_deref(), one.id.as_ref(), &otherwise, &InWords)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimens::{commands, run_of};

    fn lines(count: usize) -> String {
        let one = |number: usize| LeftBehind {
            key: Key::new(format!("k{number}.replaced-1")).ok(),
            replaced: Key::new(format!("k{number}")).unwrap(),
            id: Some(crate::model::TemplateId::from(format!("id-{number}"))),
            title: (number > 0).then(|| format!("Title {number}")),
        };
        let report = RunReport { left_behind: (0..count).map(one).collect(), ..run_of(&[]) };
        help(&report).lines(&commands).join("\n")
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
