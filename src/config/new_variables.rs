//! Adds variables to the text of certctl.toml. No line of the file changes: new ones come behind the last variable of the
//! environment, or in a table of their own behind the environment's other tables.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use unicode_width::UnicodeWidthStr as _;

/// Variables under one heading, as (name, value).
pub type VariableList<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// The text with these variables added to an environment; `None` if its tables are written in a form in which a person has
/// to add them.
pub fn with_variables(text: &str, environment: &str, lists: &[VariableList<'_>]) -> Option<String> {
    let added = lists.iter().flat_map(|(_, variables)| variables);
    let mut expected = values(text)?;
    for (name, value) in added {
        let path = ["environments", environment, "vars", name].map(str::to_owned).to_vec();
        if expected.insert(path, format!("{value:?}")).is_some() {
            return None;
        }
    }
    let mut attempts =
        places(text, environment).into_iter().map(|place| place.filled(text, environment, lists));
    attempts.find(|attempt| values(attempt).as_ref() == Some(&expected))
}

/// The lines that add these variables, for a person to paste.
pub fn variable_lines(lists: &[VariableList<'_>]) -> String {
    let mut text = String::new();
    for (heading, variables) in lists {
        let width = variables.iter().map(|(name, _)| key(name).width()).max().unwrap_or(0);
        let separator = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{separator}# {heading}\n"));
        for (name, value) in variables {
            let name = key(name);
            let blanks = " ".repeat(width.saturating_sub(name.width()));
            text.push_str(&format!("{name}{blanks} = {value:?}\n"));
        }
    }
    text
}

/// A place at which variables can be added.
struct NewLinesPlace {
    /// The number of lines before it.
    line: usize,
    /// Whether the environment's table of variables is there.
    has_table: bool,
}

impl NewLinesPlace {
    fn filled(&self, text: &str, environment: &str, lists: &[VariableList<'_>]) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
            last.push_str(end);
        }
        let mut new = String::from(if self.line > 0 { "\n" } else { "" });
        if !self.has_table {
            new.push_str(&format!("[environments.{}.vars]\n", key(environment)));
        }
        new.push_str(&variable_lines(lists));
        lines.insert(self.line.min(lines.len()), new.replace('\n', end));
        lines.concat()
    }
}

/// The places that look right, the best first. A line in a text of several lines can look like a header too.
fn places(text: &str, environment: &str) -> Vec<NewLinesPlace> {
    let lines: Vec<&str> = text.lines().collect();
    let headers: Vec<(usize, Vec<String>)> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((at, header(line)?))).collect();
    let mut tables = Vec::new();
    let mut others = Vec::new();
    for (number, (at, names)) in headers.iter().enumerate() {
        let next = headers.get(number + 1).map_or(lines.len(), |(at, _)| *at);
        let line = behind_last_setting(&lines, *at, next);
        match &names[..] {
            [first, second, third] if first == "environments" && second == environment && third == "vars" => {
                tables.push(NewLinesPlace { line, has_table: true });
            }
            [first, second, ..] if first == "environments" && second == environment => {
                others.push(NewLinesPlace { line, has_table: false });
            }
            _ => {}
        }
    }
    others.reverse();
    tables.into_iter().chain(others).collect()
}

/// The number of lines up to the last one of a table that is neither empty nor a comment, which may belong to what follows.
fn behind_last_setting(lines: &[&str], header: usize, next: usize) -> usize {
    let is_setting = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let last = lines[header..next].iter().rposition(is_setting).unwrap_or(0);
    header + last + 1
}

/// The names in the header of a table; none for an entry of a list, which only ends the table before it.
fn header(line: &str) -> Option<Vec<String>> {
    match line.trim_start().as_bytes() {
        [b'[', b'[', ..] => return Some(Vec::new()),
        [b'[', ..] => {}
        _ => return None,
    }
    let parsed = DeTable::parse(line).ok()?;
    let mut names = Vec::new();
    let mut table = parsed.get_ref();
    while let Some((name, value)) = table.iter().next() {
        names.push(name.get_ref().to_string());
        let DeValue::Table(inner) = value.get_ref() else { return None };
        table = inner;
    }
    Some(names)
}

/// A name as TOML writes it.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if is_bare { name.to_owned() } else { format!("\"{name}\"") }
}

