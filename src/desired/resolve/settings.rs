//! What a template says beside its attributes: the layout it uses, whether it is protected, and fields for the vendor
//! that certctl does not know.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::Variable;
use crate::desired::check::attributes::ID;
use crate::desired::document::{GroupSource, WrittenLayout};
use crate::desired::fields::{LAYOUT, field};
use crate::desired::missing::Missing;
use crate::desired::path::PathPart;
use crate::desired::path_cursor::PathCursor;
use crate::desired::tree::Node;
use crate::desired::unlocated::UnlocatedFindings;
use crate::desired::values::Values;

/// The settings of a template as written.
pub(super) struct WrittenSettings {
    pub(super) layout: WrittenLayout,
    pub(super) protect: Node,
    pub(super) extra: Vec<(String, Node)>,
}

/// The settings of a template with variables substituted.
pub(super) struct TemplateSettings {
    pub(super) layout: LayoutName,
    pub(super) protect: bool,
    pub(super) extra: Vec<(String, Value)>,
    /// Variables without a value.
    pub(super) missing: Missing,
}

/// The name of a template's layout.
pub(super) enum LayoutName {
    /// Nothing is said about it.
    Unsaid,
    /// There is to be none.
    Unset,
    /// A variable in the name has no value, which is reported elsewhere.
    Unknown,
    Named(String),
}

impl LayoutName {
    /// Substitutes variables in the name.
    pub(super) fn resolve(written: WrittenLayout, values: &mut Values<'_>, at: &PathCursor<'_>) -> Self {
        let name = match written {
            WrittenLayout::Unsaid => return Self::Unsaid,
            WrittenLayout::Unset => return Self::Unset,
            WrittenLayout::Named(name) => values.string(&name, at),
        };
        if values.reported.is_empty() { Self::Named(name) } else { Self::Unknown }
    }
}

impl WrittenSettings {
    /// Substitutes variables and checks the settings. `origin` is where the template is written.
    pub(super) fn resolve(
        self,
        origin: &GroupSource,
        variables: &BTreeMap<String, Variable>,
        findings: &mut UnlocatedFindings,
    ) -> TemplateSettings {
        let mut missing = Missing::default();
        let mut values = Values::new(variables, findings, &mut missing);
        let top = PathCursor::at(origin);
        let layout = LayoutName::resolve(self.layout, &mut values, &top.member(LAYOUT));
        let protect = values.boolean(self.protect, "protect", &top.member("protect")).unwrap_or_default();
        let extra = values.extra(self.extra, &top.member("extra"));
        check_extra(&extra, &top.member("extra"), findings);
        TemplateSettings { layout, protect, extra, missing }
    }
}

/// Reports fields in `extra` that certctl sends itself.
fn check_extra(extra: &[(String, Value)], at: &PathCursor<'_>, findings: &mut UnlocatedFindings) {
    for (name, _) in extra {
        let message = match name.as_str() {
            ID => {
                "id is not allowed in extra: it would make the request one about another template".to_owned()
            }
            name if field(name).is_some() => {
                format!("{name} is a field that certctl knows: write it beside extra, not in it")
            }
            _ => continue,
        };
        findings.add(at.member(name).node_ref(PathPart::Name), "extra", message);
    }
}
