//! Which properties each type of `/helium` has (vendor-api.md section 6.2).

use super::document::SelectedField;

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
const TEMPLATE: &[&str] = &[
    "id",
    "title",
    "resourceType",
    "asset",
    "assetLibraryId",
    "supplementalAssets",
    "expirationDate",
    "expirationDays",
    "customCss",
    "userCustomFieldSlug",
    "userCustomFieldValue",
    "recertificationAction",
    "recertificationActionText",
    "recertificationActionUrl",
    "recertificationAfterDays",
    "recertificationAutoReset",
    "recertificationInstructions",
];
const LABEL: &[&str] = &["certificateFieldId", "x", "y", "fontSize", "fontColor", "textAlign"];
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

    /// The properties without properties of their own.
    fn plain(self) -> &'static [&'static str] {
        match self {
            Self::Certificate => CERTIFICATE,
            Self::Template => TEMPLATE,
            Self::Label => LABEL,
            Self::Field => FIELD,
            Self::Login => &["token"],
            Self::User => &["id"],
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
                None if !self.plain().contains(&field.name.as_str()) => {
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