/// Every value of a file with its path. `None` if it is not TOML.
fn values(text: &str) -> Option<BTreeMap<Vec<String>, String>> {
    let mut values = BTreeMap::new();
    collect(DeTable::parse(text).ok()?.get_ref(), &mut Vec::new(), &mut values);
    Some(values)
}

fn collect(table: &DeTable<'_>, path: &mut Vec<String>, values: &mut BTreeMap<Vec<String>, String>) {
    for (name, value) in table {
        path.push(name.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => collect(inner, path, values),
            other => drop(values.insert(path.clone(), plain(other))),
        }
        path.pop();
    }
}

/// A value in a form that is equal for equal values.
fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => format!("{}:{}", number.radix(), number.as_str()),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| plain(item.get_ref())).collect();
            format!("[{}]", items.join(","))
        }
        DeValue::Table(table) => {
            let mut values = BTreeMap::new();
            collect(table, &mut Vec::new(), &mut values);
            format!("{values:?}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: [(&str, [(&str, &str); 2]); 1] = [("Courses", [("course_a", "1"), ("course_überall", "2")])];
    const LINES: &str = "# Courses\ncourse_a         = \"1\"\n\"course_überall\" = \"2\"\n";

    fn added(text: &str) -> Option<String> {
        let lists: Vec<VariableList<'_>> =
            LISTS.iter().map(|(heading, variables)| (*heading, variables.to_vec())).collect();
        with_variables(text, "production", &lists)
    }

    #[test]
    fn variables_come_behind_the_last_one() {
        let text = "[environments.production]\nurl = \"x\"\n\n[environments.production.vars] # ours\na = \"b\" # c\n\n# ---- Safety\n[environments.production.safety]\n";
        let (before, after) = text.split_at(text.find("\n# ----").unwrap());
        assert_eq!(added(text), Some(format!("{before}\n{LINES}{after}")));
    }

    #[test]
    fn a_table_is_added_behind_those_of_the_environment() {
        let text = "[environments.production]\nurl = \"x\"\n[environments.production.api]\nbatch_size = 5\n\n[environments.other]\nurl = \"y\"";
        let (before, after) = text.split_at(text.find("\n[environments.other]").unwrap());
        let expected = format!("{before}\n[environments.production.vars]\n{LINES}{after}\n");
        assert_eq!(added(text), Some(expected));
    }

    #[test]
    fn entries_of_a_list_end_a_table() {
        for table in ["[environments.production.vars]\na = 1\n", "[environments.production]\nurl = \"x\"\n"] {
            let after = "\n[[drift.ignore]]\nkey = \"a\"\nreason = \"b\"\n";
            let heading = if table.contains("vars") { "" } else { "[environments.production.vars]\n" };
            assert_eq!(added(&format!("{table}{after}")), Some(format!("{table}\n{heading}{LINES}{after}")));
        }
    }

    #[test]
    fn only_true_headers_count() {
        let text = "[environments.production]\nurl = \"x\"\nnote = '''\n[environments.production.vars]\n'''\n[\"environments\" . production.\"vars\"]\na = 1";
        assert_eq!(added(text), Some(format!("{text}\n\n{LINES}")));
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let text = "[environments.production.vars]\r\na = 1\r\n";
        let expected = format!("{text}\r\n{}", LINES.replace('\n', "\r\n"));
        assert_eq!(added(text), Some(expected));
    }

    #[test]
    fn unusual_forms_are_left_to_people() {
        for text in [
            "[environments]\nproduction = { url = \"x\" }\n",
            "[environments.production]\nurl = \"x\"\nvars = { a = 1 }\n",
            "[environments.production.vars]\ncourse_a = \"9\"\n",
            "environments.production.vars.a = 1\n",
            "not toml",
            "",
        ] {
            assert_eq!(added(text), None, "{text}");
        }
    }
}
