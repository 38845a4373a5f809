//! Collects the variables of a run: those of the command line override `CERTCTL_VAR_NAME` of the process, which overrides certctl.toml.

use std::collections::{BTreeMap, BTreeSet};

use super::references::mentioned;
use super::resolve_variables::{ResolvedVariables, resolve};
use super::{Config, Environment, Variable, VariableSource, VariableValue};

/// The prefix of environment variables that set a variable.
const PREFIX: &str = "CERTCTL_VAR_";

/// Returns the values for `${var.NAME}`, with references in them resolved. `flags` were given on the command line with
/// `option`, which messages name. `process` yields the process's environment
/// variables; an empty one counts as not set.
pub fn variables(
    config: &Config,
    environment: &Environment,
    flags: &[(String, String)],
    option: &'static str,
    process: impl Iterator<Item = (String, String)>,
) -> ResolvedVariables {
    let defined = defined(config, flags);
    let mut variables = environment.vars.clone();
    let mut set = |name: &str, text: String, source: VariableSource| {
        let replaced = environment.vars.get(name).map(|variable| &variable.value);
        let value = VariableValue::typed_like(text, replaced);
        let is_defined = defined.contains(name);
        variables.insert(name.to_owned(), Variable { value, source, is_defined });
    };
    let mut given: Vec<(String, String)> = process
        .filter_map(|(whole, text)| Some((whole.strip_prefix(PREFIX)?.to_owned(), text)))
        .filter(|(name, text)| !name.is_empty() && !text.is_empty())
        .collect();
    given.sort();
    // Some systems have upper-case names only; an exact match is preferred.
    let meant = |name: &str| if defined.contains(name) { None } else { alike(name, defined.iter().copied()) };
    let (loose, exact): (Vec<_>, Vec<_>) = given.into_iter().partition(|(name, _)| meant(name).is_some());
    for (name, text) in loose.into_iter().chain(exact) {
        let source = VariableSource::Process(format!("{PREFIX}{name}"));
        set(meant(&name).unwrap_or(&name), text, source);
    }
    for (name, text) in flags {
        set(name, text.clone(), VariableSource::Option(option));
    }
    resolve(variables)
}

/// Returns the names that certctl.toml knows: those that any environment defines, and those that values use.
fn defined<'c>(config: &'c Config, flags: &'c [(String, String)]) -> BTreeSet<&'c str> {
    let vars = || config.environments.values().flat_map(|environment| &environment.vars);
    let texts = vars().filter_map(|(_, variable)| match &variable.value {
        VariableValue::Text(text) => Some(text.as_str()),
        VariableValue::Integer(_) | VariableValue::Boolean(_) => None,
    });
    let used = texts.chain(flags.iter().map(|(_, text)| text.as_str())).flat_map(mentioned);
    vars().map(|(name, _)| name.as_str()).chain(used).collect()
}

/// Returns the names that differ from this one only in case, each once.
pub fn alike_names<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let alike: BTreeSet<&str> = names.into_iter().filter(|other| other.eq_ignore_ascii_case(name)).collect();
    alike.into_iter().collect()
}

/// Returns the only name that differs just in case; `None` if there are several.
fn alike<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    match alike_names(name, names).as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

