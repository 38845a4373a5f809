//! Prints the pieces of a YAML text in the canonical form: each stays on its line, and only the blanks between them change.

use super::scalars::BLANKS;
use super::tokens::{TokenKind, Tokens, YamlToken};

/// By how much a list or mapping is indented below its name.
const STEP: usize = 2;

/// The text of these pieces.
pub(super) fn print(tokens: &Tokens<'_>) -> String {
    let mut printer = TokenPrinter::default();
    tokens.list.iter().for_each(|token| printer.add(token));
    printer.print_comments(0);
    if !printer.text.is_empty() && !tokens.is_open {
        printer.text.push('\n');
    }
    printer.text
}

/// A list or mapping in block style that is open.
struct PrintedBlock {
    /// Its column in the old text.
    old: usize,
    /// Its column in the new text.
    new: usize,
    is_list: bool,
}

/// A bracket that is open.
struct Bracket {
    /// The indentation of the lines inside.
    inside: usize,
    /// The indentation of the closing bracket, where it begins a line.
    closing: usize,
}

/// A comment on a line of its own, whose indentation depends on what follows.
struct WaitingComment<'t> {
    text: &'t str,
    /// Its column in the old text.
    column: usize,
    breaks: usize,
    indent: Option<usize>,
}

#[derive(Default)]
struct TokenPrinter<'t> {
    text: String,
    line_start: usize,
    blocks: Vec<PrintedBlock>,
    /// The old column of a list or mapping that begins with the next token.
    begun: Option<usize>,
    brackets: Vec<Bracket>,
    /// The indentation of the present line, if it begins with a value and not with an entry of a list or mapping.
    value_line: Option<usize>,
    comments: Vec<WaitingComment<'t>>,
    last: Option<YamlToken<'t>>,
}

impl<'t> TokenPrinter<'t> {
    fn add(&mut self, token: &YamlToken<'t>) {
        match token.kind {
            TokenKind::Begin => self.begun = Some(token.column),
            TokenKind::End => self.end_block(),
            TokenKind::BlockText => self.block_text(token),
            TokenKind::Comment if !token.is_first() => {
                // People align such comments.
                self.indent_by(token.blanks.max(1));
                self.text.push_str(token.text);
            }
            TokenKind::Comment => match self.brackets.last() {
                Some(bracket) => {
                    let inside = bracket.inside;
                    self.begin_line(token.breaks, inside);
                    self.text.push_str(token.text);
                }
                None => self.comments.push(WaitingComment {
                    text: token.text,
                    column: token.column,
                    breaks: token.breaks,
                    indent: None,
                }),
            },
            _ => self.content(token),
        }
    }

    fn content(&mut self, token: &YamlToken<'t>) {
        let begun = self.begun.take();
        if token.is_first() {
            let (indent, is_entry) = self.indent(token, begun);
            self.value_line = (!is_entry).then_some(indent);
            self.print_comments(indent);
            self.begin_line(token.breaks, indent);
        } else if self.last.is_some_and(|last| has_blank_between(&last, token)) {
            self.text.push(' ');
        }
        if let Some(old) = begun {
            let new = self.text.len() - self.line_start;
            self.blocks.push(PrintedBlock { old, new, is_list: token.kind == TokenKind::Dash });
        }
        match token.kind {
            TokenKind::Open => {
                let closing = self.value_line.unwrap_or_else(|| self.content_column());
                self.brackets.push(Bracket { inside: closing + STEP, closing });
                self.text.push_str(token.text);
            }
            TokenKind::Close => {
                self.brackets.pop();
                self.text.push_str(token.text);
            }
            TokenKind::Scalar => self.scalar(token.text),
            _ => self.text.push_str(token.text),
        }
        self.last = Some(*token);
    }

