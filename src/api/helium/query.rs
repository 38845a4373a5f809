//! A query for certificates: its text, and the most that it can cost.

use serde_json::{Value, json};

use crate::model::{Attributes, LABEL_FIELDS, TEMPLATE_FIELDS};

/// What is asked for of each certificate, beside its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateQuery {
    /// The text that chooses certificates; without it, all of them.
    pub search: Option<String>,
    /// Properties of the certificate.
    pub certificate: Vec<&'static str>,
    /// Properties of its template, except the labels.
    pub template: Vec<&'static str>,
    /// Properties of the template's labels; the labels are not asked for if there are none.
    pub labels: Vec<&'static str>,
}

/// The name of the query's field.
pub(super) const CERTIFICATES: &str = "UserCertificates";
/// The member of a certificate with its template.
pub(super) const TEMPLATE: &str = "certificateTemplate";

impl CertificateQuery {
    /// The properties of a certificate that certctl reads.
    pub const CERTIFICATE: [&'static str; 5] =
        ["resourceType", "resourceId", "issuedAt", "deleted", "isExternal"];

    /// Everything that certctl reads.
    pub fn whole() -> Self {
        // The certificate has the resource; the template alone would not say which one it is.
        let own = |name: &&str| !["resourceType", "resourceId", Attributes::LABELS].contains(name);
        let fields = TEMPLATE_FIELDS.iter().map(|field| field.name).filter(own);
        Self {
            search: None,
            certificate: Self::CERTIFICATE.to_vec(),
            template: ["id"].into_iter().chain(fields).collect(),
            labels: LABEL_FIELDS.iter().map(|field| field.name).collect(),
        }
    }

    /// Whether it asks for ids alone.
    pub fn is_empty(&self) -> bool {
        self.certificate.is_empty() && self.template.is_empty() && self.labels.is_empty()
    }

    /// The most points that it can cost: each property of each item counts, and so does each list.
    pub fn cost(&self, certificates: u64, labels: u64) -> u64 {
        let count = |names: &[&str]| names.len() as u64;
        let of_labels = if self.labels.is_empty() { 0 } else { 1 + labels * count(&self.labels) };
        let within = count(&self.template) + of_labels;
        let of_template = if within == 0 { 0 } else { 1 + within };
        1 + certificates * (1 + count(&self.certificate) + of_template)
    }

    /// The request's body.
    pub fn body(&self) -> Value {
        let mut within = self.template.join(" ");
        if !self.labels.is_empty() {
            within = format!("{within} {} {{ {} }}", Attributes::LABELS, self.labels.join(" "));
        }
        let mut properties = format!("id {}", self.certificate.join(" "));
        if !within.is_empty() {
            properties = format!("{properties} {TEMPLATE} {{ {} }}", within.trim());
        }
        let properties = properties.split_whitespace().collect::<Vec<_>>().join(" ");
        match &self.search {
            None => json!({
                "query": format!("query {{ {CERTIFICATES}(includeExpiredCertificates: true) {{ {properties} }} }}")
            }),
            Some(search) => json!({
                "query": format!(
                    "query Certificates($search: String) {{ {CERTIFICATES}(query: $search, includeExpiredCertificates: \
                     true) {{ {properties} }} }}"
                ),
                "variables": { "search": search },
            }),
        }
    }
}
