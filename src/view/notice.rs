//! What a reader must know before the templates: refusals, warnings, and why a run stopped. Warnings with the same text
//! about several templates are combined.

use std::borrow::Cow;
use std::collections::HashMap;

use super::group::{Group, group};
use super::{Note, Words, item_notes};
use crate::model::Key;
use crate::plan::{Plan, Warned};

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportNotice {
    /// What kind of notice it is: `Warning`.
    pub label: &'static str,
    /// What is said.
    pub note: Note,
    /// Lines to paste unchanged into the YAML.
    pub paste: Option<String>,
    /// The warnings that are combined with it.
    pub others: Option<OtherWarnings>,
}

/// Warnings that are like another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherWarnings {
    /// How they are alike, and how many they are.
    pub words: String,
    /// The templates that they are about.
    pub keys: Vec<Key>,
    /// Each of them in full.
    pub notes: Vec<Note>,
}

/// The limit of different texts shown for one rule; of further ones, only the templates are named.
const OF_ONE_RULE: usize = 5;

impl ReportNotice {
    pub(super) const WARNING: &'static str = "Warning";

    /// A notice on its own.
    pub(super) fn new(label: &'static str, note: Note) -> Self {
        Self { label, note, paste: None, others: None }
    }

    /// How many notices it is.
    pub fn count(&self) -> usize {
        1 + self.others.as_ref().map_or(0, |others| others.notes.len())
    }

    fn warning(warning: &PlanWarning<'_>) -> Self {
        Self { paste: warning.warned.paste.clone(), ..Self::new(Self::WARNING, warning.note()) }
    }
}

/// A warning of a plan.
#[derive(Debug)]
struct PlanWarning<'p> {
    warned: Cow<'p, Warned>,
    /// The note beside the template that is held back, if it is the reason for that.
    held: Option<Note>,
}

impl PlanWarning<'_> {
    fn note(&self) -> Note {
        let own = || match self.warned.kind {
            // About the state, with commands.
            None => Words::message(self.warned.text.as_str()),
            Some(_) => Words::text(self.warned.text.as_str()),
        };
        self.held.clone().unwrap_or_else(|| Note::of(own()))
    }
}

/// The warnings of a plan; see [`super::PlanView::warnings`].
pub(super) fn warnings(plan: &Plan, with_held: bool, combined: bool) -> Vec<ReportNotice> {
    let others =
        plan.other_warnings().map(|warned| PlanWarning { warned: Cow::Borrowed(warned), held: None });
    let held = plan.held().filter(|_| with_held).map(|(entry, held)| PlanWarning {
        warned: Cow::Owned(Warned::held(entry, held)),
        held: Some(item_notes::held(plan, entry, held)),
    });
    let all: Vec<PlanWarning<'_>> = others.chain(held).collect();
    if combined { combine(&all) } else { all.iter().map(ReportNotice::warning).collect() }
}

