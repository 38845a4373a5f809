//! Takes a YAML text apart into the pieces that stay as they are; what is between them is blank. It reads as the parser of
//! the template files does, and takes for granted that the parser accepts the text. Nothing is lost where it is mistaken:
//! whoever calls it compares what is read before and after.

use super::scalars::{
    BLANKS, FLOW, block_length, found_indent, is_blank_or_end, is_document_marker, plain_length_in_line,
    quoted_length,
};

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// `%YAML 1.2`
    Directive,
    /// `---` or `...`
    DocumentMarker,
    Dash,
    Question,
    Colon,
    Comma,
    /// `[` or `{`
    Open,
    /// `]` or `}`
    Close,
    /// An anchor or a tag.
    Property,
    Alias,
    Scalar,
    /// `|` or `>`, and what goes with it.
    BlockHeader,
    /// The lines below it, with their indentation.
    BlockText,
    Comment,
    /// A list or mapping in block style begins with the next token.
    Begin,
    /// The innermost list or mapping in block style ends.
    End,
}

/// One piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YamlToken<'t> {
    pub(super) kind: TokenKind,
    pub(super) text: &'t str,
    /// Where it begins in its line, in bytes; of [`TokenKind::BlockText`], its indentation.
    pub(super) column: usize,
    /// How many line breaks are before it. The first token has at least one.
    pub(super) breaks: usize,
    /// How many blanks are between it and what is before it in its line.
    pub(super) blanks: usize,
}

impl YamlToken<'_> {
    /// Whether it is the first of its line.
    pub(super) fn is_first(&self) -> bool {
        self.breaks > 0
    }
}

/// All pieces of a text.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    pub(super) list: Vec<YamlToken<'t>>,
    /// Whether the text ends in a block scalar without a line break, which would become part of it.
    pub(super) is_open: bool,
}

/// Takes a text apart; `None` where that is not possible. Lines end with a line feed.
pub(super) fn tokens(text: &str) -> Option<Tokens<'_>> {
    Tokenizer::default_for(text).all()
}

/// A list or mapping in block style that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OpenBlock {
    column: usize,
    is_list: bool,
}

struct Tokenizer<'t> {
    text: &'t str,
    at: usize,
    line_start: usize,
    /// How many blanks are before the next token in its line.
    blanks: usize,
    /// The number of brackets that are open.
    brackets: usize,
    blocks: Vec<OpenBlock>,
    list: Vec<YamlToken<'t>>,
    /// The first anchor or tag of the value that begins in this line: its position in the list, and its column.
    properties: Option<(usize, usize)>,
    /// Whether the next colon belongs to a name that was read.
    is_after_name: bool,
    is_open: bool,
}

impl<'t> Tokenizer<'t> {
    fn default_for(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line_start: 0,
            blanks: 0,
            brackets: 0,
            blocks: Vec::new(),
            list: Vec::new(),
            properties: None,
            is_after_name: false,
            is_open: false,
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn all(mut self) -> Option<Tokens<'t>> {
        loop {
            let before = self.at;
            let breaks = self.skip_blanks();
            self.blanks = self.at - before.max(self.line_start);
            if self.rest().is_empty() {
                break;
            }
            let breaks = if self.list.is_empty() { breaks.max(1) } else { breaks };
            self.next(breaks)?;
        }
        self.close_blocks(|_| true);
        Some(Tokens { list: self.list, is_open: self.is_open })
    }

