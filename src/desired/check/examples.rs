//! An example for each rule for template files, in the order of their ids. A rule has none if a few lines of YAML cannot break
//! it.

use crate::model::RuleExample;

/// Of each rule in [`super::RULES`] and [`super::WARNINGS`] that YAML can break.
pub const EXAMPLES: [RuleExample; 38] = [
    RuleExample::lines(
        "adjust",
        "labels: []\nadjust: { field_learner_name: { x: 10 } }",
        "labels:\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 10, y: 20 }",
    ),
    RuleExample::lines(
        "audience",
        "userCustomFieldSlug: region",
        "userCustomFieldSlug: region\nuserCustomFieldValue: EMEA",
    ),
    RuleExample::lines(
        "colour",
        "labels:\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 1, y: 1, fontColor: red }",
        "labels:\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 1, y: 1, fontColor: \"#ff0000\" }",
    ),
    RuleExample::lines("date", "expirationDate: 2027-02-30", "expirationDate: 2027-02-28"),
    RuleExample::lines("duplicate-key", "expirationDays: 365\nexpirationDays: 730", "expirationDays: 730"),
    RuleExample::lines(
        "duplicate-label",
        "labels:\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 1, y: 1 }\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 9, y: 9 }",
        "labels:\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f03, x: 1, y: 1 }\n  - { certificateFieldId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f04, x: 9, y: 9 }",
    ),
    RuleExample::lines("empty", "customCss: ' '", "customCss: ~ # none"),
    RuleExample::lines(
        "enumeration",
        "expirationDays: 365\nrecertificationAction: reset",
        "expirationDays: 365\nrecertificationAction: resetProgress",
    ),
    RuleExample::lines("expiry", "expirationDays: 365\nexpirationDate: 2027-12-31", "expirationDays: 365"),
    RuleExample::lines(
        "extra",
        "extra: { expirationDays: 365 }",
        "expirationDays: 365\nextra: { newVendorField: 1 }",
    ),
    RuleExample::lines("far-expiry", "expirationDays: 36600", "expirationDays: 3650"),
    RuleExample::file(
        "invalid-key",
        "templates:\n  ' cloud-101': { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::lines(
        "key-in-address",
        "asset: https://cdn.example.com/cloud.png?token=abc",
        "asset: https://cdn.example.com/cloud.png",
    ),
    RuleExample::file(
        "moved",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\nmoved:\n  - { from: cloud-100, to: cloud-102 }",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\nmoved:\n  - { from: cloud-100, to: cloud-101 }",
    ),
    RuleExample::file(
        "natural-key",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\n  cloud-basics: { title: Basics, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\n  cloud-basics: { title: Basics, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02 }",
    ),
    RuleExample::lines("number", "extra: { weight: .inf }", "extra: { weight: 1.5 }"),
    RuleExample::lines("past-expiry", "expirationDate: 2016-01-01", "expirationDate: 2099-01-01"),
    RuleExample::lines("range", "expirationDays: 0", "expirationDays: 1"),
    RuleExample::lines(
        "recertification",
        "expirationDays: 365\nrecertificationAction: resetProgress\nrecertificationActionText: Renew",
        "expirationDays: 365\nrecertificationAction: actionUrl\nrecertificationActionUrl: https://academy.example.com/renew\nrecertificationActionText: Renew",
    ),
    RuleExample::lines(
        "recertification-after-expiry",
        "expirationDays: 365\nrecertificationAfterDays: 400",
        "expirationDays: 365\nrecertificationAfterDays: 335",
    ),
    RuleExample::lines(
        "recertification-unseen",
        "recertificationInstructions: Please repeat the course.",
        "expirationDays: 365\nrecertificationInstructions: Please repeat the course.",
    ),
    RuleExample::file(
        "removed",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\nremoved:\n  - { from: cloud-101 }",
        "templates:\n  cloud-102: { title: Cloud 102, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\nremoved:\n  - { from: cloud-101 }",
    ),
    RuleExample::file(
        "required-field",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course }",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::file(
        "several-documents",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\n---\ntemplates: {}",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::lines(
        "sheet",
        "canvas: { width: 1600, height: 1131 }\nasset_size: { width: 1600, height: 1131 }",
        "canvas: { width: 1600, height: 1131 }",
    ),
    RuleExample::lines(
        "slug",
        "userCustomFieldSlug: my region\nuserCustomFieldValue: EMEA",
        "userCustomFieldSlug: my-region\nuserCustomFieldValue: EMEA",
    ),
    RuleExample::file(
        "tab",
        "templates:\n\tcloud-101: {}",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::lines(
        "text-file",
        "customCss: { file: css/nowhere.css }",
        "customCss: \".certificate { color: black }\"",
    ),
    RuleExample::lines(
        "undefined-variable",
        "customCss: ${var.styles}",
        "customCss: $${var.styles} # the text ${var.styles}",
    ),
    RuleExample::lines("unknown-environment", "environments: [porduction]", "environments: [production]"),
    RuleExample::lines("unknown-field", "expiryDays: 365", "expirationDays: 365"),
    RuleExample::file(
        "unknown-layout",
        "defaults: { layout: landscape, resourceType: course }\ntemplates:\n  cloud-101: { title: Cloud 101, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
        "layouts:\n  landscape: { asset: \"https://cdn.example.com/landscape.png\" }\ndefaults: { layout: landscape, resourceType: course }\ntemplates:\n  cloud-101: { title: Cloud 101, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::lines("url", "asset: cloud.png", "asset: https://cdn.example.com/cloud.png"),
    RuleExample::lines(
        "uuid",
        "assetLibraryId: cloud-background",
        "assetLibraryId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02",
    ),
    RuleExample::lines("variable", "customCss: ${styles}", "customCss: $${styles} # the text ${styles}"),
    RuleExample::lines("wrong-type", "expirationDays: a year", "expirationDays: 365"),
    RuleExample::file(
        "yaml-syntax",
        "templates: [",
        "templates:\n  cloud-101: { title: Cloud 101, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }",
    ),
    RuleExample::file(
        "alike-keys",
        "templates:\n  cloud: { title: A, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\n  cl\u{43e}ud: { title: B, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02 }",
        "templates:\n  cloud: { title: A, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f01 }\n  cloud-b: { title: B, resourceType: course, resourceId: 8f14e45f-ceea-467f-a0e6-6b2d6a6f6f02 }",
    ),
];
