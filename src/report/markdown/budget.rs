//! A text that must not become longer than a comment may be: what matters least is left out, and counted.

/// One thing to tell, in two lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// With everything.
    pub(super) full: String,
    /// On one line.
    pub(super) short: String,
    /// How many templates it is about.
    pub(super) templates: usize,
}

/// The text so far, and what was left out of it.
#[derive(Debug)]
pub(super) struct Budget {
    text: String,
    /// The longest that the text may become, in bytes, without what comes at the end.
    limit: usize,
    /// What was left out: how many templates of which section.
    left_out: Vec<(usize, &'static str)>,
}

/// Room for the line that says what was left out.
const NOTE: usize = 300;
/// One item takes at most this share of the room that is there: one huge text must not push out a hundred titles.
const SHARE: usize = 3;

impl Budget {
    /// A text with this beginning, which is there in any case, for at most `limit` bytes with this end.
    pub(super) fn new(begin: String, end: &str, limit: usize) -> Self {
        let limit = limit.saturating_sub(end.len() + NOTE);
        Self { text: begin, limit, left_out: Vec::new() }
    }

    fn room(&self) -> usize {
        self.limit.saturating_sub(self.text.len())
    }

    /// A section: its items one after the other, each in full, on one line, or left out, as there is room.
    pub(super) fn section(&mut self, name: &'static str, open: &str, close: &str, items: &[Item]) {
        if items.is_empty() {
            return;
        }
        let mut left_out = 0;
        let mut body = String::new();
        for item in items {
            let room = self.room().saturating_sub(open.len() + body.len() + close.len());
            if item.full.len() <= room / SHARE {
                body.push_str(&item.full);
            } else if item.short.len() <= room {
                body.push_str(&item.short);
            } else {
                left_out += item.templates;
            }
        }
        if !body.is_empty() {
            self.text.push_str(&format!("{open}{body}{close}"));
        }
        if left_out > 0 {
            self.left_out.push((left_out, name));
        }
    }

    /// The whole text.
    pub(super) fn finish(mut self, end: &str) -> String {
        if !self.left_out.is_empty() {
            let parts: Vec<String> =
                self.left_out.iter().map(|(count, name)| format!("{count} {name}")).collect();
            self.text.push_str(&format!(
                "_Left out, because a comment has a limit: {}. `certctl show` and the HTML report have them all._\n\n",
                parts.join(", ")
            ));
        }
        self.text.push_str(end);
        self.text
    }
}
