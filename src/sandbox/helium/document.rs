//! Reads a GraphQL request: one operation, as a client of `/helium` writes it. Fragments, directives and subscriptions
//! are not offered.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

/// Query or mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperationKind {
    Query,
    Mutation,
}

/// A request, with its variables put in their places.
#[derive(Debug)]
pub(super) struct GraphqlOperation {
    pub(super) kind: OperationKind,
    pub(super) fields: Vec<SelectedField>,
}

/// A property that is asked for.
#[derive(Debug)]
pub(super) struct SelectedField {
    pub(super) name: String,
    /// The name in the answer.
    pub(super) alias: String,
    pub(super) arguments: BTreeMap<String, Value>,
    /// What is asked for within it.
    pub(super) fields: Vec<Self>,
}

/// Reads a document; the error is the server's message about it.
pub(super) fn read(text: &str, variables: &BTreeMap<String, Value>) -> Result<GraphqlOperation, String> {
    let tokens = tokens(text)?;
    let mut reader = DocumentReader { tokens, at: 0, variables, declared: BTreeMap::new() };
    let operation = reader.operation()?;
    if reader.at < reader.tokens.len() {
        return Err(format!("Syntax Error: Unexpected {}", reader.next_words()));
    }
    if let Some((name, _)) = reader.declared.iter().find(|(_, used)| !**used) {
        return Err(format!("Variable \"${name}\" is never used."));
    }
    Ok(operation)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Sign(char),
    Name(String),
    Text(String),
    Number(Number),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => first.len_utf8(),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '{' | '}' | '(' | ')' | ':' | '!' | '$' | '[' | ']' | '=' => {
                tokens.push(Token::Sign(first));
                1
            }
            '"' => {
                let length = string_length(rest)?;
                let text = serde_json::from_str(&rest[..length]);
                tokens.push(Token::Text(text.map_err(|_| "Syntax Error: Invalid string".to_owned())?));
                length
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let length = length_of(rest, |c| c == '_' || c.is_ascii_alphanumeric());
                tokens.push(Token::Name(rest[..length].to_owned()));
                length
            }
            '-' | '0'..='9' => {
                let length = length_of(rest, |c| "+-.eE".contains(c) || c.is_ascii_digit());
                let number = serde_json::from_str(&rest[..length]);
                tokens.push(Token::Number(number.map_err(|_| "Syntax Error: Invalid number".to_owned())?));
                length
            }
            other => return Err(format!("Syntax Error: Cannot parse the unexpected character {other:?}")),
        };
        rest = &rest[length..];
    }
    Ok(tokens)
}

fn length_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// The length of a string with its quotes.
fn string_length(text: &str) -> Result<usize, String> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => break,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Ok(at + 1),
            _ => {}
        }
    }
    Err("Syntax Error: Unterminated string".to_owned())
}

struct DocumentReader<'v> {
    tokens: Vec<Token>,
    at: usize,
    variables: &'v BTreeMap<String, Value>,
    /// Whether each declared variable was used.
    declared: BTreeMap<String, bool>,
}

