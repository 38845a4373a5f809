//! Adopting what the server has, and taking what was seen as the baseline, end to end.

#[path = "adopting/exports.rs"]
mod exports;
#[path = "adopting/imports.rs"]
mod imports;
mod support;

use exports::{FIELD, Shown, labels, templates};
use serde_json::{Value, json};
use support::{Project, Template, numbered};
