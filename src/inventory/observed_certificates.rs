//! Reads the observer's certificates into an observation (vendor-api.md section 6.2).
//!
//! The certificate says which course or learning path its template is for; the template alone does not. What a
//! certificate does not show, or cannot be read of it, stays unknown. A deleted certificate shows nothing: its template
//! may be gone as well.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::cell;
use super::certificate_value::{UnfitProperty, value};
use super::observation::{resource_of, told_apart};
use super::unread_certificates::{says_what_it_is_for, why_not_read};
use super::write::NamedField;
use super::{AsOf, Foreign, Observation, ObservationSource, Observed, SeenAt, Unreadable};
use crate::desired::{label_objections, objections};
use crate::model::{
    Attributes, Field, Finding, NaturalKey, SourceLocation, TEMPLATE_FIELDS, TemplateId, Timestamp, clock,
};

/// What was asked of an observer and answered.
#[derive(Clone, Debug)]
pub struct SeenCertificates<'a> {
    /// The host of the instance.
    pub host: &'a str,
    /// Each certificate, under the server's names. A member that is missing was not read; one that is null is empty.
    pub certificates: &'a [Map<String, Value>],
    /// The properties of templates that were read of every certificate.
    pub whole: &'a BTreeSet<&'static str>,
    /// Certificates that changed while they were read.
    pub changed: &'a [String],
    /// How many certificates came without an id.
    pub nameless: usize,
    /// What the server said if it refused the list of certificates.
    pub refused: Option<&'a str>,
    /// Whether certificates are known to show templates as they are.
    pub shows_now: bool,
    /// When the first question was asked.
    pub asked_at: Timestamp,
}

/// What certificates show.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCertificates {
    /// The templates, each as its newest certificate shows it.
    pub observation: Observation,
    /// Templates that two certificates show with different contents.
    pub differing: Vec<TemplateId>,
}

const RULE: &str = "certificate";
const EXPORTS: &str = "Use the exports of the reporting product instead";
const AGAIN: &str = "Look at the template in the admin page, and run this again";

/// Reads the certificates. What cannot be read becomes a finding, and settles nothing.
pub fn read_observer(seen: &SeenCertificates<'_>) -> ReadCertificates {
    let source = ObservationSource::Observer { host: seen.host.to_owned() };
    let mut reader = CertificateReader {
        seen,
        observation: Observation {
            taken_at: Some(seen.asked_at),
            shown: seen.whole.iter().copied().filter(|name| *name != "id").collect(),
            ..Observation::empty(source)
        },
        by_id: BTreeMap::new(),
        differing: Vec::new(),
        unread: 0,
    };
    reader.observation.shown.extend(RESOURCE);
    for certificate in seen.certificates {
        reader.certificate(certificate);
    }
    reader.report_unread();
    reader.finish()
}

pub(super) const RESOURCE: [&str; 2] = ["resourceType", "resourceId"];
pub(super) const TEMPLATE: &str = "certificateTemplate";

/// What people call the certificate fields, by id. A field without a readable id is left out: names only make variables
/// readable.
pub fn read_field_names(fields: &[Map<String, Value>]) -> BTreeMap<String, NamedField> {
    let named = |field: &Map<String, Value>| {
        let id = cell::uuid("id", text(field, "id")?).ok()?;
        let own = |name: &str| text(field, name).map(str::to_owned);
        Some((id, NamedField { label: own("label"), kind: own("type") }))
    };
    fields.iter().filter_map(named).collect()
}

struct CertificateReader<'a> {
    seen: &'a SeenCertificates<'a>,
    observation: Observation,
    /// What the certificates of each template show.
    by_id: BTreeMap<TemplateId, Vec<ShownTemplate>>,
    differing: Vec<TemplateId>,
    /// How many certificates could not be asked for what they are for.
    unread: usize,
}

/// What one certificate shows.
struct ShownTemplate {
    template: Observed,
    issued_at: Timestamp,
}

