//! stub
#![allow(missing_docs, clippy::all)]
use crate::apply::{Exit, RunReport};
use crate::model::{Finding, Key};
use crate::plan::Plan;
use crate::state::{Document, Row};
pub struct Style {}
impl Style {
    pub fn new(_: bool, _: bool) -> Self {
        Self {}
    }
}
pub fn plan_text(plan: &Plan, _: &Style) -> String {
    let v = crate::plan::verdict(plan);
    let mut t = format!("{v}\n");
    for w in &plan.warnings {
        t.push_str(w);
        t.push('\n');
    }
    t.push_str(&v);
    t.push('\n');
    t
}
pub fn run_text(r: &RunReport, state: &str, _: &Style) -> String {
    format!("{r:#?}\n{state}\n")
}
pub fn state_list(d: &Document) -> String {
    d.to_text().unwrap_or_default()
}
pub fn state_row(_: &Key, r: &Row) -> String {
    serde_json::to_string_pretty(r).unwrap_or_default()
}
pub fn recover_list(r: &[(&Key, &Row)]) -> String {
    format!("{r:#?}")
}
pub fn safe_lines(t: &str) -> String {
    t.to_owned()
}
pub mod findings;
pub mod json {
    use super::*;
    pub fn plan(p: &Plan) -> Result<String, serde_json::Error> {
        p.to_text()
    }
    pub fn run(r: &RunReport) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(r)? + "\n")
    }
    pub fn error(e: Exit, m: &str, _: Option<&str>, f: &[Finding]) -> String {
        serde_json::json!({"format":"certctl.error/v1","outcome":e,"error":{"message":m},"findings":f.iter().map(|f| serde_json::json!({"file":f.place.file,"line":f.place.line,"column":f.place.column,"rule":f.rule,"message":f.message})).collect::<Vec<_>>()}).to_string()
    }
    pub fn valid(_: &str, n: usize) -> String {
        format!("{{\"templates\":{n}}}\n")
    }
}
