//! Decides which parts of a long plan are shown in full, on one line, or only counted. Items that need attention are
//! never left out.

use std::collections::BTreeMap;

use super::NAMED;
use crate::model::{Commands, RunOption};
use crate::report::safe_text;
use crate::view::ReportItem;

/// The limit of items shown in full, of those that need attention and of the others. Further ones are counted, or get
/// one line each.
pub(super) const MAX_SHOWN: usize = 100;

/// How an item is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemDisplay {
    /// With everything that would be done.
    Whole,
    /// With sign, key and summary.
    OneLine,
    /// Only counted.
    Counted,
}

/// How many items were shown so far, and the counts of those that were not.
#[derive(Debug, Default)]
pub(super) struct Truncation {
    shows_all: bool,
    /// Items that need attention.
    open: usize,
    /// Other items.
    plain: usize,
    /// Templates that are only counted, by what is done.
    counted: BTreeMap<&'static str, usize>,
    /// How many of these change each attribute.
    changed: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

impl Truncation {
    pub(super) fn new(shows_all: bool) -> Self {
        Self { shows_all, ..Self::default() }
    }

    /// How the next item is shown.
    pub(super) fn display(&mut self, item: &ReportItem<'_>) -> ItemDisplay {
        let is_open = item.section.needs_attention;
        let place = if is_open { &mut self.open } else { &mut self.plain };
        *place += 1;
        if self.shows_all || *place <= MAX_SHOWN {
            return ItemDisplay::Whole;
        }
        if is_open {
            return ItemDisplay::OneLine;
        }
        let templates = 1 + item.others.len();
        *self.counted.entry(item.section.counted).or_default() += templates;
        for name in item.changed_attributes() {
            let changed = self.changed.entry(item.section.counted).or_default();
            *changed.entry(name.to_owned()).or_default() += templates;
        }
        ItemDisplay::Counted
    }

    /// A sentence about what is not shown; empty if everything is.
    pub(super) fn summary(&self, commands: &dyn Commands) -> String {
        if self.counted.is_empty() {
            return String::new();
        }
        let all: usize = self.counted.values().sum();
        let part = |(counted, count): (&&str, &usize)| match self.changed.get(counted) {
            Some(changed) => format!("{count} {counted} ({})", most_frequent(changed)),
            None => format!("{count} {counted}"),
        };
        let parts: Vec<String> = self.counted.iter().map(part).collect();
        format!(
            "  … and {all} more: {}\n    ({} shows them all, {} has one line for each template)\n",
            parts.join(", "),
            commands.option(&RunOption::Verbose),
            commands.option(&RunOption::Compact)
        )
    }
}

/// The most frequently changed attributes, with their counts.
fn most_frequent(changed: &BTreeMap<String, usize>) -> String {
    let mut names: Vec<(&String, &usize)> = changed.iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = if names.len() > NAMED { ", …" } else { "" };
    let names = names.iter().take(NAMED).map(|(name, count)| format!("{} {count}×", safe_text(name)));
    names.collect::<Vec<_>>().join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Entry;
    use crate::view::PlanView;
    use crate::view::specimens::{SpecimenCommands, doubtful, plan_of, retitled};

    #[test]
    fn what_needs_attention_is_always_shown() {
        let mut entries: Vec<Entry> = (0..300).map(retitled).collect();
        entries.extend((300..450).map(doubtful));
        let plan = plan_of(entries, Vec::new());
        let view = PlanView::new(&plan, Vec::new());
        let mut truncation = Truncation::new(false);
        let displays: Vec<ItemDisplay> = view.items().map(|item| truncation.display(&item)).collect();
        let of = |wanted: ItemDisplay| displays.iter().filter(|display| **display == wanted).count();
        let counts = [ItemDisplay::Whole, ItemDisplay::OneLine, ItemDisplay::Counted].map(of);
        assert_eq!(counts, [200, 50, 200]);
        let summary = truncation.summary(&SpecimenCommands);
        assert!(summary.contains("and 200 more: 200 to change (title 200×)"), "{summary}");
        let mut all = Truncation::new(true);
        assert!(view.items().all(|item| all.display(&item) == ItemDisplay::Whole));
        assert_eq!(all.summary(&SpecimenCommands), "");
    }
}
