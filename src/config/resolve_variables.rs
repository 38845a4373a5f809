//! Resolves variables whose values use other variables. Called by [`super::given`]; errors become findings.

use std::collections::{BTreeMap, BTreeSet};

use super::references::{TextPiece, mentioned, pieces};
use super::{FILE, Variable, VariableSource, VariableValue, how_to_set};
use crate::model::{Finding, GivenKeys, RunOption, SourceLocation, did_you_mean};

/// The longest value of one variable, in bytes.
const MAX_BYTES: usize = 1_000_000;
/// The limit for all values together, in bytes.
const MAX_BYTES_IN_ALL: usize = 32_000_000;

/// The most findings that suggest a similar name.
const MAX_HINTS: usize = 20;

/// Variables with the references in their values resolved.
#[derive(Clone, Debug, Default)]
pub struct ResolvedVariables {
    /// The variables by name. A variable with an error keeps its value as written.
    pub variables: BTreeMap<String, Variable>,
    /// All errors in the variables.
    pub findings: Vec<Finding>,
}

impl ResolvedVariables {
    /// Adds a finding for each variable from outside certctl.toml whose value contains an API key: templates, and so
    /// plans and certificates, would show it.
    #[must_use]
    pub fn checked(mut self, keys: &GivenKeys) -> Self {
        let has_key = |variable: &Variable| {
            !matches!(variable.source, VariableSource::File(_))
                && matches!(&variable.value, VariableValue::Text(text) if keys.are_in(text))
        };
        let found =
            self.variables.iter().filter(|(_, variable)| has_key(variable)).map(|(name, variable)| {
                let message =
                    format!("{} has the API key in its value, and a plan would show it", who(name, variable));
                let help = Some(
                    "give it another value: certctl takes the key from CERTCTL_API_KEY alone".to_owned(),
                );
                Finding {
                    place: place(variable),
                    rule: "key-in-variable",
                    message,
                    help,
                    related: Vec::new(),
                    option: None,
                }
            });
        self.findings.extend(found.collect::<Vec<_>>());
        self
    }
}

/// Resolves the references in all values.
pub(super) fn resolve(mut variables: BTreeMap<String, Variable>) -> ResolvedVariables {
    let mut order =
        Order { raw: &variables, visits: BTreeMap::new(), sorted: Vec::new(), cycles: Vec::new() };
    for name in variables.keys() {
        order.visit(name);
    }
    let (sorted, cycles) = (order.sorted, order.cycles);
    let mut findings: Vec<Finding> = cycles.iter().map(|names| cycle(names, &variables)).collect();
    let sorted: Vec<String> = sorted.into_iter().map(str::to_owned).collect();
    let broken: BTreeSet<String> = cycles.into_iter().flatten().map(str::to_owned).collect();
    let mut left = MAX_BYTES_IN_ALL;
    for name in sorted.into_iter().filter(|name| !broken.contains(name)) {
        let Some(variable) = variables.get(&name) else { continue };
        match value(variable, &variables, &mut left) {
            Ok(value) => drop(variables.insert(name, Variable { value, ..variable.clone() })),
            Err(problems) => {
                // Finding a similar name takes time in proportion to the number of names.
                let names = if findings.len() < MAX_HINTS { Some(&variables) } else { None };
                findings.extend(problems.into_iter().map(|problem| problem.finding(&name, variable, names)));
            }
        }
    }
    findings.sort();
    ResolvedVariables { variables, findings }
}

/// Returns the value with its references resolved.
fn value<'v>(
    variable: &'v Variable,
    variables: &BTreeMap<String, Variable>,
    left: &mut usize,
) -> Result<VariableValue, Vec<VariableError<'v>>> {
    let VariableValue::Text(text) = &variable.value else { return Ok(variable.value.clone()) };
    let mut problems = Vec::new();
    let mut result = String::new();
    for piece in pieces(text) {
        match piece {
            TextPiece::Text(part) => result.push_str(part),
            TextPiece::Variable { name, written } => match variables.get(name).map(|one| &one.value) {
                // A number or a boolean keeps its type.
                Some(value @ (VariableValue::Integer(_) | VariableValue::Boolean(_))) if written == text => {
                    return Ok(value.clone());
                }
                Some(VariableValue::Text(text)) => result.push_str(text),
                Some(value) => result.push_str(&value.to_string()),
                None => problems.push(VariableError::Undefined(name)),
            },
            TextPiece::Other { written } => problems.push(VariableError::NotAVariable(written)),
            TextPiece::Unclosed => problems.push(VariableError::Unclosed),
        }
        if result.len() > MAX_BYTES.min(*left) {
            return Err(vec![VariableError::TooMuch]);
        }
    }
    *left -= result.len();
    if problems.is_empty() { Ok(VariableValue::Text(result)) } else { Err(problems) }
}

