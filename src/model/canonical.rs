//! One text for one value, whatever order its parts came in.
//!
//! Members are sorted here, by what is written, and not left to the order of a map type or of a struct's fields: the
//! first depends on a feature that any crate of the build can switch on (`serde_json/preserve_order`), the second on
//! nobody adding a field in the wrong place.

use std::cell::RefCell;
use std::io;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;

/// The canonical JSON of a value: object members sorted by name (by Unicode code point), no white space, no
/// escapes that JSON does not require, numbers as `serde_json` prints them.
pub fn canonical_json(value: &Value) -> String {
    // A value has text for every name and is written to memory: there is nothing that could fail.
    canonical_text(value).unwrap_or_default()
}

/// [`canonical_json`] of anything that can be serialised.
pub fn canonical_text(value: &impl Serialize) -> Result<String, serde_json::Error> {
    write(value, None)
}

/// The same members in the same order, one a line: for files that people compare.
pub fn sorted_pretty_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    write(value, Some("  "))
}

fn write(value: &impl Serialize, indent: Option<&'static str>) -> Result<String, serde_json::Error> {
    let text = RefCell::new(Vec::new());
    let sorter = Sorter { text: &text, indent, open: Vec::new() };
    value.serialize(&mut serde_json::Serializer::with_formatter(Sink(&text), sorter))?;
    String::from_utf8(text.into_inner()).map_err(serde::ser::Error::custom)
}

/// Where `serde_json` writes what it writes by itself: names and leaves.
struct Sink<'t>(&'t RefCell<Vec<u8>>);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what is around names and leaves, and puts an object's members in order when it ends.
struct Sorter<'t> {
    text: &'t RefCell<Vec<u8>>,
    indent: Option<&'static str>,
    open: Vec<Open>,
}

/// An array or object that has not ended.
#[derive(Default)]
struct Open {
    filled: bool,
    members: Vec<Member>,
}

struct Member {
    name: String,
    /// Where its name and value stand in the text, without what separates it from its neighbours.
    text: Range<usize>,
}

impl Sorter<'_> {
    fn push(&self, text: &str) {
        self.text.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn begin(&mut self, bracket: &str) {
        self.push(bracket);
        self.open.push(Open::default());
    }

    fn end(&mut self, bracket: &str) {
        let ended = self.open.pop().unwrap_or_default();
        if !ended.members.is_sorted_by(|a, b| a.name <= b.name) {
            self.sort(ended.members);
        }
        if ended.filled {
            self.push(&self.line_break());
        }
        self.push(bracket);
    }

    /// A new line, indented for what is open; nothing in the form without white space.
    fn line_break(&self) -> String {
        self.indent.map(|indent| format!("\n{}", indent.repeat(self.open.len()))).unwrap_or_default()
    }

    /// What comes before an item or a member.
    fn separate(&mut self, first: bool) {
        if !first {
            self.push(",");
        }
        self.push(&self.line_break());
        if let Some(open) = self.open.last_mut() {
            open.filled = true;
        }
    }

    fn position(&self) -> usize {
        self.text.borrow().len()
    }

    /// Adds canonical JSON, which has its members in order, with the white space that belongs here.
    fn push_canonical(&self, json: &str) {
        let Some(indent) = self.indent else { return self.push(json) };
        let mut text = self.text.borrow_mut();
        let mut depth = self.open.len();
        let (mut is_in_string, mut is_escaped, mut before) = (false, false, b' ');
        for byte in json.bytes() {
            if is_in_string {
                is_in_string = byte != b'"' || is_escaped;
                is_escaped = byte == b'\\' && !is_escaped;
                text.push(byte);
                before = byte;
                continue;
            }
            is_in_string = byte == b'"';
            depth -= usize::from(matches!(byte, b'}' | b']'));
            let is_empty = matches!((before, byte), (b'{', b'}') | (b'[', b']'));
            let begins_line = matches!(before, b'{' | b'[' | b',') || matches!(byte, b'}' | b']');
            if begins_line && !is_empty {
                text.push(b'\n');
                (0..depth).for_each(|_| text.extend_from_slice(indent.as_bytes()));
            }
            depth += usize::from(matches!(byte, b'{' | b'['));
            text.push(byte);
            if byte == b':' {
                text.push(b' ');
            }
            before = byte;
        }
    }

    /// Puts the members of an object in order. Its text keeps its length, so what is around it keeps its place.
    fn sort(&self, mut members: Vec<Member>) {
        let mut text = self.text.borrow_mut();
        let (Some(first), Some(second)) = (members.first(), members.get(1)) else { return };
        let start = first.text.start;
        let separator = text[first.text.end..second.text.start].to_vec();
        let mut sorted = Vec::with_capacity(text.len() - start);
        members.sort_by(|a, b| a.name.cmp(&b.name));
        for (position, member) in members.into_iter().enumerate() {
            if position > 0 {
                sorted.extend_from_slice(&separator);
            }
            sorted.extend_from_slice(&text[member.text]);
        }
        text.truncate(start);
        text.append(&mut sorted);
    }
}

