//! Places that point into their file.

use certctl::model::{Advice, Exit, Finding, SourceLocation, SourceText};
use certctl::report::findings::{LeftOut, render_within};
use certctl::report::json;

/// Longer lines are not copied into a place.
const MAX_SHOWN_LENGTH: usize = 16 << 10;

/// Checks that every place of these findings is within its file, and that they can be shown.
pub(crate) fn check(findings: &[Finding], text_of: impl Fn(&SourceLocation) -> Option<String>) {
    assert!(!findings.is_empty(), "refused without a reason");
    for finding in findings {
        assert!(!finding.message.is_empty() && !finding.rule.is_empty(), "{finding:?}");
        let related = finding.related.iter().map(|(place, _)| place);
        for place in std::iter::once(&finding.place).chain(related) {
            let text = text_of(place).unwrap_or_else(|| panic!("a place in an unknown file: {place:?}"));
            lies_in(place, &text);
        }
    }
    // Drawing is slow, and a hundred findings are drawn like ten.
    let few = &findings[..findings.len().min(10)];
    let shown =
        render_within(few, LeftOut::NothingSent, false, None, &|advice: &Advice| format!("{advice:?}"));
    assert!(!shown.contains('\u{1b}'), "what is shown without colour has no escapes: {shown:?}");
    let document: serde_json::Value =
        serde_json::from_str(&json::error(Exit::Error, "", None, findings)).unwrap();
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(findings.len()));
}

/// The text as places see it: without a byte order mark, and with bytes that are not UTF-8 replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    SourceText::new("any", &String::from_utf8_lossy(bytes)).text().to_owned()
}

fn lies_in(place: &SourceLocation, text: &str) {
    assert!(place.line >= 1 && place.column >= 1 && place.width >= 1, "{place:?}");
    let line = text.split('\n').nth(place.line - 1);
    let line = line.unwrap_or_else(|| panic!("a line behind the end: {place:?}")).trim_end_matches('\r');
    // A line with a secret, or an extremely long one, is not copied.
    if !place.source_line.is_empty() || line.len() <= MAX_SHOWN_LENGTH && place.column + place.width > 2 {
        // A value that may be a secret is cut off.
        let is_cut =
            place.source_line.strip_suffix('…').is_some_and(|begin| line.starts_with(begin.trim_end()));
        assert!(
            place.source_line.is_empty() || place.source_line == line || is_cut,
            "{place:?} is not on its line {line:?}"
        );
    }
    let characters = line.chars().count();
    assert!(place.column <= characters + 1, "behind the end of {line:?}: {place:?}");
    assert!(place.column + place.width <= characters + 2, "wider than {line:?}: {place:?}");
}
