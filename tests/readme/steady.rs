//! Outputs of two runs, made comparable.

/// Ids and times differ from run to run.
pub(crate) fn steady(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
    let mut steady = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        if is_word(c) {
            word.push(c);
            continue;
        }
        let is_uuid = word.len() == 36 && word.matches('-').count() == 4;
        let is_time = word.len() == 20 && word.ends_with('Z') && word.starts_with("20");
        let is_commit = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        steady.push_str(if is_uuid {
            "<id>"
        } else if is_commit {
            "<commit>"
        } else if is_time {
            "<time>"
        } else {
            &word
        });
        word.clear();
        steady.push(c);
    }
    steady
}

/// The output as a document shows it, with the middle of a long one left out.
pub(crate) fn shortened(output: &str) -> String {
    const HEAD: usize = 12;
    const TAIL: usize = 8;
    let lines: Vec<&str> = output.lines().collect();
    if lines.len() <= HEAD + TAIL + 4 {
        return output.to_owned();
    }
    format!("{}\n…\n{}\n", lines[..HEAD].join("\n"), lines[lines.len() - TAIL..].join("\n"))
}
