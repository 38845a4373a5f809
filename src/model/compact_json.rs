//! Reads JSON directly into its canonical text, without building maps for values that are only compared. `Attributes` uses
//! it when a state or plan is read.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::depth::MAX_DEPTH;
use super::json_text::{needs_escapes, push_string, push_value};
use super::{Attributes, SharedValue};

/// Reads the value of the attribute with this name. A value that is nested too deeply is an error.
pub(super) struct AttributeValue<'n>(pub(super) &'n str);

impl<'de> DeserializeSeed<'de> for AttributeValue<'_> {
    type Value = SharedValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<SharedValue, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AttributeValue<'_> {
    type Value = SharedValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<SharedValue, E> {
        Ok(SharedValue::new(self.0, Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<SharedValue, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<SharedValue, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<SharedValue, E> {
        Ok(SharedValue::new(self.0, value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<SharedValue, E> {
        Ok(SharedValue::new(self.0, value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<SharedValue, E> {
        Ok(SharedValue::new(self.0, value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<SharedValue, E> {
        Ok(SharedValue::new(self.0, value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<SharedValue, E> {
        Ok(SharedValue::of_text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<SharedValue, A::Error> {
        let mut writer = CanonicalWriter::new(self.0 == Attributes::LABELS);
        writer.visit_seq(items)?;
        writer.finish(self.0)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<SharedValue, A::Error> {
        let mut writer = CanonicalWriter::new(false);
        writer.visit_map(members)?;
        writer.finish(self.0)
    }
}

/// Copies JSON to text, in the order of the input.
struct CanonicalWriter {
    text: String,
    /// The number of open lists and objects.
    depth: usize,
    deepest: usize,
    /// Whether the value is the list of labels.
    is_labels: bool,
    /// The range of the last label's field in the text.
    label_field: Option<Range<usize>>,
    /// Whether the order may differ from that of the canonical text.
    is_out_of_order: bool,
}

impl CanonicalWriter {
    fn new(is_labels: bool) -> Self {
        Self {
            text: String::with_capacity(1 << 10),
            depth: 0,
            deepest: 0,
            is_labels,
            label_field: None,
            is_out_of_order: false,
        }
    }

    fn finish<E: Error>(self, name: &str) -> Result<SharedValue, E> {
        if self.deepest > MAX_DEPTH {
            return Err(E::custom(format!("{name} is nested too deeply")));
        }
        if self.is_out_of_order {
            Ok(SharedValue::new(name, serde_json::from_str(&self.text).map_err(E::custom)?))
        } else {
            Ok(SharedValue::of_canonical(&self.text))
        }
    }

    fn leaf(&mut self, leaf: impl Into<Value>) {
        push_value(&mut self.text, &leaf.into());
    }

    /// Writes a name; returns its range without the quotes.
    fn name(&mut self, name: &str) -> Range<usize> {
        let start = self.text.len() + 1;
        push_string(&mut self.text, name);
        // Escapes sort differently from the characters that they represent.
        self.is_out_of_order |= needs_escapes(name);
        start..self.text.len() - 1
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    /// Closes with this bracket, which replaces the comma after the last part.
    fn close(&mut self, bracket: char, is_empty: bool) {
        if !is_empty {
            self.text.pop();
        }
        self.text.push(bracket);
        self.depth -= 1;
    }
}

impl<'de> DeserializeSeed<'de> for &mut CanonicalWriter {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut CanonicalWriter {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.leaf(Value::Null);
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        push_string(&mut self.text, value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.open('[');
        let (mut is_empty, mut before) = (true, None);
        loop {
            self.label_field = None;
            if items.next_element_seed(&mut *self)?.is_none() {
                break;
            }
            self.text.push(',');
            if self.is_labels && self.depth == 1 {
                let field = |range: &Option<Range<usize>>| range.clone().map(|range| &self.text[range]);
                self.is_out_of_order |= !is_empty && field(&before) > field(&self.label_field);
                before.clone_from(&self.label_field);
            }
            is_empty = false;
        }
        self.close(']', is_empty);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.open('{');
        let (mut field, mut before) = (None, None);
        while let Some(name) = members.next_key_seed(Name(self))? {
            if let Some(before) = &before {
                self.is_out_of_order |= self.text[Range::clone(before)] >= self.text[name.clone()];
            }
            self.text.push(':');
            let start = self.text.len();
            members.next_value_seed(&mut *self)?;
            if self.is_labels && self.text[name.clone()] == *Attributes::LABEL_FIELD {
                let value = start..self.text.len();
                let is_text = self.text[value.clone()].starts_with('"');
                self.is_out_of_order |= self.text[value.clone()].contains('\\');
                field = is_text.then(|| value.start + 1..value.end - 1);
            }
            self.text.push(',');
            before = Some(name);
        }
        self.close('}', before.is_none());
        self.label_field = field;
        Ok(())
    }
}

/// Writes a member's name and returns its range.
struct Name<'w>(&'w mut CanonicalWriter);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Range<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Range<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.name(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::canonical_json;

    fn read(name: &str, json: &str) -> Result<SharedValue, serde_json::Error> {
        AttributeValue(name).deserialize(&mut serde_json::Deserializer::from_str(json))
    }

    fn pushed(value: &SharedValue) -> String {
        let mut text = String::new();
        value.push_json(&mut text);
        text
    }

    /// JSON with members in any order, duplicate members and white space.
    fn any_text() -> impl Strategy<Value = String> {
        let quoted = |text: String| Value::from(text).to_string();
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("-0.0".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| Value::from(n).to_string()),
            "\\PC{0,3}".prop_map(quoted),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let name =
                prop_oneof![Just("certificateFieldId".to_owned()), "[a-c\"\\\\]{0,2}"].prop_map(quoted);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec((name, inner), 0..5).prop_map(|members| {
                    let members: Vec<String> =
                        members.iter().map(|(name, value)| format!("{name} : {value}")).collect();
                    format!("{{ {} }}", members.join(" ,\n"))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn result_equals_the_parsed_value(name in prop_oneof![Just("labels"), Just("extra")], json in any_text()) {
            let (read, value) = (read(name, &json).unwrap(), serde_json::from_str(&json).unwrap());
            let expected = SharedValue::new(name, value);
            prop_assert_eq!(pushed(&read), pushed(&expected), "{}", json);
            prop_assert_eq!(pushed(&read), canonical_json(&expected));
            prop_assert!(read.is_identical_to(&expected));
        }
    }

    #[test]
    fn too_deep_values_are_rejected() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read("x", &nested(MAX_DEPTH)).is_ok());
        let refused = read("x", &nested(MAX_DEPTH + 1)).unwrap_err();
        assert!(refused.to_string().starts_with("x is nested too deeply"), "{refused}");
    }
}