/// A certificate that shows something.
struct HeldCertificate<'c> {
    issued_at: Timestamp,
    template: &'c Map<String, Value>,
    resource: NaturalKey,
}

impl CertificateReader<'_> {
    fn certificate(&mut self, certificate: &Map<String, Value>) {
        if !says_what_it_is_for(certificate) {
            return self.unread(certificate);
        }
        let is = |name: &str| certificate.get(name) == Some(&Value::Bool(true));
        let template = match certificate.get(TEMPLATE) {
            // A certificate of another academy has no template here.
            _ if is("deleted") || is("isExternal") => return,
            None | Some(Value::Null) => return,
            Some(template) => template.as_object(),
        };
        let id = text(certificate, "id").unwrap_or("without an id");
        let resource_type = text(certificate, "resourceType").unwrap_or_default();
        let resource_id = text(certificate, "resourceId").unwrap_or_default();
        let issued_at = text(certificate, "issuedAt").and_then(Timestamp::parse);
        let seen_at = SeenAt::Certificate { id: id.to_owned(), issued_at };
        let known_type = cell::resource_type(resource_type);
        if known_type.is_none() && !resource_type.is_empty() {
            self.observation.foreign.push(Foreign { resource_type: resource_type.to_owned(), seen_at });
            return;
        }
        let resource = NaturalKey {
            resource_type: known_type.unwrap_or_default().to_owned(),
            resource_id: cell::uuid("resourceId", resource_id).unwrap_or_else(|_| resource_id.to_lowercase()),
            user_custom_field_slug: None,
            user_custom_field_value: None,
        };
        let held = match (template, issued_at) {
            _ if self.seen.changed.iter().any(|changed| changed == id) => {
                Err("it changed while it was read".to_owned())
            }
            (None, _) => Err("its template is not an object".to_owned()),
            (_, None) => Err("the time of its issue (issuedAt) cannot be read".to_owned()),
            (_, Some(at)) if clock::is_before(self.seen.asked_at, at) => {
                Err(format!("it was issued at {at}, which is in the future by this machine's clock"))
            }
            (Some(template), Some(issued_at)) => {
                Ok(HeldCertificate { issued_at, template, resource: resource.clone() })
            }
        };
        let read = held.map_err(|why| vec![why]).and_then(|held| self.template(&held, &seen_at));
        match read {
            Ok(shown) => self.by_id.entry(shown.template.id.clone()).or_default().push(shown),
            Err(messages) => self.unreadable(id, resource, seen_at, messages),
        }
    }

    /// Reads the template of a certificate; the error is everything that is wrong with it.
    fn template(&self, held: &HeldCertificate<'_>, seen_at: &SeenAt) -> Result<ShownTemplate, Vec<String>> {
        let mut wrong = Vec::new();
        let id = text(held.template, "id").ok_or_else(|| "its template has no id".to_owned());
        let id = id.and_then(TemplateId::parse_uuid).map_err(|why| wrong.push(why)).ok();
        if held.resource.resource_type.is_empty() {
            wrong.push("resourceType is missing".to_owned());
        }
        if let Err(unreadable) = cell::uuid("resourceId", &held.resource.resource_id) {
            wrong.push(unreadable.message);
        }
        let mut values = values(held.template, &mut wrong);
        for (name, text) in
            RESOURCE.into_iter().zip([&held.resource.resource_type, &held.resource.resource_id])
        {
            values.insert(name, Value::String(text.clone()));
        }
        let (values, is_false) = told_apart(values);
        wrong.extend(self.refused(&values));
        let shows_audience = ["userCustomFieldSlug", "userCustomFieldValue"]
            .iter()
            .all(|name| held.template.contains_key(*name));
        let natural_key = audience(&values, &held.resource, shows_audience, &mut wrong);
        let as_of =
            if self.seen.shows_now { AsOf::Time(self.seen.asked_at) } else { AsOf::Issue(held.issued_at) };
        match id {
            Some(id) if wrong.is_empty() => Ok(ShownTemplate {
                template: Observed {
                    id,
                    natural_key,
                    shows_audience,
                    values,
                    is_false,
                    created_at: None,
                    updated_at: None,
                    extra: BTreeMap::new(),
                    labels_at: None,
                    as_of,
                    seen_at: seen_at.clone(),
                },
                issued_at: held.issued_at,
            }),
            _ => Err(wrong),
        }
    }

    /// What `validate` would refuse.
    fn refused(&self, values: &Attributes) -> Vec<String> {
        let is_seen = |name: &str| self.seen.whole.contains(name);
        let objections = objections(values).into_iter();
        objections
            // Problems of the natural key are reported by themselves.
            .filter(|objection| !NaturalKey::FIELDS.contains(&objection.attribute))
            .filter(|objection| objection.beside.is_none_or(is_seen))
            .map(|objection| format!("certctl would not accept this template: {}", objection.message))
            .collect()
    }

    fn unreadable(&mut self, id: &str, resource: NaturalKey, seen_at: SeenAt, messages: Vec<String>) {
        let findings = messages.into_iter().map(|message| finding(id, message));
        self.observation.findings.extend(findings);
        self.observation.unreadable.push(Unreadable { resource, seen_at });
    }

    fn unread(&mut self, certificate: &Map<String, Value>) {
        self.unread += 1;
        let id = text(certificate, "id").unwrap_or_default().to_owned();
        let issued_at = text(certificate, "issuedAt").and_then(Timestamp::parse);
        let resource = NaturalKey {
            resource_type: String::new(),
            resource_id: String::new(),
            user_custom_field_slug: None,
            user_custom_field_value: None,
        };
        self.observation
            .unreadable
            .push(Unreadable { resource, seen_at: SeenAt::Certificate { id, issued_at } });
    }

    /// Says that the list of certificates was not read, or only a part of it.
    fn report_unread(&mut self) {
        let Some(why) = why_not_read(self.seen, self.unread) else { return };
        self.observation.findings.push(Finding {
            help: Some(EXPORTS.to_owned()),
            ..finding("list", format!("{why}. What the observer does not see is not known"))
        });
        self.observation.not_read = Some(why);
    }

    fn finish(mut self) -> ReadCertificates {
        for (id, shown) in std::mem::take(&mut self.by_id) {
            self.one_template(&id, shown);
        }
        self.observation.templates.sort_by(|one, other| one.seen_at.cmp(&other.seen_at));
        self.report_twice();
        ReadCertificates { observation: self.observation, differing: self.differing }
    }

    /// Takes what the newest certificate of a template shows. Where two show different contents, they do not show the
    /// template as it is.
    fn one_template(&mut self, id: &TemplateId, mut shown: Vec<ShownTemplate>) {
        shown.sort_by(|one, other| {
            (one.issued_at, &one.template.seen_at).cmp(&(other.issued_at, &other.template.seen_at))
        });
        if let Some(twice) = contradiction(&shown) {
            let (resource, seen_at) = (resource_of(&twice.natural_key), twice.seen_at.clone());
            let certificate = certificate_id(&seen_at).to_owned();
            let message = "it is there twice, with different contents".to_owned();
            return self.unreadable(&certificate, resource, seen_at, vec![message]);
        }
        let Some(mut newest) = shown.pop() else { return };
        let resource = resource_of(&newest.template.natural_key);
        if let Some(other) = shown.iter().find(|other| resource_of(&other.template.natural_key) != resource) {
            let message = format!(
                "it has the template {id}, and {} has it for another resource",
                other.template.seen_at
            );
            let certificate = certificate_id(&newest.template.seen_at).to_owned();
            self.unreadable(&certificate, resource, newest.template.seen_at.clone(), vec![message]);
            let other = (resource_of(&other.template.natural_key), other.template.seen_at.clone());
            self.observation.unreadable.push(Unreadable { resource: other.0, seen_at: other.1 });
            return;
        }
        if shown.iter().any(|other| !is_same(&other.template, &newest.template)) {
            newest.template.as_of = AsOf::Issue(newest.issued_at);
            self.differing.push(id.clone());
        }
        self.observation.templates.push(newest.template);
    }

    /// Adds a finding for each further template of a natural key. All count, because it is not known which one is meant.
    fn report_twice(&mut self) {
        let mut first: BTreeMap<NaturalKey, SeenAt> = BTreeMap::new();
        for template in self.observation.templates.iter().filter(|template| template.shows_audience) {
            let Some(other) = first.get(&template.natural_key) else {
                first.insert(template.natural_key.clone(), template.seen_at.clone());
                continue;
            };
            let message = format!("{other} has another template for {}", template.natural_key);
            self.observation.findings.push(finding(certificate_id(&template.seen_at), message));
        }
    }
}

