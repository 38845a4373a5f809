//! Canonical JSON: one text for one value, whatever the order of its members. Digests and files depend on it.
//!
//! Members are sorted while they are written. The order of `serde_json`'s map would not do, because any crate of the
//! build can change it (`serde_json/preserve_order`), nor would the order of a struct's fields.

use std::cell::RefCell;
use std::io;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;

/// The canonical JSON of a value: object members sorted by name (by Unicode code point), no white space, no
/// escapes that JSON does not require, numbers as `serde_json` prints them.
pub fn canonical_json(value: &Value) -> String {
    // Names are texts and the output goes to memory: this cannot fail.
    canonical_text(value).unwrap_or_default()
}

/// [`canonical_json`] of any serialisable value.
pub fn canonical_text(value: &impl Serialize) -> Result<String, serde_json::Error> {
    write(value, None, 0)
}

/// The same order with one member per line, for files that people compare.
pub fn sorted_pretty_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    sorted_pretty_json_inside(value, 0)
}

/// [`sorted_pretty_json`] of a value inside so many objects: every line but the first is indented as it is there.
pub fn sorted_pretty_json_inside(value: &impl Serialize, depth: usize) -> Result<String, serde_json::Error> {
    write(value, Some("  "), depth)
}

fn write(
    value: &impl Serialize,
    indent: Option<&'static str>,
    depth: usize,
) -> Result<String, serde_json::Error> {
    let text = RefCell::new(Vec::new());
    let sorter = Sorter { text: &text, indent, depth, open: Vec::new() };
    value.serialize(&mut serde_json::Serializer::with_formatter(Sink(&text), sorter))?;
    String::from_utf8(text.into_inner()).map_err(serde::ser::Error::custom)
}

/// Receives what `serde_json` writes itself: names and leaves.
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

/// Writes everything around names and leaves, and sorts an object's members when the object ends.
struct Sorter<'t> {
    text: &'t RefCell<Vec<u8>>,
    indent: Option<&'static str>,
    /// The number of objects around the value.
    depth: usize,
    open: Vec<OpenContainer>,
}

/// An array or object that has not ended.
#[derive(Default)]
struct OpenContainer {
    filled: bool,
    members: Vec<MemberSpan>,
}

struct MemberSpan {
    name: String,
    /// The range of its name and value in the text, without separators.
    text: Range<usize>,
}

impl Sorter<'_> {
    fn push(&self, text: &str) {
        self.text.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn begin(&mut self, bracket: &str) {
        self.push(bracket);
        self.open.push(OpenContainer::default());
    }

    fn end(&mut self, bracket: &str) {
        let ended = self.open.pop().unwrap_or_default();
        if !ended.members.is_sorted_by(|a, b| a.name <= b.name) {
            self.sort(ended.members);
        }
        if ended.filled {
            self.break_line();
        }
        self.push(bracket);
    }

    /// Writes a line break with indentation; nothing in the compact form.
    fn break_line(&self) {
        let Some(indent) = self.indent else { return };
        let mut text = self.text.borrow_mut();
        text.push(b'\n');
        (0..self.depth + self.open.len()).for_each(|_| text.extend_from_slice(indent.as_bytes()));
    }

    /// Writes what precedes an item or a member.
    fn separate(&mut self, first: bool) {
        if !first {
            self.push(",");
        }
        self.break_line();
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
        let mut depth = self.depth + self.open.len();
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

    /// Sorts the members of an object. Its text keeps its length, so the ranges around it stay valid.
    fn sort(&self, mut members: Vec<MemberSpan>) {
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
            open.members.push(MemberSpan { name: String::new(), text: at..at });
        }
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if let Some(member) = self.open.last_mut().and_then(|open| open.members.last_mut()) {
            // Sort by the names themselves, not by their escapes.
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

    /// JSON whose members keep their order, like `serde_json`'s map with the feature `preserve_order`.
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
    fn struct_fields_are_sorted_too() {
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
        fn member_order_never_changes_the_text(value in any_json()) {
            // A BTreeMap is sorted whatever features are on.
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
