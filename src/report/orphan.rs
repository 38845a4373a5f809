//! The advice about a template that is in the state but not in the configuration, in the same words in every
//! report.

use super::by_hand;
use super::names::Names;
use crate::model::{Advice, Attributes, Help, TemplateId};
use crate::plan::{Action, Entry, RenamedTo};

/// The advice, beginning with a lower-case letter; empty for any other action.
pub(super) fn help(entry: &Entry, names: &dyn Names) -> Help {
    let keys = vec![entry.key.clone()];
    match &entry.action {
        Action::Orphan { renamed_to: Some(to), protect: false, .. } => Help::none().say(renamed(to, names)),
        Action::Orphan { renamed_to: Some(to), protect: true, .. } => {
            Help::none().say(renamed(to, names)).say("it is protected")
        }
        Action::Orphan { renamed_to: None, protect: true, .. } => Help::none().run(
            "it is protected. To forget it, put it back with `protect: false`, then run",
            Advice::ApplyOnly { keys },
        ),
        Action::Orphan { renamed_to: None, protect: false, before } => {
            Help::none().run(gone(before.as_ref(), entry.id.as_ref(), names), Advice::StateRm { keys })
        }
        _ => Help::none(),
    }
}

fn renamed(to: &RenamedTo, names: &dyn Names) -> String {
    let name = names.key(&to.key);
    let rest = if to.has_row {
        format!("see what is said of {name}")
    } else {
        "the warning above has what keeps it one template".to_owned()
    };
    format!("it is for the same resource and audience as {name}: {rest}")
}

fn gone(before: Option<&Attributes>, id: Option<&TemplateId>, names: &dyn Names) -> String {
    let delete = by_hand::delete(before.and_then(Attributes::title), id, names);
    format!("the API cannot delete: {delete}, then run")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Key;
    use crate::report::names::InWords;
    use crate::report::specimens::{attributes, commands, entry, plan_of};
    use crate::report::{Style, html, markdown, plan_text};

    fn steps(protect: bool, to: Option<bool>) -> Vec<String> {
        let renamed_to = to.map(|has_row| RenamedTo { key: Key::new("new").unwrap(), has_row });
        let before = Some(attributes(json!({"title": "Cloud 101"})));
        let mut orphan = entry("old", Action::Orphan { before, protect, renamed_to });
        orphan.id = Some(TemplateId::from("u-1".to_owned()));
        help(&orphan, &InWords).lines(&commands)
    }

    #[test]
    fn each_kind_has_its_words_and_its_command() {
        assert_eq!(
            steps(false, None),
            [
                "the API cannot delete: delete \"Cloud 101\" (id u-1) in the admin page, then run: certctl state rm old -e test"
            ]
        );
        assert_eq!(
            steps(true, None),
            [
                "it is protected. To forget it, put it back with `protect: false`, then run: certctl apply -e test --target old"
            ]
        );
        let same = "it is for the same resource and audience as new";
        assert_eq!(
            steps(false, Some(false)),
            [format!("{same}: the warning above has what keeps it one template")]
        );
        assert_eq!(
            steps(true, Some(true)),
            [format!("{same}: see what is said of new"), "it is protected".to_owned()]
        );
    }

    #[test]
    fn every_surface_says_the_same() {
        let renamed_to = Some(RenamedTo { key: Key::new("new").unwrap(), has_row: true });
        let orphan = entry("old", Action::Orphan { before: None, protect: true, renamed_to });
        let plan = plan_of(vec![orphan], Vec::new());
        let surfaces = [
            plan_text(&plan, Style::default(), &commands),
            markdown::plan(&plan, &[], &commands, markdown::MAX_BYTES),
            html::plan(&plan, &[], &commands).unwrap(),
        ];
        for text in surfaces {
            let plain = text.replace('`', "").to_lowercase();
            assert!(
                plain.contains("for the same resource and audience as new: see what is said of new"),
                "{text}"
            );
            assert!(plain.contains("it is protected"), "{text}");
        }
    }
}