enum VariableError<'t> {
    Undefined(&'t str),
    NotAVariable(&'t str),
    Unclosed,
    TooMuch,
}

impl VariableError<'_> {
    fn finding(self, name: &str, variable: &Variable, names: Option<&BTreeMap<String, Variable>>) -> Finding {
        const SYNTAX: &str = "write ${var.NAME} for a variable, and $${ for the characters ${ themselves";
        let who = who(name, variable);
        let mut option = None;
        let (rule, message, help) = match self {
            Self::Undefined(other) => {
                let names = names.into_iter().flat_map(BTreeMap::keys).map(String::as_str);
                let hint = did_you_mean(other, names.filter(|known| *known != name));
                let message =
                    format!("{who} uses the variable {other}, which has no value in this environment{hint}");
                let help = how_to_set("[environments.NAME.vars]");
                option = Some(RunOption::Variable { name: other.to_owned() });
                ("undefined-variable", message, help)
            }
            Self::NotAVariable(written) => {
                ("variable", format!("{who} uses {written}, which is not a variable"), SYNTAX.to_owned())
            }
            Self::Unclosed => {
                ("variable", format!("{who} has a ${{ that is not closed by a }}"), SYNTAX.to_owned())
            }
            Self::TooMuch => {
                let message = format!(
                    "{who} is too long with the variables in it: one variable may have {} MB, all of them together {} MB",
                    MAX_BYTES / 1_000_000,
                    MAX_BYTES_IN_ALL / 1_000_000
                );
                (
                    "too-much",
                    message,
                    "put less text into variables, and long texts into the templates".to_owned(),
                )
            }
        };
        Finding { place: place(variable), rule, message, help: Some(help), related: Vec::new(), option }
    }
}

fn cycle(names: &[&str], variables: &BTreeMap<String, Variable>) -> Finding {
    let first = names.first().copied().unwrap_or_default();
    let chain: Vec<&str> = names.iter().copied().chain([first]).collect();
    Finding {
        place: variables.get(first).map_or_else(|| SourceLocation::whole_file(FILE), place),
        rule: "variable-cycle",
        message: format!("the variables use each other in a circle: {}", chain.join(" → ")),
        help: Some("give one of them a value of its own".to_owned()),
        related: Vec::new(),
        option: None,
    }
}

/// Names a variable for people.
fn who(name: &str, variable: &Variable) -> String {
    match &variable.source {
        VariableSource::File(_) => format!("the variable {name}"),
        VariableSource::Process(whole) => whole.clone(),
        VariableSource::Option(option) => format!("{option} {name}"),
    }
}

fn place(variable: &Variable) -> SourceLocation {
    match &variable.source {
        VariableSource::File(place) => place.clone(),
        VariableSource::Process(_) | VariableSource::Option(_) => SourceLocation::no_line(FILE),
    }
}

/// Sorts variables so that each comes after those that it uses. It does not recurse, because a chain can be as long as
/// the file.
struct Order<'v> {
    raw: &'v BTreeMap<String, Variable>,
    visits: BTreeMap<&'v str, Visit>,
    sorted: Vec<&'v str>,
    cycles: Vec<Vec<&'v str>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Open,
    Done,
}

impl<'v> Order<'v> {
    fn visit(&mut self, name: &'v str) {
        let mut open: Vec<(&'v str, Vec<&'v str>)> = Vec::new();
        let mut next = Some(name);
        while let Some(name) = next.take().or_else(|| self.step(&mut open)) {
            match self.visits.get(name) {
                Some(Visit::Done) => {}
                Some(Visit::Open) => {
                    let chain: Vec<&str> =
                        open.iter().map(|(name, _)| *name).skip_while(|other| *other != name).collect();
                    self.cycles.push(chain);
                }
                None => {
                    self.visits.insert(name, Visit::Open);
                    open.push((name, self.uses(name)));
                }
            }
        }
    }

