//! Writes a state with conflict markers: certain parts unchanged, and both versions of each row in conflict.

use serde_json::Error;

use super::Conflicts;
use crate::state::Document;
use crate::state::document_text::member;

/// The lines that a person removes, in the form that editors and git know.
const OURS: &str = "<<<<<<< ours\n";
const BETWEEN: &str = "=======\n";
const THEIRS: &str = ">>>>>>> theirs\n";

/// A part of the templates, with equal or different text on the two sides.
#[derive(Default)]
struct TextPart {
    ours: Vec<String>,
    theirs: Vec<String>,
    clashes: bool,
}

impl Conflicts {
    /// The text of the file. Taking one side of every conflict, whichever it is, leaves a valid state.
    pub fn to_text(&self) -> Result<String, Error> {
        let parts = self.parts()?;
        let mut templates = String::from("\n  \"templates\": {\n");
        let count = parts.len();
        for (position, part) in parts.into_iter().enumerate() {
            let side = |rows: &[String]| {
                let end = if position + 1 < count && !rows.is_empty() { ",\n" } else { "\n" };
                if rows.is_empty() { String::new() } else { rows.join(",\n") + end }
            };
            if part.clashes {
                let (ours, theirs) = (side(&part.ours), side(&part.theirs));
                templates.push_str(&[OURS, &ours, BETWEEN, &theirs, THEIRS].concat());
            } else {
                templates.push_str(&side(&part.ours));
            }
        }
        templates.push_str("  },");
        // No other line of the file has this content and indentation.
        let frame =
            Document { templates: std::collections::BTreeMap::new(), ..self.rest.clone() }.to_text()?;
        Ok(frame.replacen("\n  \"templates\": {},", &templates, 1))
    }

    /// The parts in order. Adjacent conflicts form one part; the last part has a row on both sides, because JSON does
    /// not allow a comma after the last member.
    fn parts(&self) -> Result<Vec<TextPart>, Error> {
        let mut parts: Vec<TextPart> = Vec::new();
        let mut certain = self.rest.templates.iter().peekable();
        for (key, clash) in &self.rows {
            while let Some((key, row)) = certain.next_if(|(other, _)| *other < key) {
                parts.push(TextPart::certain(member(key, row)?));
            }
            if parts.last().is_none_or(|last| !last.clashes) {
                parts.push(TextPart { clashes: true, ..TextPart::default() });
            }
            if let Some(part) = parts.last_mut() {
                part.ours.extend(clash.ours.as_ref().map(|row| member(key, row)).transpose()?);
                part.theirs.extend(clash.theirs.as_ref().map(|row| member(key, row)).transpose()?);
            }
        }
        for (key, row) in certain {
            parts.push(TextPart::certain(member(key, row)?));
        }
        let is_half = |part: &TextPart| part.ours.is_empty() || part.theirs.is_empty();
        if parts.last().is_some_and(is_half)
            && let [.., before, last] = &mut parts[..]
        {
            before.clashes = true;
            before.ours.append(&mut last.ours);
            before.theirs.append(&mut last.theirs);
            parts.pop();
        }
        Ok(parts)
    }
}

impl TextPart {
    fn certain(row: String) -> Self {
        Self { ours: vec![row.clone()], theirs: vec![row], clashes: false }
    }
}