    /// The indentation of a line that begins with this token, and whether it is an entry of a list or mapping.
    fn indent(&self, token: &YamlToken<'_>, begun: Option<usize>) -> (usize, bool) {
        if let Some(bracket) = self.brackets.last() {
            let is_closing = token.kind == TokenKind::Close;
            return (if is_closing { bracket.closing } else { bracket.inside }, false);
        }
        if matches!(token.kind, TokenKind::DocumentMarker | TokenKind::Directive) {
            return (0, true);
        }
        match self.blocks.last() {
            None => (0, begun.is_some()),
            Some(block) if begun.is_none() && block.old == token.column => (block.new, true),
            Some(block) => (block.new + STEP, begun.is_some()),
        }
    }

    /// The column at which the values of the innermost list or mapping can begin.
    fn content_column(&self) -> usize {
        self.blocks.last().map_or(0, |block| if block.is_list { block.new + STEP } else { block.new })
    }

    fn begin_line(&mut self, breaks: usize, indent: usize) {
        if !self.text.is_empty() {
            self.text.push_str(if breaks > 1 { "\n\n" } else { "\n" });
        }
        self.line_start = self.text.len();
        self.indent_by(indent);
    }

    fn indent_by(&mut self, indent: usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// A comment that is indented like what ends here, or more, belongs to it.
    fn end_block(&mut self) {
        let Some(block) = self.blocks.pop() else { return };
        // Where a list stands below its name without indentation, a comment belongs to the name's mapping.
        if self.blocks.last().is_some_and(|outer| outer.old == block.old) {
            return;
        }
        for comment in &mut self.comments {
            if comment.indent.is_none() && comment.column >= block.old {
                comment.indent = Some(block.new);
            }
        }
    }

    fn print_comments(&mut self, indent: usize) {
        for comment in std::mem::take(&mut self.comments) {
            self.begin_line(comment.breaks, comment.indent.unwrap_or(indent));
            self.text.push_str(comment.text);
        }
    }

    /// A scalar; the line breaks in it stay, and how its lines are indented means nothing.
    fn scalar(&mut self, text: &str) {
        let indent = match self.brackets.last() {
            Some(bracket) => bracket.inside + STEP,
            None => self.blocks.last().map_or(0, |block| block.new) + STEP,
        };
        let is_quoted = text.starts_with('"');
        let mut lines = text.split('\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let line = if number > 0 { line.trim_start_matches(BLANKS) } else { line };
            let trimmed = line.trim_end_matches(BLANKS);
            // Behind a backslash, a blank is part of the text.
            let is_last = lines.peek().is_none();
            let line = if is_last || is_quoted && trimmed.ends_with('\\') { line } else { trimmed };
            if number > 0 {
                self.text.push('\n');
                self.line_start = self.text.len();
                self.indent_by(if line.is_empty() { 0 } else { indent });
            }
            self.text.push_str(line);
        }
    }

    /// The lines of a block scalar; everything behind their indentation is part of the text.
    fn block_text(&mut self, token: &YamlToken<'t>) {
        let header = self.last.map(|last| last.text).unwrap_or_default();
        let digit = header.chars().find_map(|c| c.to_digit(10)).and_then(|digit| usize::try_from(digit).ok());
        let parent = self.blocks.last().map(|block| block.new);
        let indent = match (parent, digit) {
            (parent, Some(digit)) => parent.unwrap_or(0) + digit,
            (Some(parent), None) => parent + STEP,
            (None, None) => STEP,
        };
        for line in token.text.split('\n') {
            self.text.push('\n');
            self.line_start = self.text.len();
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if spaces < line.len() || spaces > token.column {
                self.indent_by(indent);
                self.text.push_str(line.get(token.column..).unwrap_or_default());
            }
        }
    }
}

/// Whether there is a blank between two tokens of one line.
fn has_blank_between(last: &YamlToken<'_>, token: &YamlToken<'_>) -> bool {
    let is_value = matches!(last.kind, TokenKind::Scalar | TokenKind::Close);
    match (last.kind, token.kind) {
        // `*a : 1`, because `*a:` can be read as an alias with a colon in its name.
        (_, TokenKind::Colon) if is_value => false,
        (TokenKind::Colon, _) => true,
        (_, TokenKind::Comma) | (TokenKind::Open, TokenKind::Close) => false,
        (TokenKind::Open, _) => last.text == "{",
        (_, TokenKind::Close) => token.text == "}",
        _ => true,
    }
}
