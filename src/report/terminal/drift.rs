//! Prints what differs between server and state: the verdict first and last, and the sections between.

use super::truncation::{ItemDisplay, Truncation};
use super::{INDENT, between_verdicts, change, notices, others, said};
use crate::model::{Commands, RunOption};
use crate::report::prose::{note_text, words_text};
use crate::report::{Style, safe_text};
use crate::view::{DriftView, ItemContents, ReportItem, Section, Words};

/// The limit of unmanaged templates that are named.
const UNMANAGED: usize = 20;

/// A comparison for people, wrapped to the terminal's width.
pub fn drift(view: &DriftView<'_>, style: Style, commands: &dyn Commands) -> String {
    between_verdicts(&view.verdict, &view.remarks, style, commands, |text| {
        let printer = DriftPrinter { style, commands };
        notices(&view.warnings, "\n", style, commands, text);
        let mut truncation = Truncation::new(style.is_verbose() || style.is_compact());
        for (section, items) in view.sections() {
            printer.heading(section, text);
            for item in &items {
                match truncation.display(item) {
                    _ if style.is_compact() => printer.one_line(item, text),
                    ItemDisplay::Whole => printer.whole(item, text),
                    ItemDisplay::OneLine => printer.one_line(item, text),
                    ItemDisplay::Counted => {}
                }
            }
        }
        text.push_str(&truncation.summary(commands));
        let (section, unmanaged) = view.unmanaged();
        printer.unmanaged(section, unmanaged, text);
    })
}

struct DriftPrinter<'c> {
    style: Style,
    commands: &'c dyn Commands,
}

impl DriftPrinter<'_> {
    fn heading(&self, section: &Section, text: &mut String) {
        text.push_str(&format!("\n{} ({})\n", self.style.bold(section.heading), section.about));
    }

    fn whole(&self, item: &ReportItem<'_>, text: &mut String) {
        self.head(item, text);
        if let ItemContents::Changes(changes) = item.contents() {
            for one in &changes {
                change::change(one, self.style, text);
            }
        }
        others(item, self.style, self.commands, text);
    }

    /// Prints sign, key, and the names of the attributes that differ, or why it was not compared.
    fn one_line(&self, item: &ReportItem<'_>, text: &mut String) {
        let changed = item.changed_attributes();
        let said = match (changed.is_empty(), item.has_more_to_say) {
            (false, _) => safe_text(&changed.join(", ")),
            (true, true) => words_text(&item.operation, self.commands),
            (true, false) => {
                item.notes.first().map(|note| note_text(note, self.commands)).unwrap_or_default()
            }
        };
        text.push_str(&format!("  {}  {}\n", self.signed(item), said.replace('\n', " ")));
        others(item, self.style, self.commands, text);
    }

    fn signed(&self, item: &ReportItem<'_>) -> String {
        self.style.signed(item.sign, &format!("{} {}", item.sign, safe_text(item.key.as_str())))
    }

    /// Prints sign, key, what became of it, and what is said of it.
    fn head(&self, item: &ReportItem<'_>, text: &mut String) {
        let head = self.signed(item);
        let id = item.id.map(|id| format!(", id {}", safe_text(id.as_str()))).unwrap_or_default();
        let mut notes = item.notes.iter();
        let operation = if item.has_more_to_say {
            words_text(&item.operation, self.commands)
        } else {
            let why = notes.next().map(|note| note_text(note, self.commands));
            why.unwrap_or_default().replace('\n', &format!("\n{INDENT}"))
        };
        text.push_str(&format!("  {head}  {operation}{id}\n"));
        said(notes, self.commands, text);
    }

    fn unmanaged(&self, section: &Section, lines: impl ExactSizeIterator<Item = Words>, text: &mut String) {
        let count = lines.len();
        if count == 0 {
            return;
        }
        self.heading(section, text);
        let shown = if self.style.is_verbose() { count } else { UNMANAGED.min(count) };
        for words in lines.take(shown) {
            let sign = self.style.signed(section.sign, section.sign);
            text.push_str(&format!("  {sign} {}\n", words_text(&words, self.commands)));
        }
        if shown < count {
            let verbose = self.commands.option(&RunOption::Verbose);
            text.push_str(&format!("  … and {} more ({verbose} names all)\n", count - shown));
        }
    }
}
