//! Prints findings as GitHub's workflow commands: GitHub shows these log lines beside the lines of a pull request.
//!
//! GitHub executes what looks like a command, so texts of others are escaped. The escapes are those that the runner
//! decodes: `%`, carriage return and line feed everywhere, and `:` and `,` in properties.

use super::findings::summary;
use super::safe_text::safe_lines;
use crate::model::{Finding, Severity};

/// Printed if nothing was found. The environment's name is left out: it could contain a command.
pub const NO_PROBLEM: &str = "No problem found.\n";

/// One command for each warning, with its severity here.
pub fn warnings(warnings: &[Finding], severity: Severity) -> String {
    commands(warnings, severity)
}

/// The number of annotations of one kind that GitHub shows for a step.
const SHOWN: usize = 10;

/// One command for each finding; without findings, one with the message of the failure.
pub fn problems(findings: &[Finding], message: &str) -> String {
    if findings.is_empty() {
        return format!("::error title=certctl::{}\n", data(message));
    }
    let mut text = commands(findings, Severity::Error) + &summary(findings);
    if findings.len() > SHOWN {
        text.push_str(&format!(" GitHub shows {SHOWN} of them beside the lines; all are in this log."));
    }
    text + "\n"
}

fn commands(findings: &[Finding], severity: Severity) -> String {
    let name = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    findings.iter().map(|finding| command(name, finding)).collect()
}

fn command(name: &str, finding: &Finding) -> String {
    let place = &finding.place;
    let file = place.file.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let (line, column) = (place.line, place.column);
    let last = column + place.width.saturating_sub(1);
    let rule = format!("certctl: {}", finding.rule);
    let help = finding.help.iter().map(|help| format!("\nhelp: {help}")).collect::<String>();
    // The log shows only the message, so it repeats the place.
    let at = if place.has_line() { format!("{file}:{line}:{column}") } else { file.clone() };
    let message = format!("{}{help}\n{at}", finding.message);
    format!(
        "::{name} file={},line={line},col={column},endColumn={last},title={}::{}\n",
        property(&file),
        property(&rule),
        data(&message)
    )
}

fn data(text: &str) -> String {
    safe_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SourceLocation, SourceText};

    fn finding(file: &str, message: &str) -> Finding {
        Finding {
            place: SourceText::new(file, "a:\n  titel: x\n").place(5..10),
            rule: "unknown-field",
            message: message.to_owned(),
            help: Some("write title".to_owned()),
            related: Vec::new(),
            option: None,
        }
    }

    /// A command's name, properties and message.
    type Understood = (String, Vec<(String, String)>, String);

    /// Decodes a line as the runner does: name, properties and message.
    fn understood(line: &str) -> Option<Understood> {
        let (head, message) = line.strip_prefix("::")?.split_once("::")?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let back = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = back(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
            (name.to_owned(), value)
        };
        let properties = properties.split(',').filter(|pair| !pair.is_empty()).map(pair).collect();
        Some((name.to_owned(), properties, back(message).replace("%25", "%")))
    }

    #[test]
    fn a_finding_is_a_command_with_its_place() {
        insta::assert_snapshot!(problems(&[finding("eu/templates/a.yaml", "a template has no titel")], ""), @r"
        ::error file=eu/templates/a.yaml,line=2,col=3,endColumn=7,title=certctl%3A unknown-field::a template has no titel%0Ahelp: write title%0Aeu/templates/a.yaml:2:3
        1 problem in 1 file. Nothing was sent.
        ");
    }

    #[test]
    fn a_warning_is_a_command_of_that_name() {
        let text = warnings(&[finding("a.yaml", "x")], Severity::Warning);
        assert!(text.starts_with("::warning file=a.yaml,line=2,"), "{text}");
    }

    #[test]
    fn a_failure_without_findings_has_no_place() {
        assert_eq!(problems(&[], "100 %\nbad"), "::error title=certctl::100 %25%0Abad\n");
    }

    #[test]
    fn the_log_has_more_than_github_shows() {
        let findings: Vec<Finding> = (0..11).map(|n| finding("a.yaml", &format!("problem {n}"))).collect();
        let text = problems(&findings, "");
        assert_eq!(text.matches("::error file=").count(), 11);
        assert!(text.ends_with("11 problems in 1 file. Nothing was sent. GitHub shows 10 of them beside the lines; all are in this log.\n"));
        assert!(!problems(&findings[1..], "").contains("GitHub shows"));
    }

    #[test]
    fn nothing_in_a_template_forges_a_command() {
        let hostile = "x\n::set-output name=a::b\r::add-mask::c ::stop-commands::d%0A::debug::e, line=1:";
        let mut found = finding(hostile, hostile);
        found.help = Some(hostile.to_owned());
        let text = problems(&[found], "");
        assert_eq!(text.lines().count(), 2, "{text}");
        let (name, properties, message) = understood(text.lines().next().unwrap()).unwrap();
        assert_eq!(name, "error");
        let names: Vec<&str> = properties.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["file", "line", "col", "endColumn", "title"]);
        assert!(message.contains("d%0A::debug::e"), "{message}");
        assert!(!text.contains('\r'));
    }

    proptest::proptest! {
        #[test]
        fn any_text_stays_one_equal_command(file in "\\PC{1,20}|.{1,20}", message in "\\PC{0,40}|.{0,40}|[:,%\\r\\n0AD#\\[\\]]{0,20}") {
            let found = Finding { place: SourceLocation::whole_file(&file), message: message.clone(), help: None, ..finding("a", "") };
            let text = problems(&[found], "");
            proptest::prop_assert_eq!(text.lines().count(), 2);
            let (name, properties, text) = understood(text.lines().next().unwrap()).unwrap();
            proptest::prop_assert_eq!(name, "error");
            proptest::prop_assert_eq!(properties.len(), 5);
            proptest::prop_assert!(text.starts_with(&safe_lines(&message)));
            proptest::prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
