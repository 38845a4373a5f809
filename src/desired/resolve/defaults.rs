//! Prepares the `defaults` of a file: attributes and a layout for those of its templates that say nothing else.

use super::group::{PreparedGroup, ValueSources, prepare};
use super::layouts::{ChosenLayout, Layouts};
use super::settings::LayoutName;
use crate::desired::document::RawDefaults;
use crate::desired::fields::LAYOUT;
use crate::desired::missing::Missing;
use crate::desired::path_cursor::PathCursor;
use crate::desired::unlocated::UnlocatedFindings;
use crate::desired::values::Values;

/// The `defaults` of a file with variables substituted.
pub(super) struct PreparedDefaults<'a> {
    pub(super) group: PreparedGroup,
    /// The layout of templates that say nothing about theirs.
    pub(super) layout: ChosenLayout<'a>,
    /// Variables without a value in the name of that layout.
    pub(super) missing_in_layout: Missing,
}

impl<'a> PreparedDefaults<'a> {
    /// Substitutes variables, checks each value and finds the layout.
    pub(super) fn prepare(
        defaults: RawDefaults,
        layouts: &'a Layouts,
        from: ValueSources<'_>,
        findings: &mut UnlocatedFindings,
    ) -> Self {
        let RawDefaults { group, layout, .. } = defaults;
        let group = prepare(group, from, findings);
        let mut missing_in_layout = Missing::default();
        let mut values = Values::new(from.variables, findings, &mut missing_in_layout);
        let name = LayoutName::resolve(layout, &mut values, &PathCursor::at(&group.origin).member(LAYOUT));
        let layout = layouts.choose(&name, &group.origin, findings).unwrap_or(ChosenLayout::Absent);
        Self { group, layout, missing_in_layout }
    }
}
