//! Fits a text into the length limit of a comment. Optional items are left out and counted; required sections are
//! shortened, but never left out. The Markdown reports call it.

/// One item, in several lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BudgetItem {
    /// The full form.
    pub(super) full: String,
    /// The form on one line.
    pub(super) short: String,
    /// The name alone, for a list of names; empty if it has none.
    pub(super) name: String,
    /// How many templates it is about.
    pub(super) templates: usize,
}

/// Items of one kind.
#[derive(Clone, Debug)]
pub(super) struct BudgetSection {
    /// The noun for counting them, as in `3 in doubt`.
    pub(super) name: &'static str,
    /// The text before the items.
    pub(super) open: String,
    /// The text after the items.
    pub(super) close: &'static str,
    /// The items.
    pub(super) items: Vec<BudgetItem>,
}

/// Bytes reserved for the line that says what was left out.
const NOTE: usize = 300;
/// An item in full takes at most this share of the remaining space, so that one huge text does not displace a
/// hundred titles.
const SHARE: usize = 3;

/// A text of at most `limit` bytes: `begin` and `end`; every section of `must`, at least as a number; and as much
/// of `may` as fits, in full, on one line each, or not at all. Earlier items are more important.
pub(super) fn fill(
    begin: &str,
    must: &[BudgetSection],
    may: &[BudgetSection],
    end: &str,
    limit: usize,
) -> String {
    fill_beside("The saved plan and the JSON report have", begin, must, may, end, limit)
}

/// Like [`fill`], beside another form that has everything: `The JSON report has`.
pub(super) fn fill_beside(
    elsewhere: &str,
    begin: &str,
    must: &[BudgetSection],
    may: &[BudgetSection],
    end: &str,
    limit: usize,
) -> String {
    let room = limit.saturating_sub(begin.len() + end.len() + NOTE);
    let (mut text, mut left_out) = (begin.to_owned(), Vec::new());
    text.push_str(&fit_sections(must, room));
    for section in may.iter().filter(|section| !section.items.is_empty()) {
        let room = (begin.len() + room).saturating_sub(text.len() + section.open.len() + section.close.len());
        let (body, count) = as_many_as_fit(&section.items, room);
        if !body.is_empty() {
            text.push_str(&format!("{}{body}{}", section.open, section.close));
        }
        if count > 0 {
            left_out.push(format!("{count} {}", section.name));
        }
    }
    if !left_out.is_empty() {
        text.push_str(&format!(
            "_Left out, because a comment has a limit: {}. {elsewhere} them all._\n\n",
            left_out.join(", ")
        ));
    }
    text + end
}

fn as_many_as_fit(items: &[BudgetItem], room: usize) -> (String, usize) {
    let (mut body, mut left_out) = (String::new(), 0);
    for item in items {
        let room = room.saturating_sub(body.len());
        if item.full.len() <= room / SHARE {
            body.push_str(&item.full);
        } else if item.short.len() <= room {
            body.push_str(&item.short);
        } else {
            left_out += item.templates;
        }
    }
    (body, left_out)
}

/// The length in which a section is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ItemLength {
    /// A list of names.
    Named,
    /// One line for each item.
    Short,
    /// Everything.
    Full,
}

/// All sections, as long as they fit. Every section gets its names before any section gets its sentences.
fn fit_sections(sections: &[BudgetSection], room: usize) -> String {
    let sections: Vec<&BudgetSection> = sections.iter().filter(|section| !section.items.is_empty()).collect();
    let mut texts: Vec<String> = sections.iter().map(|section| counted(section, 0)).collect();
    let others = |texts: &[String], number: usize| -> usize {
        texts.iter().map(String::len).sum::<usize>() - texts[number].len()
    };
    for length in [ItemLength::Named, ItemLength::Short, ItemLength::Full] {
        for (number, section) in sections.iter().enumerate() {
            // These items have no names. As many sentences as fit into a share are more useful than a number.
            let text = match (length, has_names(section)) {
                (ItemLength::Named, false) => as_many_sentences_as_fit(section, room / SHARE),
                (ItemLength::Short, false) => continue,
                _ => of_length(section, length),
            };
            if others(&texts, number) + text.len() <= room {
                texts[number] = text;
            }
        }
    }
    for (number, section) in sections.iter().enumerate() {
        let room = room.saturating_sub(others(&texts, number));
        if !has_names(section) {
            let text = as_many_sentences_as_fit(section, room);
            if text.len() > texts[number].len() {
                texts[number] = text;
            }
        } else if texts[number] == counted(section, 0) {
            texts[number] = counted(section, room);
        }
    }
    texts.concat()
}