fn combine(warnings: &[PlanWarning<'_>]) -> Vec<ReportNotice> {
    let same = group(warnings, |warning| warning.warned.kind.as_ref());
    by_rule(same)
        .into_iter()
        .map(|(group, is_same)| {
            let others = (!group.others.is_empty()).then(|| OtherWarnings::of(&group.others, is_same));
            ReportNotice { others, ..ReportNotice::warning(group.first) }
        })
        .collect()
}

/// Where one rule has many different texts, the last text shown also represents those that are not shown. Every rule
/// keeps at least one text. Says of each group whether all of it has the same text.
fn by_rule<'v, 'p>(groups: Vec<Group<'v, PlanWarning<'p>>>) -> Vec<(Group<'v, PlanWarning<'p>>, bool)> {
    let mut shown: Vec<(Group<'v, PlanWarning<'p>>, bool)> = Vec::new();
    let mut of_rule: HashMap<&str, Vec<usize>> = HashMap::new();
    for group in groups {
        let Some(rule) = group.first.warned.rule() else {
            shown.push((group, true));
            continue;
        };
        let places = of_rule.entry(rule).or_default();
        match places.last() {
            Some(last) if places.len() == OF_ONE_RULE => {
                if let Some((last, is_same)) = shown.get_mut(*last) {
                    *is_same = false;
                    last.others.extend(group.all());
                }
            }
            _ => {
                places.push(shown.len());
                shown.push((group, true));
            }
        }
    }
    shown
}

impl OtherWarnings {
    fn of(others: &[&PlanWarning<'_>], is_same: bool) -> Self {
        let mut keys: Vec<Key> = others.iter().flat_map(|one| one.warned.keys.iter().cloned()).collect();
        keys.sort();
        keys.dedup();
        let times = others.len();
        let words = match (is_same, keys.len()) {
            (_, 0) => format!("The same kind of thing {times} more times"),
            (true, count) => format!("The same for {}", counted(count, "other")),
            (false, count) => {
                format!("The same kind of thing {times} more times, for {}", counted(count, "template"))
            }
        };
        Self { words, keys, notes: others.iter().map(|one| one.note()).collect() }
    }

    /// The words, with up to this many of the templates.
    pub fn naming(&self, limit: usize) -> Words {
        let mut words = Words::own(self.words.clone());
        for (number, key) in self.keys.iter().take(limit).enumerate() {
            words = words.and(if number == 0 { ": " } else { ", " }).key(key);
        }
        if self.keys.len() > limit { words.and(", …") } else { words }
    }
}

/// A number with a noun: `1 template`, `3 templates`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The beginning of a sentence: `1 template is`, `3 templates are`.
pub fn templates_are(count: usize) -> String {
    format!("{} {}", counted(count, "template"), if count == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(rule: &str, message: &str, key: usize) -> Warned {
        let key = Key::new(format!("t-{key:03}")).unwrap();
        Warned::of(rule, message, vec![key.clone()], format!("a.yaml: {message} ({key})"))
    }

    fn notices(warnings: Vec<Warned>) -> Vec<ReportNotice> {
        super::warnings(&Plan { warnings, ..Plan::default() }, false, true)
    }

    fn note(words: &str) -> Note {
        Note::of(Words::text(words))
    }

    #[test]
    fn equal_warnings_are_grouped_with_their_keys() {
        let all: Vec<Warned> = (0..600).map(|number| warned("unseen", "never shown", number)).collect();
        let one = notices(all.clone());
        let others = one[0].others.as_ref().unwrap();
        assert_eq!((one.len(), one[0].count(), others.keys.len()), (1, 600, 599));
        assert_eq!(one[0].note, note("a.yaml: never shown (t-000)"));
        assert_eq!(others.words, "The same for 599 others");
        assert_eq!(notices(all[..2].to_vec()).len(), 2, "two are told one by one");
    }

    #[test]
    fn one_rule_does_not_displace_others() {
        let mut all: Vec<Warned> =
            (0..50).map(|number| warned("far", &format!("{number} years"), number)).collect();
        all.push(warned("past", "over", 50));
        all.push(Warned::from("alone".to_owned()));
        let all = notices(all);
        assert_eq!(all.len(), 7);
        let words = &all[4].others.as_ref().unwrap().words;
        assert_eq!(words, "The same kind of thing 45 more times, for 45 templates");
        assert_eq!(all[6].note, Note::of(Words::message("alone")));
    }

    proptest::proptest! {
        #[test]
        fn every_warning_is_in_one_notice(
            kinds in proptest::collection::vec((0..3_usize, 0..9_usize), 0..60)
        ) {
            let of = |(number, (rule, message)): (usize, &(usize, usize))| {
                warned(&rule.to_string(), &message.to_string(), number)
            };
            let all: Vec<Warned> = kinds.iter().enumerate().map(of).collect();
            let notices = notices(all.clone());
            let others = |notice: &ReportNotice| notice.others.as_ref().map(|others| others.notes.clone());
            let mut shown: Vec<Note> = notices
                .iter()
                .flat_map(|notice| std::iter::once(notice.note.clone()).chain(others(notice).unwrap_or_default()))
                .collect();
            let mut expected: Vec<Note> = all.iter().map(|warned| note(&warned.text)).collect();
            let by_text = |note: &Note| format!("{note:?}");
            shown.sort_by_key(by_text);
            expected.sort_by_key(by_text);
            proptest::prop_assert_eq!(shown, expected);
            let rules: std::collections::BTreeSet<_> = kinds.iter().map(|(rule, _)| rule).collect();
            proptest::prop_assert!(notices.len() >= rules.len() && notices.len() <= 3 * OF_ONE_RULE);
        }
    }
}