/// Adds variables of the process under the names that templates mention if only the case differs, for names that
/// certctl.toml does not define.
pub fn under_mentioned_names(
    variables: &BTreeMap<String, Variable>,
    mentioned: &BTreeSet<&str>,
) -> BTreeMap<String, Variable> {
    let mut named = variables.clone();
    let is_loose = |name: &str, variable: &Variable| {
        matches!(variable.source, VariableSource::Process(_))
            && !variable.is_defined
            && !mentioned.contains(name)
    };
    for (name, variable) in variables.iter().filter(|(name, variable)| is_loose(name, variable)) {
        let Some(meant) = alike(name, mentioned.iter().copied()) else { continue };
        let rivals =
            variables.iter().filter(|(other, one)| is_loose(other, one) && other.eq_ignore_ascii_case(name));
        if !variables.contains_key(meant) && rivals.count() == 1 {
            named.remove(name);
            named.insert(meant.to_owned(), variable.clone());
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::parse;
    use crate::model::SourceText;

    const SETTINGS: &str = "[environments.e]\nurl = \"sandbox\"\n[environments.e.vars]\nname = \"file\"\ndays = 365\nopen = true\n\
                            base = \"${var.tier}\"\n[environments.f]\nurl = \"sandbox\"\nvars = { other = \"x\", Twin = \"x\", twin = \"y\" }\n";

    fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn given(flags: &[(&str, &str)], process: &[(&str, &str)]) -> BTreeMap<String, Variable> {
        let config = parse(&SourceText::new("certctl.toml", SETTINGS), Path::new("/p")).unwrap();
        let environment = config.environment(Some("e")).unwrap();
        variables(&config, environment, &pairs(flags), "--var", pairs(process).into_iter()).variables
    }

    fn value(variables: &BTreeMap<String, Variable>, name: &str) -> String {
        variables[name].value.to_string()
    }

    #[test]
    fn flags_beat_variables_and_these_the_file() {
        let tier = ("tier", "t");
        let of = |flags: &[(&str, &str)], process: &[(&str, &str)]| value(&given(flags, process), "name");
        assert_eq!(of(&[tier], &[("HOME", "x")]), "file");
        assert_eq!(of(&[tier], &[("CERTCTL_VAR_name", "process")]), "process");
        assert_eq!(of(&[tier, ("name", "flag")], &[("CERTCTL_VAR_name", "process")]), "flag");
        assert_eq!(of(&[tier, ("name", "")], &[]), "");
        assert_eq!(of(&[tier], &[("CERTCTL_VAR_name", "")]), "file", "set to nothing is not set");
    }

    #[test]
    fn case_is_ignored_for_unambiguous_names() {
        let process = [("CERTCTL_VAR_NAME", "a"), ("CERTCTL_VAR_OTHER", "b"), ("CERTCTL_VAR_TWIN", "c")];
        let found = given(&[("tier", "t")], &process);
        assert_eq!(
            (value(&found, "name"), value(&found, "other"), value(&found, "TWIN")),
            ("a".into(), "b".into(), "c".into())
        );
        assert!(!found.contains_key("twin"));
        assert_eq!(found["name"].source, VariableSource::Process("CERTCTL_VAR_NAME".to_owned()));
        let exact = given(&[("tier", "t")], &[("CERTCTL_VAR_NAME", "a"), ("CERTCTL_VAR_name", "b")]);
        assert_eq!(value(&exact, "name"), "b");
    }

    #[test]
    fn values_take_the_type_they_replace() {
        let of = |days: &str, open: &str| {
            let found = given(&[("days", days), ("open", open), ("name", "2"), ("tier", "3")], &[]);
            ["days", "open", "name", "base"].map(|name| found[name].value.clone())
        };
        let text = |text: &str| VariableValue::Text(text.to_owned());
        let expected = [VariableValue::Integer(30), VariableValue::Boolean(false), text("2"), text("3")];
        assert_eq!(of("30", "false"), expected);
        assert_eq!(of("soon", "no")[..2], [text("soon"), text("no")]);
    }

    #[test]
    fn names_are_defined_anywhere_in_the_file() {
        let found = given(&[("other", "x"), ("tier", "x"), ("nmae", "x")], &[]);
        let defined: Vec<(&str, bool)> = ["name", "other", "tier", "nmae"]
            .into_iter()
            .map(|name| (name, found[name].is_defined))
            .collect();
        assert_eq!(defined, [("name", true), ("other", true), ("tier", true), ("nmae", false)]);
    }

    #[test]
    fn case_is_ignored_for_names_in_templates() {
        let found = given(&[("tier", "t"), ("FLAG", "x")], &[("CERTCTL_VAR_RELEASE", "7")]);
        let named = |mentioned: &[&str]| under_mentioned_names(&found, &mentioned.iter().copied().collect());
        assert_eq!(value(&named(&["release"]), "release"), "7");
        assert!(!named(&["release", "Release"]).contains_key("release"), "either could be meant");
        assert!(!named(&["flag"]).contains_key("flag"), "a person writes the name as it is");
        assert_eq!(value(&named(&["release", "RELEASE"]), "RELEASE"), "7");
    }
}
