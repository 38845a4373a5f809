//! Rules for one template as a whole (vendor-api.md section 4).

use crate::desired::document::GroupSource;
use crate::desired::path::PathPart;
use crate::desired::resolve::ResolvedTemplate;
use crate::desired::unlocated::{NodeRef, UnlocatedFindings};
use crate::model::{Attributes, Key, few};

/// Without these there is no template.
const REQUIRED: [&str; 3] = ["title", "resourceType", "resourceId"];

/// Checks what attributes mean together.
pub(in crate::desired) fn check(
    key: &Key,
    own: &GroupSource,
    resolved: &ResolvedTemplate<'_>,
    faults: &mut UnlocatedFindings,
) {
    let whole = own.spot(PathPart::Name);
    let at = |name: &str| resolved.spot(name).unwrap_or_else(|| whole.clone());
    if let Some(message) = missing(key, &resolved.attributes) {
        let help = Some("write it here, in the layout, or in the file's defaults".to_owned());
        faults.add_with_help(whole.clone(), "required-field", message, help);
    }
    for clash in clashes(&resolved.attributes) {
        let spot = match clash.way_out {
            None => at(clash.attribute),
            Some(_) => prefer_own(own, &at(clash.beside), &at(clash.attribute)),
        };
        faults.add_with_help(spot, clash.rule, clash.message, clash.way_out.map(str::to_owned));
    }
}

/// What a template lacks that every template has, in words.
pub(super) fn missing(key: &Key, attributes: &Attributes) -> Option<String> {
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !attributes.has(name)).collect();
    let is = if missing.len() == 1 { "is" } else { "are" };
    (!missing.is_empty()).then(|| format!("{} {is} required in the template {key}", few(&missing)))
}

/// Two attributes that do not go together.
pub(super) struct FieldConflict {
    /// The one that is at fault.
    pub(super) attribute: &'static str,
    pub(super) beside: &'static str,
    rule: &'static str,
    pub(super) message: String,
    /// What to do where either of the two may be the one to go.
    way_out: Option<&'static str>,
}

/// The attributes that do not go together.
pub(super) fn clashes(attributes: &Attributes) -> Vec<FieldConflict> {
    const ACTION: &str = "recertificationAction";
    const URL: &str = "recertificationActionUrl";
    let has = |name: &str| attributes.has(name);
    let mut clashes = Vec::new();
    let mut add = |rule, attribute, beside, message| {
        clashes.push(FieldConflict { attribute, beside, rule, message, way_out: None });
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
        clashes.push(FieldConflict {
            attribute: "expirationDays",
            beside: "expirationDate",
            rule: "expiry",
            message: "expirationDate and expirationDays are both set, and at most one may be".to_owned(),
            way_out: Some("unset the one that does not count: expirationDays: ~"),
        });
    }
    clashes
}

/// The one of two places that is in the template itself: that is where a change is most likely meant.
fn prefer_own(origin: &GroupSource, one: &NodeRef, other: &NodeRef) -> NodeRef {
    let own = |spot: &NodeRef| spot.file == origin.file && spot.path.0.starts_with(&origin.path.0);
    if own(one) || !own(other) { one.clone() } else { other.clone() }
}
