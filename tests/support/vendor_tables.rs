//! The columns of the vendor's reporting tables, under the names of the attributes that they hold.

/// Of the table certificatetemplates, without its own: the id, the times and the status.
pub const TEMPLATE_COLUMNS: [&str; 17] = [
    "title",
    "resourceType",
    "resourceId",
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
/// Of the table certificatetemplatelabels, without the id of the template.
pub const LABEL_COLUMNS: [&str; 6] = ["certificateFieldId", "x", "y", "fontSize", "fontColor", "textAlign"];
