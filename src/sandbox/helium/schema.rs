//! Which properties each type of `/helium` has (vendor-api.md section 6.2).

use super::document::SelectedField;
use crate::sandbox::{check, label};

/// A type with properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectType {
    Certificate,
    Template,
    Label,
    Field,
    Login,
    User,
}

const CERTIFICATE: &[&str] = &[
    "id",
    "resourceType",
    "resourceId",
    "issuedAt",
    "expirationDate",
    "isExpired",
    "deleted",
    "source",
    "isExternal",
];
const FIELD: &[&str] = &["id", "label", "type"];

impl ObjectType {
    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "UserCertificate",
            Self::Template => "CertificateTemplate",
            Self::Label => "CertificateTemplateLabel",
            Self::Field => "CertificateField",
            Self::Login => "LoginResult",
            Self::User => "User",
        }
    }

    /// Whether there is such a property, without properties of its own.
    fn has(self, name: &str) -> bool {
        match self {
            Self::Certificate => CERTIFICATE.contains(&name),
            // The certificate has the resource's id.
            Self::Template => {
                name == "id" || check::names().any(|field| field == name && name != "resourceId")
            }
            Self::Label => label::names().any(|field| field == name),
            Self::Field => FIELD.contains(&name),
            Self::Login => name == "token",
            Self::User => name == "id",
        }
    }

    /// The type of a property that has properties.
    pub(super) fn inner(self, name: &str) -> Option<Self> {
        match (self, name) {
            (Self::Certificate, "certificateTemplate") => Some(Self::Template),
            (Self::Template, "labels") => Some(Self::Label),
            (Self::Label, "certificateField") => Some(Self::Field),
            (Self::Login, "user") => Some(Self::User),
            _ => None,
        }
    }

    /// Checks what is asked for within a property of this type, and counts the properties.
    pub(super) fn check(self, of: &SelectedField) -> Result<u64, String> {
        if of.fields.is_empty() {
            let (field, name) = (&of.name, self.name());
            return Err(format!("Field \"{field}\" of type \"{name}\" must have a selection of subfields."));
        }
        let mut points = 0;
        for field in &of.fields {
            if let Some(argument) = field.arguments.keys().next() {
                return Err(format!("Unknown argument \"{argument}\" on field \"{}\".", field.name));
            }
            points += 1 + match self.inner(&field.name) {
                Some(inner) => inner.check(field)?,
                None if !self.has(&field.name) => {
                    return Err(format!(
                        "Cannot query field \"{}\" on type \"{}\".",
                        field.name,
                        self.name()
                    ));
                }
                None => no_selection(field)?,
            };
        }
        Ok(points)
    }
}

/// Checks that nothing is asked for within a property.
pub(super) fn no_selection(field: &SelectedField) -> Result<u64, String> {
    if field.fields.is_empty() {
        return Ok(0);
    }
    let name = &field.name;
    Err(format!("Field \"{name}\" must not have a selection since type \"String\" has no subfields."))
}