impl Formatter for Sorter<'_> {
    fn begin_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.begin("[");
        Ok(())
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.end("]");
        Ok(())
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.separate(first);
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.begin("{");
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.end("}");
        Ok(())
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.separate(first);
        let at = self.position();
        if let Some(open) = self.open.last_mut() {
            open.members.push(Member { name: String::new(), text: at..at });
        }
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if let Some(member) = self.open.last_mut().and_then(|open| open.members.last_mut()) {
            // The order is that of the names, not of the escapes by which they are written.
            member.name = serde_json::from_slice(&self.text.borrow()[member.text.start..])?;
        }
        Ok(())
    }

    fn write_raw_fragment<W: ?Sized + io::Write>(&mut self, _: &mut W, json: &str) -> io::Result<()> {
        self.push_canonical(json);
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.push(if self.indent.is_some() { ": " } else { ":" });
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.position();
        if let Some(member) = self.open.last_mut().and_then(|open| open.members.last_mut()) {
            member.text.end = at;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Serializer;
    use serde_json::json;

    /// An object whose members come in the order in which they are here, as those of `serde_json`'s map do where a crate
    /// of the build has switched `preserve_order` on.
    #[derive(Clone, Debug)]
    enum Ordered {
        Leaf(Value),
        List(Vec<Self>),
        Object(Vec<(String, Self)>),
    }

    impl Serialize for Ordered {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::Leaf(value) => value.serialize(serializer),
                Self::List(items) => items.serialize(serializer),
                Self::Object(members) => {
                    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
                }
            }
        }
    }

    impl Ordered {
        fn value(&self) -> Value {
            match self {
                Self::Leaf(value) => value.clone(),
                Self::List(items) => items.iter().map(Self::value).collect(),
                Self::Object(members) => {
                    members.iter().map(|(name, value)| (name.clone(), value.value())).collect()
                }
            }
        }
    }

    fn any_json() -> impl Strategy<Value = Ordered> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_map(Ordered::Leaf).prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Ordered::List),
                prop::collection::btree_map(".{0,4}", inner, 0..6)
                    .prop_map(|members| members.into_iter().collect::<Vec<_>>())
                    .prop_shuffle()
                    .prop_map(Ordered::Object),
            ]
        })
    }

    #[test]
    fn members_are_sorted_at_every_level() {
        let value = json!({"b": [{"z": 1, "a": "é\n"}], "a": null});
        assert_eq!(canonical_json(&value), r#"{"a":null,"b":[{"a":"é\n","z":1}]}"#);
    }

    #[test]
    fn fields_of_a_struct_are_sorted_too() {
        #[derive(Serialize)]
        struct Unsorted {
            second: u8,
            first: Inner,
        }
        #[derive(Serialize)]
        struct Inner {
            b: Vec<u8>,
            a: Option<u8>,
        }
        let value = Unsorted { second: 2, first: Inner { b: vec![], a: None } };
        assert_eq!(canonical_text(&value).unwrap(), r#"{"first":{"a":null,"b":[]},"second":2}"#);
        let pretty = "{\n  \"first\": {\n    \"a\": null,\n    \"b\": []\n  },\n  \"second\": 2\n}";
        assert_eq!(sorted_pretty_json(&value).unwrap(), pretty);
    }

    #[test]
    fn names_are_compared_without_their_escapes() {
        let names = ["\u{1}", "!", "\"", "a", "a!", "a\"", "\\", "é", "\u{10000}"];
        let mut sorted = names;
        sorted.sort_unstable();
        let object = |names: [&str; 9]| {
            Ordered::Object(names.map(|name| (name.to_owned(), Ordered::List(Vec::new()))).to_vec())
        };
        let text = canonical_text(&object(names)).unwrap();
        assert_eq!(text, serde_json::to_string(&object(sorted)).unwrap());
    }

    proptest! {
        #[test]
        fn no_order_of_a_map_changes_a_byte(value in any_json()) {
            // The reference sorts with a map that is sorted whatever the features are.
            fn sorted(value: &Value) -> Ordered {
                match value {
                    Value::Object(members) => {
                        let members: std::collections::BTreeMap<_, _> =
                            members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
                        Ordered::Object(members.into_iter().collect())
                    }
                    Value::Array(items) => Ordered::List(items.iter().map(sorted).collect()),
                    leaf => Ordered::Leaf(leaf.clone()),
                }
            }
            let reference = sorted(&value.value());
            let text = canonical_text(&value).unwrap();
            prop_assert_eq!(&text, &serde_json::to_string(&reference).unwrap());
            prop_assert_eq!(&canonical_json(&value.value()), &text);
            let pretty = sorted_pretty_json(&value).unwrap();
            prop_assert_eq!(pretty, serde_json::to_string_pretty(&reference).unwrap());
            let raw = serde_json::value::RawValue::from_string(text.clone()).unwrap();
            let (inside, whole) = (json!([{"x": value.value()}]), [std::collections::BTreeMap::from([("x", &raw)])]);
            prop_assert_eq!(canonical_text(&whole).unwrap(), canonical_json(&inside));
            prop_assert_eq!(sorted_pretty_json(&whole).unwrap(), sorted_pretty_json(&inside).unwrap());
            let again: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(canonical_json(&again), text);
        }
    }
}