fn has_names(section: &BudgetSection) -> bool {
    section.items.iter().any(|item| !item.name.is_empty())
}

/// As many sentences as fit, each in full or on one line, and the number of the others.
fn as_many_sentences_as_fit(section: &BudgetSection, room: usize) -> String {
    let mut left: usize = section.items.iter().map(|item| item.templates).sum();
    let close = section.close;
    let more = |left: usize| match left {
        0 => String::new(),
        left => format!("**and {left} more {}**\n", section.name),
    };
    let mut text = section.open.clone();
    for item in &section.items {
        let fits = |one: &String| text.len() + one.len() + more(left).len() + close.len() <= room;
        let Some(one) = [&item.full, &item.short].into_iter().find(|one| fits(one)) else { break };
        text.push_str(one);
        left -= item.templates;
    }
    if text == section.open {
        return counted(section, 0);
    }
    format!("{text}{}{close}", more(left))
}

fn of_length(section: &BudgetSection, length: ItemLength) -> String {
    let items = section.items.iter();
    let body: String = match length {
        ItemLength::Full => items.map(|item| item.full.as_str()).collect(),
        ItemLength::Short => items.map(|item| item.short.as_str()).collect(),
        ItemLength::Named => return counted(section, usize::MAX),
    };
    format!("{}{body}{}", section.open, section.close)
}

/// As many names as fit, and the number of the others.
fn counted(section: &BudgetSection, room: usize) -> String {
    let all: usize = section.items.iter().map(|item| item.templates).sum();
    let close = section.close;
    let more = |count: usize| format!(" **and {count} more {}**", section.name);
    let mut text = section.open.clone();
    let mut left = all;
    for item in section.items.iter().filter(|item| !item.name.is_empty()) {
        let comma = if left == all { "" } else { ", " };
        let rest = if left == item.templates { String::new() } else { more(left - item.templates) };
        if text.len() + comma.len() + item.name.len() + rest.len() + close.len() + 1 > room {
            break;
        }
        text.push_str(&format!("{comma}{}", item.name));
        left -= item.templates;
    }
    match left {
        0 => {}
        left if left == all => text.push_str(&format!("**{all} {}**", section.name)),
        left => text.push_str(&more(left)),
    }
    format!("{text}\n{close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(name: &'static str, count: usize) -> BudgetSection {
        let item = |number: usize| BudgetItem {
            full: format!("- {name} {number} with everything\n"),
            short: format!("- {name} {number}\n"),
            name: format!("{name}{number}"),
            templates: 1,
        };
        BudgetSection {
            name,
            open: format!("#### {name}\n\n"),
            close: "\n",
            items: (0..count).map(item).collect(),
        }
    }

    #[test]
    fn required_sections_lose_words_before_names() {
        let both = |room| fit_sections(&[section("a", 3), section("b", 3)], room);
        let texts: Vec<String> =
            [1000, 130, 50, 36].map(|room| format!("in {room} bytes:\n{}", both(room))).to_vec();
        insta::assert_snapshot!(texts.concat());
    }

    #[test]
    fn one_sentence_comes_before_other_names() {
        let mut sentences = section("warnings", 600);
        sentences.items.iter_mut().for_each(|item| item.name.clear());
        let text = fit_sections(&[sentences, section("held", 600)], 12_000);
        assert!(text.len() <= 12_000 && text.contains("- warnings 0 with everything\n"), "{text}");
        assert!(text.contains(" more warnings**") && text.contains("held 599"), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn nothing_vanishes_without_being_counted(must in 0_usize..60, may in 0_usize..60, room in 0_usize..2000) {
            let limit = 500 + room;
            let text = fill("begin\n", &[section("m", must)], &[section("o", may)], "end\n", limit);
            proptest::prop_assert!(text.len() <= limit, "{}", text);
            let number = |word: &str| -> usize {
                let at = text.find(word).map(|at| at + word.len());
                at.and_then(|at| text[at..].split(' ').next()?.parse().ok()).unwrap_or(0)
            };
            let named = (0..must).filter(|number| {
                [format!("m{number},"), format!("m{number} "), format!("m{number}\n"), format!("m {number}")].iter().any(|name| text.contains(name))
            });
            let more = number("**and ").max(if text.contains("**and") { 0 } else { number("**") });
            proptest::prop_assert_eq!(named.count() + more, must, "{}", text);
            let listed = text.matches("- o ").count();
            proptest::prop_assert_eq!(listed + number("has a limit: "), may, "{}", text);
        }
    }
}
