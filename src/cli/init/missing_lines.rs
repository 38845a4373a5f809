//! The lines that an existing file of git lacks.

/// Returns the wanted lines that nothing in a file stands for.
pub(super) fn missing_lines<'a>(there: &str, wanted: &'a str) -> Vec<&'a str> {
    let there: Vec<&str> = there.lines().map(str::trim).collect();
    let is_missing = |line: &&str| !there.iter().any(|existing| covers(existing, line));
    wanted
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter(is_missing)
        .collect()
}

/// Whether a line of .gitignore or .gitattributes says at least what another one would.
fn covers(existing: &str, wanted: &str) -> bool {
    let plain = |line: &str| line.trim_start_matches('/').trim_end_matches('/').to_owned();
    // A slash at the beginning of a line keeps it to this folder, where a wanted line with a slash is anyway. One at its
    // end keeps it to folders.
    let is_of_this_folder = wanted.contains('/');
    let is_wider = |ending: &str| ending.starts_with('.') && wanted.ends_with(ending);
    existing == wanted
        || is_of_this_folder && plain(existing) == plain(wanted)
        || existing.strip_prefix('*').is_some_and(is_wider)
}

/// Returns the text to put at the end of a file that lacks these lines, with the line endings that the file has.
pub(super) fn addition(there: &str, missing: &[&str]) -> String {
    let end = if there.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let empty_lines = match there {
        "" => 0,
        there if there.ends_with('\n') => 1,
        _ => 2,
    };
    let lines = ["# certctl"].iter().chain(missing).map(|line| format!("{line}{end}"));
    end.repeat(empty_lines) + &lines.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn existing_lines_count_however_they_are_written() {
        let wanted = "# a comment\n*.json.lock\n*.plan\ncertctl-out/\nstate/*.json merge=certctl-state\n";
        for (there, missing) in [
            ("", &["*.json.lock", "*.plan", "certctl-out/", "state/*.json merge=certctl-state"][..]),
            ("*.lock\r\n/certctl-out\r\n*.plan\r\n", &["state/*.json merge=certctl-state"]),
            ("*.json merge=certctl-state\n*.pla\n*\n", &["*.json.lock", "*.plan", "certctl-out/"]),
            // Such a line is for the files of one folder, or for folders.
            (
                "/*.json.lock\n*.plan/\n/certctl-out/\n/state/*.json merge=certctl-state\n",
                &["*.json.lock", "*.plan"],
            ),
        ] {
            assert_eq!(missing_lines(there, wanted), missing, "{there:?}");
        }
    }

    #[test]
    fn added_lines_have_the_endings_of_the_file() {
        for (there, added) in [
            ("", "# certctl\na\n"),
            ("x\n", "\n# certctl\na\n"),
            ("x", "\n\n# certctl\na\n"),
            ("x\r\ny\r\n", "\r\n# certctl\r\na\r\n"),
            ("x\r\ny", "\r\n\r\n# certctl\r\na\r\n"),
        ] {
            assert_eq!(addition(there, &["a"]), added, "{there:?}");
        }
    }
}