fn certificate_id(seen_at: &SeenAt) -> &str {
    match seen_at {
        SeenAt::Certificate { id, .. } => id,
        SeenAt::Line { .. } => "",
    }
}

/// A certificate that is there twice and contradicts itself; the certificates are sorted.
fn contradiction(shown: &[ShownTemplate]) -> Option<&Observed> {
    let mut first: HashMap<&str, &Observed> = HashMap::new();
    shown.iter().map(|shown| &shown.template).find_map(|template| {
        let first = *first.entry(certificate_id(&template.seen_at)).or_insert(template);
        (!is_same(first, template)).then_some(first)
    })
}

/// Whether two certificates show the same contents.
fn is_same(one: &Observed, other: &Observed) -> bool {
    one.natural_key == other.natural_key && one.values == other.values && one.is_false == other.is_false
}

fn finding(certificate: &str, message: String) -> Finding {
    Finding {
        place: SourceLocation::no_line(format!("certificate {certificate}")),
        rule: RULE,
        message,
        help: Some(AGAIN.to_owned()),
        related: Vec::new(),
        option: None,
    }
}

fn text<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    members.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The values of all attributes that were read, except the resource.
fn values(template: &Map<String, Value>, wrong: &mut Vec<String>) -> BTreeMap<&'static str, Value> {
    let mut values = BTreeMap::new();
    let own = TEMPLATE_FIELDS.into_iter().filter(|field| !RESOURCE.contains(&field.name));
    for Field { name, value: kind, .. } in own {
        let Some(shown) = template.get(name) else { continue };
        match value(kind, shown) {
            Ok(Some(value)) => {
                if name == Attributes::LABELS {
                    let labels = value.as_array().into_iter().flatten();
                    let objections = labels.flat_map(|label| label_objections(label.clone()));
                    wrong.extend(objections.map(|why| format!("certctl would not accept this label: {why}")));
                }
                values.insert(name, value);
            }
            // Labels that were read in part were not seen.
            Ok(None) | Err(UnfitProperty::Partial) => {}
            Err(UnfitProperty::Wrong(why)) => wrong.push(format!("{name} {why}")),
        }
    }
    values
}

/// Returns the natural key, without an audience if the certificate does not show it.
fn audience(
    values: &Attributes,
    resource: &NaturalKey,
    shows_audience: bool,
    wrong: &mut Vec<String>,
) -> NaturalKey {
    let text = |name| values.text(name).map(str::to_owned);
    let (slug, value) = (text("userCustomFieldSlug"), text("userCustomFieldValue"));
    if !shows_audience {
        return resource.clone();
    }
    if slug.is_some() != value.is_some() {
        wrong.push(
            "it has one of userCustomFieldSlug and userCustomFieldValue, and an audience needs both"
                .to_owned(),
        );
    }
    if value.as_deref().is_some_and(|value| value.trim() != value) {
        wrong.push("its userCustomFieldValue has blanks at its ends".to_owned());
    }
    NaturalKey { user_custom_field_slug: slug, user_custom_field_value: value, ..resource.clone() }
}