    /// Skips blanks and line breaks; returns the number of line breaks.
    fn skip_blanks(&mut self) -> usize {
        let mut breaks = 0;
        for c in self.rest().chars() {
            match c {
                ' ' | '\t' => self.at += 1,
                '\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                    breaks += 1;
                }
                _ => break,
            }
        }
        breaks
    }

    fn push(&mut self, kind: TokenKind, length: usize, breaks: usize) -> Option<()> {
        let text = self.rest().get(..length)?;
        self.list.push(YamlToken {
            kind,
            text,
            column: self.at - self.line_start,
            breaks,
            blanks: self.blanks,
        });
        self.at += length;
        // A quoted scalar may have brought line breaks.
        if let Some(last) = text.rfind('\n') {
            self.line_start = self.at - (length - last - 1);
        }
        Some(())
    }

    fn next(&mut self, breaks: usize) -> Option<()> {
        let (rest, column) = (self.rest(), self.at - self.line_start);
        let (mut chars, is_first) = (rest.chars(), breaks > 0);
        let (first, second) = (chars.next()?, chars.next());
        let is_dash = first == '-' && is_blank_or_end(second);
        if let Some((kind, length)) = self.whole_line(column, is_first) {
            return self.push(kind, length, breaks);
        }
        if is_first {
            self.begin_line(column, is_dash);
        }
        let is_flow = self.brackets > 0;
        match first {
            '-' if is_dash && !is_flow => {
                self.open_block(column, true);
                self.push(TokenKind::Dash, 1, breaks)
            }
            '?' if is_blank_or_end(second) => {
                if !is_flow {
                    self.open_block(column, false);
                }
                self.push(TokenKind::Question, 1, breaks)
            }
            ':' if is_flow || is_blank_or_end(second) => {
                if !is_flow && !self.is_after_name {
                    self.open_block(column, false);
                }
                self.is_after_name = false;
                self.push(TokenKind::Colon, 1, breaks)
            }
            ',' if is_flow => self.push(TokenKind::Comma, 1, breaks),
            '[' | '{' => {
                self.brackets += 1;
                self.push(TokenKind::Open, 1, breaks)
            }
            ']' | '}' => {
                self.brackets = self.brackets.checked_sub(1)?;
                self.push(TokenKind::Close, 1, breaks)
            }
            '&' | '!' => {
                self.properties.get_or_insert((self.list.len(), column));
                let ends = |c: char| is_blank_or_end(Some(c)) || is_flow && FLOW.contains(&c);
                self.push(TokenKind::Property, rest.find(ends).unwrap_or(rest.len()), breaks)
            }
            '|' | '>' if !is_flow => self.block_scalar(breaks),
            _ => self.scalar(first, breaks),
        }
    }

    /// A comment, or a line that is about a document as a whole.
    fn whole_line(&mut self, column: usize, is_first: bool) -> Option<(TokenKind, usize)> {
        let rest = self.rest();
        // Not before it is needed: a line can be megabytes long.
        let length = || rest.split('\n').next().map(|line| line.trim_end_matches(BLANKS).len());
        if rest.starts_with('#') {
            return Some((TokenKind::Comment, length()?));
        }
        if !is_first || column > 0 || self.brackets > 0 {
            return None;
        }
        if is_document_marker(rest) {
            self.close_blocks(|_| true);
            return Some((TokenKind::DocumentMarker, 3));
        }
        if rest.starts_with('%') { Some((TokenKind::Directive, length()?)) } else { None }
    }

    /// Ends what a line with this indentation does not go on with.
    fn begin_line(&mut self, column: usize, is_dash: bool) {
        (self.properties, self.is_after_name) = (None, false);
        if self.brackets == 0 {
            self.close_blocks(|block| block.column > column);
            // A list may be indented no more than the name above it.
            if !is_dash {
                self.close_blocks(|block| block.is_list && block.column == column);
            }
        }
    }

    /// A scalar on one line or several, or an alias; with a colon behind it, a name.
    fn scalar(&mut self, first: char, breaks: usize) -> Option<()> {
        let rest = self.rest();
        let (kind, length) = match first {
            '*' => {
                let name = rest.get(1..)?;
                let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
                (TokenKind::Alias, 1 + name.find(|c| !is_part(c)).unwrap_or(name.len()))
            }
            '"' | '\'' => (TokenKind::Scalar, quoted_length(rest, first)?),
            _ => (TokenKind::Scalar, self.plain_length()),
        };
        if length == 0 {
            return None;
        }
        let (scalar, behind) = rest.split_at_checked(length)?;
        let mut behind = behind.trim_start_matches(BLANKS).chars();
        let is_name = !scalar.contains('\n') && behind.next() == Some(':') && is_blank_or_end(behind.next());
        if self.brackets == 0 && is_name {
            let column = self.at - self.line_start;
            self.open_block(self.properties.map_or(column, |(_, column)| column), false);
            self.is_after_name = true;
        }
        self.properties = None;
        self.push(kind, length, breaks)
    }

    /// The length of a scalar without quotes, which may go on over several lines.
    fn plain_length(&self) -> usize {
        let (rest, is_flow) = (self.rest(), self.brackets > 0);
        let indent = self.blocks.last().map_or(0, |block| block.column + 1);
        let mut length = plain_length_in_line(rest, is_flow);
        loop {
            let behind = rest.get(length..).unwrap_or_default();
            let blank = behind.trim_start_matches([' ', '\t', '\n']);
            let skipped = behind.get(..behind.len() - blank.len()).unwrap_or_default();
            let Some(last_break) = skipped.rfind('\n') else { return length };
            let column = skipped.len() - last_break - 1;
            let ends = blank.is_empty()
                || blank.starts_with('#')
                || column == 0 && is_document_marker(blank)
                || !is_flow && column < indent;
            let more = if ends { 0 } else { plain_length_in_line(blank, is_flow) };
            if more == 0 {
                return length;
            }
            length += skipped.len() + more;
        }
    }

    fn block_scalar(&mut self, breaks: usize) -> Option<()> {
        let header = self.rest().find([' ', '\t', '\n', '#']).unwrap_or(self.rest().len());
        let (_, indicators) = self.rest().get(..header)?.split_at_checked(1)?;
        let parent = self.blocks.last().map(|block| block.column);
        self.push(TokenKind::BlockHeader, header, breaks)?;
        let behind = self.rest().trim_start_matches(BLANKS);
        self.blanks = self.rest().len() - behind.len();
        self.at += self.blanks;
        if behind.starts_with('#') {
            let line = behind.split('\n').next()?;
            self.push(TokenKind::Comment, line.trim_end_matches(BLANKS).len(), 0)?;
        }
        let rest = self.rest();
        let Some(begin) = rest.find('\n') else { return Some(()) };
        let lines = rest.get(begin + 1..)?;
        let digit =
            indicators.chars().find_map(|c| c.to_digit(10)).and_then(|digit| usize::try_from(digit).ok());
        let found = || found_indent(lines).max(parent.map_or(1, |parent| parent + 1));
        let indent = digit.map_or_else(found, |digit| parent.unwrap_or(0) + digit);
        let keeps = indicators.contains('+');
        if let Some(length) = block_length(lines, indent, keeps) {
            let text = lines.get(..length)?;
            let is_whole = begin + 1 + length == rest.len();
            self.is_open = is_whole && !indicators.contains('-');
            self.list.push(YamlToken {
                kind: TokenKind::BlockText,
                text,
                column: indent,
                breaks: 1,
                blanks: 0,
            });
            self.at += begin + 1 + length;
        }
        Some(())
    }

    /// Begins a list or mapping, unless the innermost one goes on.
    fn open_block(&mut self, column: usize, is_list: bool) {
        let block = OpenBlock { column, is_list };
        if self.blocks.last() == Some(&block) {
            return;
        }
        self.blocks.push(block);
        let begin = YamlToken { kind: TokenKind::Begin, text: "", column, breaks: 0, blanks: 0 };
        let at = self.properties.map_or(self.list.len(), |(at, _)| at);
        self.list.insert(at, begin);
    }

    fn close_blocks(&mut self, ends: impl Fn(OpenBlock) -> bool) {
        while self.blocks.last().is_some_and(|block| ends(*block)) {
            self.blocks.pop();
            self.list.push(YamlToken { kind: TokenKind::End, text: "", column: 0, breaks: 0, blanks: 0 });
        }
    }
}