    /// Returns the next variable to visit; marks one without any left as done.
    fn step(&mut self, open: &mut Vec<(&'v str, Vec<&'v str>)>) -> Option<&'v str> {
        loop {
            let (name, uses) = open.last_mut()?;
            if let Some(next) = uses.pop() {
                return Some(next);
            }
            self.visits.insert(name, Visit::Done);
            self.sorted.push(name);
            open.pop();
        }
    }

    /// Returns the variables that one uses, each once, in reverse order.
    fn uses(&self, name: &str) -> Vec<&'v str> {
        let Some(VariableValue::Text(text)) = self.raw.get(name).map(|variable| &variable.value) else {
            return Vec::new();
        };
        let mut names: Vec<&str> = mentioned(text)
            .filter_map(|name| self.raw.get_key_value(name).map(|(name, _)| name.as_str()))
            .collect();
        names.sort_unstable_by(|one, other| other.cmp(one));
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(pairs: &[(&str, &str)]) -> ResolvedVariables {
        let variables = pairs.iter().map(|(name, text)| ((*name).to_owned(), Variable::flag(*text)));
        resolve(variables.collect())
    }

    fn value_of(resolved: &ResolvedVariables, name: &str) -> String {
        assert_eq!(resolved.findings, []);
        resolved.variables[name].value.to_string()
    }

    fn messages(resolved: &ResolvedVariables) -> Vec<String> {
        resolved.findings.iter().map(|found| format!("{}: {}", found.rule, found.message)).collect()
    }

    #[test]
    fn a_value_may_use_other_variables() {
        let pairs = [("a", "1"), ("b", "x${var.a}"), ("c", "${var.b}-${ var.a }-$${var.a}"), ("d", "5$")];
        let found = resolved(&pairs);
        assert_eq!(value_of(&found, "c"), "x1-1-${var.a}");
        assert_eq!(value_of(&found, "d"), "5$");
    }

    #[test]
    fn numbers_keep_their_type() {
        let mut variables = BTreeMap::from([("a".to_owned(), Variable::flag("${var.n}"))]);
        variables.insert("n".to_owned(), Variable { value: VariableValue::Integer(5), ..Variable::flag("") });
        assert_eq!(resolve(variables).variables["a"].value, VariableValue::Integer(5));
    }

    #[test]
    fn cycles_are_reported_once() {
        let found = resolved(&[("a", "${var.b}"), ("b", "${var.c}x"), ("c", "${var.a}"), ("d", "${var.a}")]);
        assert_eq!(
            messages(&found),
            ["variable-cycle: the variables use each other in a circle: a → b → c → a"]
        );
        assert_eq!(messages(&resolved(&[("a", "${var.a}")])).len(), 1);
        let two = resolved(&[("a", "${var.b}"), ("b", "${var.a}"), ("c", "${var.d}"), ("d", "${var.c}")]);
        assert_eq!(messages(&two).len(), 2);
    }

    #[test]
    fn errors_in_values_are_reported() {
        let found = resolved(&[("colour", "x"), ("a", "${var.color}"), ("b", "${x} ${")]);
        assert_eq!(
            messages(&found),
            [
                "undefined-variable: the option a uses the variable color, which has no value in this environment (did you mean colour?)",
                "variable: the option b has a ${ that is not closed by a }",
                "variable: the option b uses ${x}, which is not a variable",
            ]
        );
    }

    #[test]
    fn expansion_is_limited() {
        let mut pairs = vec![("v00".to_owned(), "x".repeat(100))];
        for number in 1..60 {
            let before = format!("${{var.v{:02}}}", number - 1);
            pairs.push((format!("v{number:02}"), before.repeat(10)));
        }
        let variables = pairs.into_iter().map(|(name, text)| (name, Variable::flag(text)));
        let found = resolve(variables.collect());
        assert!(found.findings.iter().any(|found| found.rule == "too-much"), "{:?}", found.findings);
        let many = (0..2000).map(|number| (format!("b{number}"), Variable::flag("${var.a}.")));
        let all = many.chain([("a".to_owned(), Variable::flag("x".repeat(500_000)))]).collect();
        assert!(resolve(all).findings.iter().all(|found| found.rule == "too-much"));
    }

    #[test]
    fn a_long_chain_is_followed() {
        let mut pairs: Vec<(String, Variable)> = (0..100_000)
            .map(|number| (format!("v{number}"), Variable::flag(format!("${{var.v{}}}", number + 1))))
            .collect();
        pairs.push(("v100000".to_owned(), Variable::flag("end")));
        let found = resolve(pairs.into_iter().collect());
        assert_eq!(value_of(&found, "v0"), "end");
    }
}
