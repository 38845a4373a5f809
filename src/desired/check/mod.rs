//! The rules for template files. `load` and `resolve` call them; each adds findings and changes nothing. A
//! rule keeps its id for good, so that people can look it up and pipelines can count it.

mod address;
pub(super) mod attributes;
mod date;
pub(super) mod environments;
pub(super) mod estate;
mod examples;
pub(super) mod removals;
pub(super) mod sense;
pub(super) mod template;
pub(super) mod value;

pub use attributes::{broken_rules, label_objections, objections};
pub use examples::EXAMPLES;
pub use sense::WARNINGS;

/// Every rule for template files: its id, and what it requires.
pub const RULES: [(&str, &str); 38] = [
    ("adjust", "adjust changes labels that the template inherits, each once, and not their field"),
    ("audience", "userCustomFieldSlug and userCustomFieldValue go together"),
    ("colour", "a colour is # and 3, 6 or 8 hexadecimal digits"),
    ("date", "a date exists and is written like 2027-12-31"),
    ("duplicate-key", "a name is defined once in its mapping, a template and a layout once in all files"),
    ("duplicate-label", "each certificate field has at most one label in a template"),
    ("empty", "a text that is there has something in it"),
    ("enumeration", "a value is one of those that the vendor knows"),
    ("expiry", "at most one of expirationDate and expirationDays is set"),
    ("extra", "extra holds only fields that certctl does not know, and no id"),
    ("invalid-key", "a template's key is 1 to 200 printable characters"),
    ("moved", "an entry of moved leads from a key that is gone to one that is there, once"),
    ("natural-key", "one template of an environment for one resource and audience"),
    ("not-utf-8", "a file is UTF-8"),
    ("number", "a number is finite and fits into 64 bits"),
    ("outside-project", "every file that a glob or a text leads to lies in the project, links followed"),
    ("range", "a number is not below its least value, and fits into 32 bits"),
    ("recertification", "the fields of a recertification action go with that action"),
    ("removed", "an entry of removed names a key that no template and no other entry has"),
    ("required-field", "a template has title, resourceType and resourceId, a label its certificateFieldId"),
    ("several-documents", "a file holds one YAML document"),
    ("sheet", "the size of a sheet is written once: canvas and asset_size are the same"),
    ("slug", "the slug of a user field has no blanks"),
    ("tab", "lines are indented by spaces"),
    ("text-file", "a text that is taken from a file is UTF-8, in a file of the project, of at most 16 MB"),
    ("too-many", "a limited number of problems is shown, and the rest are counted"),
    ("too-much", "sizes, aliases and nesting stay within what can be read"),
    ("undefined-variable", "every variable that is used has a value in the environment"),
    ("unfinished-merge", "a file holds no markers of an unfinished git merge"),
    ("unknown-environment", "an environment is one of certctl.toml's"),
    ("unknown-field", "a field is one that certctl knows, or it is in extra"),
    ("unknown-layout", "a layout that is used exists in some file"),
    ("unreadable-file", "every file and folder that a glob leads to can be read"),
    ("url", "an address is absolute: it begins with https:// or www"),
    ("uuid", "an id is a UUID"),
    ("variable", "${var.NAME} is the only form of a variable"),
    ("wrong-type", "a value has its field's type"),
    ("yaml-syntax", "a file is YAML"),
];
