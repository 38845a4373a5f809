//! The forms in which a key can appear.

use crate::support::KEY;

/// The key percent-encoded in several ways, with escaped slashes, and as base64 of the key and of the whole header.
const FORMS: [&str; 11] = [
    KEY,
    "marked\\u002Bkey\\u002f8d1f\\u003DZ",
    "\\u006D\\u0061\\u0072\\u006B",
    "marked%2Bkey%2F8d1f%3DZ",
    "marked%2bkey%2f8d1f%3dZ",
    "marked%2Bkey/8d1f%3DZ",
    "marked%252Bkey%252F8d1f%253DZ",
    "marked%25252bkey%25252f8d1f%25253dZ",
    "marked+key\\/8d1f=Z",
    "bWFya2VkK2tleS84ZDFmPVo",
    "QmVhcmVyIG1hcmtlZCtrZXkvOGQxZj1a",
];

#[track_caller]
pub(crate) fn has_no_key(what: &str, content: &[u8]) {
    for form in FORMS {
        let found = content.windows(form.len()).any(|window| window == form.as_bytes());
        assert!(!found, "{what}: contains the key as {form}\n{}", String::from_utf8_lossy(content));
    }
}