impl DocumentReader<'_> {
    /// Deeper selections are refused, as servers do.
    const MAX_DEPTH: usize = 10;

    fn operation(&mut self) -> Result<GraphqlOperation, String> {
        let kind = match self.tokens.first() {
            Some(Token::Name(name)) if name == "mutation" => OperationKind::Mutation,
            Some(Token::Name(name)) if name == "query" => OperationKind::Query,
            Some(Token::Sign('{')) => {
                return Ok(GraphqlOperation { kind: OperationKind::Query, fields: self.selection(0)? });
            }
            _ => return Err(format!("Syntax Error: Unexpected {}", self.next_words())),
        };
        self.at += 1;
        if let Some(Token::Name(_)) = self.tokens.get(self.at) {
            self.at += 1;
        }
        if self.takes('(') {
            while !self.takes(')') {
                self.declaration()?;
            }
        }
        Ok(GraphqlOperation { kind, fields: self.selection(0)? })
    }

    fn declaration(&mut self) -> Result<(), String> {
        self.expect('$')?;
        let name = self.name()?;
        self.expect(':')?;
        self.name()?;
        let is_required = self.takes('!');
        if is_required && self.variables.get(&name).is_none_or(Value::is_null) {
            return Err(format!("Variable \"${name}\" of a required type was not provided."));
        }
        self.declared.insert(name, false);
        Ok(())
    }

    fn selection(&mut self, depth: usize) -> Result<Vec<SelectedField>, String> {
        if depth > Self::MAX_DEPTH {
            return Err("The query is nested too deeply".to_owned());
        }
        self.expect('{')?;
        let mut fields = Vec::new();
        while !self.takes('}') {
            fields.push(self.field(depth)?);
        }
        if fields.is_empty() {
            Err("Syntax Error: Expected Name, found \"}\"".to_owned())
        } else {
            Ok(fields)
        }
    }

    fn field(&mut self, depth: usize) -> Result<SelectedField, String> {
        let alias = self.name()?;
        let name = if self.takes(':') { self.name()? } else { alias.clone() };
        let mut arguments = BTreeMap::new();
        if self.takes('(') {
            while !self.takes(')') {
                let name = self.name()?;
                self.expect(':')?;
                let value = self.value()?;
                arguments.insert(name, value);
            }
        }
        let has_more = self.tokens.get(self.at) == Some(&Token::Sign('{'));
        let fields = if has_more { self.selection(depth + 1)? } else { Vec::new() };
        Ok(SelectedField { name, alias, arguments, fields })
    }

    fn value(&mut self) -> Result<Value, String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Sign('$')) => {
                let name = self.name()?;
                match self.declared.get_mut(&name) {
                    Some(used) => *used = true,
                    None => return Err(format!("Variable \"${name}\" is not defined.")),
                }
                Ok(self.variables.get(&name).cloned().unwrap_or(Value::Null))
            }
            Some(Token::Text(text)) => Ok(Value::String(text)),
            Some(Token::Number(number)) => Ok(Value::Number(number)),
            Some(Token::Name(name)) => match name.as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                "null" => Ok(Value::Null),
                _ => Err(format!("Enumeration {name} is not known here")),
            },
            _ => {
                self.at -= 1;
                Err(format!("Syntax Error: Unexpected {}", self.next_words()))
            }
        }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.tokens.get(self.at) {
            Some(Token::Name(name)) => {
                self.at += 1;
                Ok(name.clone())
            }
            _ => Err(format!("Syntax Error: Expected Name, found {}", self.next_words())),
        }
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_there = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(format!("Syntax Error: Expected \"{sign}\", found {}", self.next_words()))
        }
    }

    fn next_words(&self) -> String {
        match self.tokens.get(self.at) {
            None => "<EOF>".to_owned(),
            Some(Token::Sign(sign)) => format!("\"{sign}\""),
            Some(Token::Name(name)) => format!("Name \"{name}\""),
            Some(Token::Text(_)) => "String".to_owned(),
            Some(Token::Number(number)) => format!("Number {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_with(text: &str, variables: &Value) -> Result<String, String> {
        let variables = variables.as_object().unwrap().clone().into_iter().collect();
        read(text, &variables).map(|operation| shown(&operation.fields))
    }

    fn shown(fields: &[SelectedField]) -> String {
        let one = |field: &SelectedField| {
            let arguments = serde_json::to_string(&field.arguments).unwrap();
            format!("{}={}{}[{}]", field.alias, field.name, arguments, shown(&field.fields))
        };
        fields.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fields_have_arguments_and_fields() {
        let text =
            "query Q($q: String!, $all: Boolean) { A(q: $q, all: $all, n: 1) { b c: d { e } } # end\n}";
        let read = read_with(text, &json!({ "q": "x\"" }));
        assert_eq!(read.as_deref(), Ok(r#"A=A{"all":null,"n":1,"q":"x\""}[b=b{}[] c=d{}[e=e{}[]]]"#));
        assert_eq!(read_with("{a(t:\"\\u00e9\")}", &json!({})).as_deref(), Ok("a=a{\"t\":\"é\"}[]"));
    }

    #[test]
    fn anything_else_is_a_syntax_error() {
        for text in [
            "",
            "{",
            "{}",
            "query {a",
            "{a}}",
            "subscription {a}",
            "{a(x)}",
            "{a(x: )}",
            "{...F}",
            "{a(x: $y)}",
            "query ($y: String) {a}",
            "query ($y: String!) {a(x: $y)}",
            "{a(x: \"open)}",
            "{a(x: 1.2.3)}",
        ] {
            assert!(read_with(text, &json!({})).is_err(), "{text}");
        }
        let deep = format!("{}{}", "{a".repeat(20), "}".repeat(20));
        assert!(read_with(&deep, &json!({})).unwrap_err().contains("nested"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[{}():!$\\[\\]=a-b \"\\\\0-9.-]{0,30}|.{0,30}") {
            let _ = read(&text, &BTreeMap::new());
        }
    }
}
