//! Rules for one template as a whole (vendor-api.md section 4).

use crate::desired::faults::{Faults, Spot};
use crate::desired::path::Part;
use crate::desired::resolve::Resolved;
use crate::desired::shape::Origin;
use crate::model::Key;

/// Without these there is no template.
const REQUIRED: [&str; 3] = ["title", "resourceType", "resourceId"];

/// Checks what attributes mean together.
pub(in crate::desired) fn check(key: &Key, own: &Origin, resolved: &Resolved<'_>, faults: &mut Faults) {
    let has = |name: &str| resolved.attributes.get(name).is_some();
    let whole = own.spot(Part::Name);
    let at = |name: &str| resolved.spot(name).unwrap_or_else(|| whole.clone());
    let missing: Vec<&str> = REQUIRED.into_iter().filter(|name| !has(name)).collect();
    if !missing.is_empty() {
        let (is, missing) =
            if missing.len() == 1 { ("is", missing.join("")) } else { ("are", listed(&missing)) };
        let message = format!("{missing} {is} required in the template {key}");
        let help = Some("write it here, in the layout, or in the file's defaults".to_owned());
        faults.add_with_help(whole.clone(), "required-field", message, help);
    }
    if has("expirationDate") && has("expirationDays") {
        let message = format!(
            "expirationDate and expirationDays are both set in the template {key}, and at most one may be"
        );
        let help = Some("unset the one that does not count: expirationDays: ~".to_owned());
        let spot = prefer_own(own, &at("expirationDate"), &at("expirationDays"));
        faults.add_with_help(spot, "expiry", message, help);
    }
    for (one, other) in
        [("userCustomFieldSlug", "userCustomFieldValue"), ("userCustomFieldValue", "userCustomFieldSlug")]
    {
        if has(one) && !has(other) {
            faults.add(at(one), "audience", format!("{other} is required beside {one}"));
        }
    }
    recertification(resolved, &at, faults);
}

/// `title, resourceType and resourceId`.
fn listed(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.join(""),
    }
}

fn recertification(resolved: &Resolved<'_>, at: &dyn Fn(&str) -> Spot, faults: &mut Faults) {
    let has = |name: &str| resolved.attributes.get(name).is_some();
    let action = resolved.attributes.text("recertificationAction");
    for (field, goes_with) in [
        ("recertificationActionText", "actionUrl"),
        ("recertificationActionUrl", "actionUrl"),
        ("recertificationAutoReset", "resetProgress"),
    ] {
        if has(field) && action != Some(goes_with) {
            let message = format!("{field} is allowed only beside recertificationAction: {goes_with}");
            faults.add(at(field), "recertification", message);
        }
    }
    if action == Some("actionUrl") && !has("recertificationActionUrl") {
        let message =
            "recertificationActionUrl is required beside recertificationAction: actionUrl".to_owned();
        faults.add(at("recertificationAction"), "recertification", message);
    }
}

/// The one of two places that is in the template itself: that is where a change is most likely meant.
fn prefer_own(origin: &Origin, one: &Spot, other: &Spot) -> Spot {
    let own = |spot: &Spot| spot.file == origin.file && spot.path.0.starts_with(&origin.path.0);
    if own(one) || !own(other) { one.clone() } else { other.clone() }
}
