//! Prints `certctl recover`: the rows in doubt, the reasons, and the commands that settle them, in the order in
//! which to try.

mod being_sent;
mod pending;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::state_text::attribute_lines;
use super::{Style, attempts_text, safe_lines, safe_text};
use crate::model::{Advice, Commands, Key, NaturalKey, Settling, few};
use crate::state::{Attempt, Operation, Row, RowStatus};
use crate::view::{IN_DOUBT, counted, templates_are};

/// Up to this many rows are listed one by one; more are grouped by their request.
const SINGLY: usize = 8;

/// The rows in doubt, and those that wait for a background job.
pub fn recover_list(rows: &[(&Key, &Row)], style: Style, commands: &dyn Commands) -> String {
    let is_pending = |(_, row): &(&Key, &Row)| row.status() == RowStatus::Pending;
    let (pending, doubtful): (Vec<_>, Vec<_>) = rows.iter().copied().partition(is_pending);
    let (sending, doubtful): (Vec<_>, Vec<_>) =
        doubtful.into_iter().partition(|(_, row)| row.is_being_sent());
    let mut text = if doubtful.is_empty() && !sending.is_empty() {
        String::new()
    } else {
        in_doubt(&doubtful, style, commands)
    };
    being_sent::list(&sending, style, commands, &mut text);
    pending::list(&pending, style, commands, &mut text);
    text
}

fn in_doubt(rows: &[(&Key, &Row)], style: Style, commands: &dyn Commands) -> String {
    let rows: Vec<Doubt<'_>> = rows.iter().filter_map(|(key, row)| Doubt::of(key, row)).collect();
    if rows.is_empty() {
        return "Nothing is in doubt.\n".to_owned();
    }
    let head = format!("{} in doubt: {}.", templates_are(rows.len()), IN_DOUBT.about);
    let mut text = style.bold(&head);
    text.push('\n');
    if rows.len() <= SINGLY || style.is_verbose() {
        for doubt in &rows {
            doubt.whole(style, &mut text);
            doubt.commands_to_settle(Some(doubt.key), commands, &mut text);
        }
    } else {
        grouped(&rows, style, commands, &mut text);
    }
    style.laid_out(text)
}

struct Doubt<'a> {
    key: &'a Key,
    row: &'a Row,
    attempt: &'a Attempt,
    creates: bool,
}

impl<'a> Doubt<'a> {
    fn of(key: &'a Key, row: &'a Row) -> Option<Self> {
        let creates = row.operation() == Some(Operation::Create);
        Some(Self { key, row, attempt: row.attempt()?, creates })
    }

    fn title(&self) -> String {
        safe_text(self.attempt.attributes.title().unwrap_or("(no title)"))
    }

    fn resource(&self) -> String {
        safe_text(&NaturalKey::of(&self.attempt.attributes).to_string())
    }

    fn why(&self) -> String {
        let message = self.row.failure().map(|failure| failure.message.as_str()).unwrap_or_default();
        safe_lines(message).replace('\n', "\n            ")
    }

    fn ids(&self, style: Style) -> Option<String> {
        let ids: Vec<String> = self.attempt.candidate_ids.iter().map(|id| safe_text(id.as_str())).collect();
        let whose = "without saying whose";
        let ids = if style.is_verbose() || ids.is_empty() { ids.join(", ") } else { few(&ids) };
        (!ids.is_empty()).then(|| format!("the server mentioned {ids}, {whose}"))
    }

    /// Appends it on one line, with `more` behind it.
    fn line(&self, more: &str, style: Style, text: &mut String) {
        let key = style.signed("?", &format!("? {}", safe_text(self.key.as_str())));
        text.push_str(&format!("  {key}  {}, for {}{more}\n", self.title(), self.resource()));
    }

    /// Appends the earlier attempts.
    fn earlier(&self, indent: &str, text: &mut String) {
        for (earlier, names) in attempts_text::earlier(self.row) {
            let (sent, difference) = (attempts_text::sent(earlier), attempts_text::difference(&names));
            text.push_str(&format!("{indent}{:10}{sent}, {difference}\n", "earlier"));
        }
    }

