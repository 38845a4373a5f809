//! Rules that compare the attributes of one template (vendor-api.md section 4).

use crate::desired::document::GroupSource;
use crate::desired::path::PathPart;
use crate::desired::resolve::ResolvedTemplate;
use crate::desired::unlocated::{NodeRef, UnlocatedFindings};
use crate::model::{Attributes, Key, few};

/// Every template needs these.
pub(in crate::desired) const REQUIRED: [&str; 3] = ["title", "resourceType", "resourceId"];

/// Checks the attributes of one template against each other.
pub(in crate::desired) fn check(
    key: &Key,
    own: &GroupSource,
    resolved: &ResolvedTemplate<'_>,
    findings: &mut UnlocatedFindings,
) {
    let whole = own.node_ref(PathPart::Name);
    let at = |name: &str| resolved.node_ref(name).unwrap_or_else(|| whole.clone());
    if let Some(message) = missing(key, &resolved.attributes) {
        let help = Some("write it here, in the layout, or in the file's defaults".to_owned());
        findings.add_with_help(whole.clone(), "required-field", message, help);
    }
    for conflict in conflicts(&resolved.attributes) {
        let node_ref = match conflict.way_out {
            None => at(conflict.attribute),
            Some(_) => prefer_own(own, &at(conflict.beside), &at(conflict.attribute)),
        };
        findings.add_with_help(
            node_ref,
            conflict.rule,
            conflict.message,
            conflict.way_out.map(str::to_owned),
        );
    }
}

/// The required fields that the attributes lack, in words; `None` if all are present.
pub(super) fn missing(key: &Key, attributes: &Attributes) -> Option<String> {
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !attributes.has(name)).collect();
    let is = if missing.len() == 1 { "is" } else { "are" };
    (!missing.is_empty()).then(|| format!("{} {is} required in the template {key}", few(&missing)))
}

/// Two attributes that exclude or require each other.
pub(super) struct FieldConflict {
    /// The attribute that breaks the rule.
    pub(super) attribute: &'static str,
    pub(super) beside: &'static str,
    rule: &'static str,
    pub(super) message: String,
    /// What to do, where removing either of the two would help.
    way_out: Option<&'static str>,
}

/// Every pair of attributes that exclude or require each other and break that rule.
pub(super) fn conflicts(attributes: &Attributes) -> Vec<FieldConflict> {
    const ACTION: &str = "recertificationAction";
    const URL: &str = "recertificationActionUrl";
    let has = |name: &str| attributes.has(name);
    let mut conflicts = Vec::new();
    let mut add = |rule, attribute, beside, message| {
        conflicts.push(FieldConflict { attribute, beside, rule, message, way_out: None });
    };
    for (one, other) in
        [("userCustomFieldSlug", "userCustomFieldValue"), ("userCustomFieldValue", "userCustomFieldSlug")]
    {
        if has(one) && !has(other) {
            add("audience", one, other, format!("{other} is required beside {one}"));
        }
    }
    let action = attributes.text(ACTION);
    for (field, goes_with) in [
        ("recertificationActionText", "actionUrl"),
        (URL, "actionUrl"),
        ("recertificationAutoReset", "resetProgress"),
    ] {
        if has(field) && action != Some(goes_with) {
            let message = format!("{field} is allowed only beside {ACTION}: {goes_with}");
            add("recertification", field, ACTION, message);
        }
    }
    if action == Some("actionUrl") && !has(URL) {
        let message = format!("{URL} is required beside {ACTION}: actionUrl");
        add("recertification", ACTION, URL, message);
    }
    if has("expirationDate") && has("expirationDays") {
        conflicts.push(FieldConflict {
            attribute: "expirationDays",
            beside: "expirationDate",
            rule: "expiry",
            message: "expirationDate and expirationDays are both set, and at most one may be".to_owned(),
            way_out: Some("unset the one that does not count: expirationDays: ~"),
        });
    }
    conflicts
}

/// Of two places, the one inside the template itself: that is more likely the one to change.
fn prefer_own(origin: &GroupSource, one: &NodeRef, other: &NodeRef) -> NodeRef {
    let own =
        |node_ref: &NodeRef| node_ref.file == origin.file && node_ref.path.0.starts_with(&origin.path.0);
    if own(one) || !own(other) { one.clone() } else { other.clone() }
}
