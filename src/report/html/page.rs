//! The frame of every page: policy, style and script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::report::safe_text;

/// The style and the script, shared by all pages.
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The frame of a page.
pub(super) struct Page {
    /// The title in the browser's tab.
    pub(super) title: String,
    /// Content Security Policy, level 3: only this style, this script, and embedded images.
    pub(super) policy: String,
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    /// The version of certctl.
    pub(super) version: &'static str,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: safe_text(title),
            policy: format!(
                "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
                hash(STYLE),
                hash(SCRIPT)
            ),
            style: STYLE,
            script: SCRIPT,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// The hash by which the policy allows an inline style or script.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