    fn whole(&self, style: Style, text: &mut String) {
        text.push_str(&format!("\n{}\n", style.signed("?", &format!("? {}", safe_text(self.key.as_str())))));
        let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:10}{value}\n"));
        line("title", &self.title());
        line("for", &self.resource());
        let attempt = self.attempt;
        line("sent", &attempts_text::sent(attempt));
        if attempt.has_unknown_contents() {
            line("what", "not known, because the record of it is lost");
        } else {
            line("what", &format!("{} attributes, {}", attempt.attributes.len(), attempt.digest));
        }
        if let Some(job) = self.row.job() {
            line("job", &safe_text(job));
        }
        if self.row.status() == RowStatus::InDoubt {
            line("why", &self.why());
        }
        if let Some(ids) = self.ids(style) {
            line("ids", &ids);
        }
        if attempt.requested_by_user {
            line("ordered", "to be sent again by the next apply, as a person said");
        }
        if style.is_verbose() {
            attribute_lines(&attempt.attributes, text);
        }
        self.earlier("  ", text);
    }

    /// Appends the commands that settle it, or several like it, the safest first.
    fn commands_to_settle(&self, key: Option<&Key>, commands: &dyn Commands, text: &mut String) {
        let settle = |how| commands.command(&Advice::Settle { key: key.cloned(), how });
        let apply = commands.command(&apply(key));
        if !self.creates {
            text.push_str(&format!(
                "  It is an update, and setting the same values twice is harmless. Take the first that fits:\n    \
                 1. send it again:                        {apply}\n    \
                 2. the server has the new values:        {}\n    \
                 3. the server has the old values:        {}\n",
                settle(Settling::Applied),
                settle(Settling::NotCreated)
            ));
            return;
        }
        if self.row.job().is_some() {
            text.push_str(&format!(
                "  A job of the server goes on with what was sent last. Ask for it first:    {apply}\n"
            ));
        }
        text.push_str(&format!(
            "  If the server works on it in the background, let it finish first. Then take the first that fits:\n    \
             1. you have an export made since then:   {}\n    \
             2. it is in the admin page, with its id: {}\n    \
             3. it is there, and you see no id:       {}\n    \
             4. it is not there:                      {}\n    \
             5. you cannot find out:                  {}\n       \
             Careful: if the server has it, 5 may make a second one, and only the admin page can delete it.\n",
            settle(Settling::FromCsv),
            settle(Settling::Created(None)),
            settle(Settling::Applied),
            settle(Settling::NotCreated),
            settle(Settling::Resend)
        ));
        if attempts_text::differ(self.row) {
            text.push_str(
                "  It was sent with different contents: after 1, 2 or 3 certctl knows that it is there, but not which of the contents it holds. The \
                 next apply then sends all its attributes.\n",
            );
        }
    }
}

/// The most common text; the first of them if several are equally common.
fn most_common(texts: impl Iterator<Item = String>) -> Option<String> {
    let mut times: HashMap<String, (usize, Reverse<usize>)> = HashMap::new();
    for (place, text) in texts.enumerate() {
        times.entry(text).or_insert((0, Reverse(place))).0 += 1;
    }
    times.into_iter().max_by_key(|(_, times)| *times).map(|(text, _)| text)
}

fn grouped(rows: &[Doubt<'_>], style: Style, commands: &dyn Commands, text: &mut String) {
    let mut requests: BTreeMap<(String, &str), Vec<&Doubt<'_>>> = BTreeMap::new();
    for doubt in rows {
        let sent = (doubt.attempt.at.to_string(), doubt.attempt.batch.as_str());
        requests.entry(sent).or_default().push(doubt);
    }
    for ((at, batch), rows) in &requests {
        let why = most_common(rows.iter().map(|doubt| doubt.why()));
        let ids = most_common(rows.iter().filter_map(|doubt| doubt.ids(style)));
        let creates = rows.iter().filter(|doubt| doubt.creates).count();
        let operations = match (creates, rows.len() - creates) {
            (0, updates) => counted(updates, "update"),
            (creates, 0) => counted(creates, "create"),
            (creates, updates) => format!("{}, {}", counted(creates, "create"), counted(updates, "update")),
        };
        let request = if rows.iter().all(|doubt| doubt.attempt.is_of_a_state()) {
            "Recorded by another version of the state".to_owned()
        } else if rows.iter().all(|doubt| doubt.attempt.is_of_a_lost_record()) {
            "A request whose record is lost".to_owned()
        } else {
            format!("Request {}", safe_text(batch))
        };
        let when = if rows.iter().all(|doubt| doubt.attempt.is_of_a_lost_record()) {
            "perhaps sent before"
        } else {
            "sent"
        };
        let head = format!("{request}, {when} {at}: {operations}");
        text.push_str(&format!("\n{}\n", style.bold(&head)));
        for (name, shared) in [("why", &why), ("ids", &ids)] {
            if let Some(shared) = shared {
                text.push_str(&format!("  {name:10}{shared}\n"));
            }
        }
        for doubt in rows {
            doubt.line("", style, text);
            // The server's message about this row alone.
            for (name, own, shared) in [("why", Some(doubt.why()), &why), ("ids", doubt.ids(style), &ids)] {
                if let Some(own) = own.filter(|own| Some(own) != shared.as_ref()) {
                    text.push_str(&format!("    {name:10}{own}\n"));
                }
            }
            doubt.earlier("    ", text);
        }
    }
    for (creates, noun) in [(true, "creates"), (false, "updates")] {
        if let Some(doubt) = rows.iter().find(|doubt| doubt.creates == creates) {
            text.push_str(&format!(
                "\nTo settle the {noun} (KEY can be several keys, or a pattern such as 'cloud-*'):\n"
            ));
            doubt.commands_to_settle(None, commands, text);
        }
    }
    let show = commands.command(&Advice::StateShow { key: None });
    text.push_str(&format!("\nTo see all of one, with every attribute: {show}\n"));
}

/// Sends it again; without a key, everything in the list.
fn apply(key: Option<&Key>) -> Advice {
    key.map_or(Advice::Apply, |key| Advice::ApplyOnly { keys: vec![key.clone()] })
}
