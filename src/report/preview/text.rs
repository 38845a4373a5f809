//! Prints certificates on the terminal.

use super::Certificate;
use crate::model::{Advice, Commands, RunOption};
use crate::report::drawing::{ASSUMPTIONS, ASSUMPTIONS_ON_IMAGES, DrawnLabel, Sketch};
use crate::report::{Style, safe_text};

/// The limit of sketches, unless everything is printed.
const DRAWN: usize = 10;
/// The limit of further certificates whose problems are listed.
const LISTED: usize = 20;

/// Sketches, followed by what they assume.
pub fn sketches_text(certificates: &[Certificate], style: Style, commands: &dyn Commands) -> String {
    let drawn = if style.is_verbose() { certificates.len() } else { DRAWN.min(certificates.len()) };
    let (drawn, others) = certificates.split_at(drawn);
    let mut text: String = drawn.iter().map(|one| sketch(one, style) + "\n").collect();
    if !others.is_empty() {
        let count = others.len();
        text.push_str(&format!(
            "… and {count} more: name them (KEY…), say {}, or write all with {}.\n",
            commands.option(&RunOption::Verbose),
            commands.command(&Advice::AddOption(RunOption::OutFolder))
        ));
        text.push_str(&problems_text(others));
        text.push('\n');
    }
    let on_images = certificates.iter().any(|one| one.background.is_some());
    let assumptions = if on_images { ASSUMPTIONS_ON_IMAGES } else { ASSUMPTIONS };
    style.laid_out(text + &style.faint(assumptions) + "\n")
}

/// The problems of certificates that are not shown here.
pub fn problems_text(certificates: &[Certificate]) -> String {
    let flagged: Vec<(&Certificate, Vec<String>)> = certificates
        .iter()
        .map(|one| (one, one.problems()))
        .filter(|(_, problems)| !problems.is_empty())
        .collect();
    let mut text = match flagged.len() {
        0 => return String::new(),
        1 => "1 of them should be looked at:\n".to_owned(),
        count => format!("{count} of them should be looked at:\n"),
    };
    for (certificate, problems) in flagged.iter().take(LISTED) {
        let more = problems.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
        let key = safe_text(certificate.key.as_str());
        text.push_str(&format!("  ! {key}: {}{more}\n", problems.first().map_or("", String::as_str)));
    }
    if flagged.len() > LISTED {
        text.push_str(&format!("  … and {} more\n", flagged.len() - LISTED));
    }
    text
}

fn sketch(certificate: &Certificate, style: Style) -> String {
    let sketch = Sketch::of(&certificate.picture, style.width());
    let key = style.bold(&safe_text(certificate.key.as_str()));
    let mut lines = vec![format!("{key}  {}", certificate.title)];
    lines.extend(sketch.lines);
    lines.push(safe_text(&certificate.picture.sheet.explain()));
    lines.extend(sketch.numbered.iter().map(|(number, label)| format!("  [{number}] {}", legend(label))));
    if style.is_verbose() {
        let written = |label: &&DrawnLabel| {
            !sketch.numbered.iter().any(|(_, numbered)| std::ptr::eq(*numbered, *label))
        };
        lines.extend(
            certificate.picture.labels.iter().filter(written).map(|label| format!("  {}", legend(label))),
        );
    }
    if certificate.picture.labels.is_empty() {
        lines.push("  no labels: nothing is printed on it".to_owned());
    }
    lines.extend(certificate.problems().iter().map(|problem| style.signed("!", &format!("  ! {problem}"))));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A label in words.
fn legend(label: &DrawnLabel) -> String {
    let centred = if label.centred { ", centred" } else { "" };
    let place = format!("at {}, {}, {} px{centred}", label.x, label.y, label.size);
    format!("{} {place}: \"{}\"", safe_text(&label.name), safe_text(&label.text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Attributes, Canvas, Key};
    use crate::report::drawing::Fields;
    use crate::view::specimens::SpecimenCommands;

    fn certificate(key: &str, title: &str, x: i64) -> Certificate {
        let labels = json!([{"certificateFieldId": "a", "x": x, "y": 20, "fontSize": 20}]);
        let attributes: Attributes =
            serde_json::from_value(json!({"title": title, "labels": labels})).unwrap();
        let canvas = Canvas { width: 400, height: 200, layout: Some("small".to_owned()) };
        Certificate::of(&Key::new(key).unwrap(), &attributes, Some(&canvas), &Fields::new(), None)
    }

    #[test]
    fn a_few_are_drawn_and_other_problems_listed() {
        let many: Vec<Certificate> = (0..40)
            .map(|n| certificate(&format!("t-{n:02}"), "A title", if n % 2 == 0 { 10 } else { -5 }))
            .collect();
        let text = sketches_text(&many, Style::default(), &SpecimenCommands);
        assert_eq!(text.matches('┌').count(), 10);
        insta::assert_snapshot!(text.split_once("… and 30 more").unwrap().1);
        assert_eq!(sketches_text(&many, Style::new(false, true), &SpecimenCommands).matches('┌').count(), 40);
    }

    #[test]
    fn nothing_in_a_template_commands_the_terminal() {
        let hostile = ["\u{1b}[2J\u{7}\u{202e}evil", &"x".repeat(100_000), "a\nNo changes.\n"];
        let certificates: Vec<Certificate> =
            hostile.iter().map(|title| certificate("key", title, -1)).collect();
        let text = sketches_text(&certificates, Style::new(false, true), &SpecimenCommands);
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')));
        assert!(!text.lines().any(|line| line == "No changes."));
        assert!(text.lines().all(|line| line.chars().count() < 400));
    }
}
