//! Warns of values that the vendor accepts but that are probably mistakes. They are warnings because they depend on
//! today's date: a plan that was valid yesterday must not fail today.

use jiff::civil::Date;
use serde_json::Value;

use super::address;
use crate::desired::resolve::ResolvedTemplate;
use crate::desired::unlocated::{NodeRef, UnlocatedFinding};
use crate::model::Timestamp;

/// Every rule that leads to a warning: its id, and what it requires.
pub const WARNINGS: [(&str, &str); 8] = [
    ("alike-keys", "no key looks the same as another"),
    ("far-expiry", "a certificate expires within a hundred years, or never"),
    ("key-in-address", "an address has no key in it"),
    ("past-expiry", "a fixed day of expiry is not over"),
    ("recertification-after-expiry", "a recertification is due before the certificate expires"),
    ("recertification-unseen", "a text on recertification belongs to a certificate that expires"),
    ("unmatched-glob", "every glob of `templates` matches a file"),
    ("unread-file", "a file beside template files that looks like one is matched by a glob"),
];

const FAR_IN_YEARS: i16 = 100;
const FAR_IN_DAYS: i64 = 36_525;

/// Warnings about the attributes of one template at this time.
pub(in crate::desired) fn check(resolved: &ResolvedTemplate<'_>, now: Timestamp) -> Vec<UnlocatedFinding> {
    let text = |name| resolved.attributes.text(name);
    let number = |name| resolved.attributes.get(name).and_then(Value::as_i64);
    let mut expiry = Expiry {
        resolved,
        today: now.utc_date(),
        date: text("expirationDate"),
        days: number("expirationDays"),
        odd: Vec::new(),
    };
    expiry.is_within_reason();
    if let Some(after) = number("recertificationAfterDays") {
        expiry.comes_after_recertification(after);
    }
    expiry.is_there_for_its_texts();
    let addresses = ["asset", "supplementalAssets", "recertificationActionUrl"];
    let keys = addresses.iter().flat_map(|name| keys_in(resolved, name));
    expiry.odd.into_iter().chain(keys).collect()
}

/// When certificates expire, and what is odd about it.
struct Expiry<'r> {
    resolved: &'r ResolvedTemplate<'r>,
    today: Date,
    date: Option<&'r str>,
    days: Option<i64>,
    odd: Vec<UnlocatedFinding>,
}

impl Expiry<'_> {
    fn add(&mut self, name: &str, rule: &'static str, message: String, help: &str) {
        if let Some(node_ref) = self.resolved.node_ref(name) {
            self.odd.push(UnlocatedFinding::with_help(node_ref, rule, message, help));
        }
    }

    /// Certificates expire in the future, and within a century.
    fn is_within_reason(&mut self) {
        if let Some((date, day)) = self.date.and_then(|date| Some((date, day(date)?))) {
            if day < self.today {
                let message =
                    format!("expirationDate {date} is over: every certificate has expired when it is issued");
                let help = "write a later day, or expirationDays, which count from the issue";
                self.add("expirationDate", "past-expiry", message, help);
            } else if day.year() > self.today.year().saturating_add(FAR_IN_YEARS) {
                let message = format!("expirationDate {date} is more than {FAR_IN_YEARS} years away");
                self.add("expirationDate", "far-expiry", message, NEVER);
            }
        }
        let far = FAR_IN_DAYS + 1..=i64::from(i32::MAX);
        if let Some(days) = self.days.filter(|days| far.contains(days)) {
            let message = format!("expirationDays {days} is more than {FAR_IN_YEARS} years");
            self.add("expirationDays", "far-expiry", message, NEVER);
        }
    }

    /// A recertification that is due after so many days is due before the certificate expires.
    fn comes_after_recertification(&mut self, after: i64) {
        const FIELD: &str = "recertificationAfterDays";
        const RULE: &str = "recertification-after-expiry";
        if let Some(days) = self.days.filter(|days| after > *days) {
            let message = format!("{FIELD} {after} is too late: the certificate expires after {days} days");
            self.add(FIELD, RULE, message, "write fewer days than expirationDays");
        }
        let Some(date) = self.date else { return };
        let expiry = day(date).filter(|expiry| *expiry >= self.today);
        if expiry.is_some_and(|expiry| is_later(self.today, after, expiry)) {
            let message = format!(
                "{FIELD} {after} is too late: a certificate that is issued today has expired by then, on {date}"
            );
            self.add(FIELD, RULE, message, "write fewer days, or a later expirationDate");
        }
    }

    /// Certificates with a text on recertification expire.
    fn is_there_for_its_texts(&mut self) {
        if self.date.is_some() || self.days.is_some() {
            return;
        }
        for name in ["recertificationInstructions", "recertificationActionText"] {
            let message = format!(
                "{name} is never shown: the vendor shows it for certificates that expire, and these do not"
            );
            let help = "set expirationDays or expirationDate, or take the text away";
            self.add(name, "recertification-unseen", message, help);
        }
    }
}

/// One warning for each address of the attribute that contains a key.
fn keys_in(resolved: &ResolvedTemplate<'_>, name: &str) -> Vec<UnlocatedFinding> {
    let has_any = |value: &Value| match value {
        Value::Array(items) => items.iter().any(address::has_key),
        value => address::has_key(value),
    };
    // Nearly no address has one, so its place is looked for only then.
    let Some(value) = resolved.attributes.get(name).filter(|value| has_any(value)) else { return Vec::new() };
    let Some(node_ref) = resolved.node_ref(name) else { return Vec::new() };
    let node_refs: Vec<NodeRef> = match value {
        Value::Array(items) => {
            let of_key = items.iter().enumerate().filter(|(_, item)| address::has_key(item));
            of_key
                .map(|(number, _)| NodeRef { path: node_ref.path.item(number), ..node_ref.clone() })
                .collect()
        }
        _ => vec![node_ref],
    };
    let message = format!(
        "{name} has something in it that looks like a key: everybody who reads this file or gets a certificate sees it"
    );
    let help = "if it is a key, write an address that needs none, and have the key replaced. A signed address also stops \
                working when its signature expires";
    node_refs
        .into_iter()
        .map(|node_ref| UnlocatedFinding::with_help(node_ref, "key-in-address", message.clone(), help))
        .collect()
}

const NEVER: &str = "if certificates are never to expire, leave out both expirationDate and expirationDays";

/// Whether this many days from today is later than `day`.
fn is_later(today: Date, days: i64, day: Date) -> bool {
    jiff::Span::new()
        .try_days(days)
        .and_then(|days| today.checked_add(days))
        .map_or(days > 0, |then| then > day)
}

/// The date of a text; for a moment, its date in UTC.
fn day(text: &str) -> Option<Date> {
    let of_moment = || Some(Timestamp::parse(text)?.utc_date());
    text.parse().ok().filter(|_| text.len() == 10).or_else(of_moment)
}
