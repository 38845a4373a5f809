//! `certctl schema`: prints a JSON Schema, for editors and for programs that read what certctl prints.

use super::args::SchemaArgs;
use super::failure::Failure;
use super::output::Output;
use crate::model::Exit;
use crate::{config, desired};

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum SchemaSubject {
    /// Template files, for editors.
    Templates,
    /// certctl.toml, for editors.
    Config,
    /// What `apply --json` prints.
    Apply,
    /// What `drift --json` prints.
    Drift,
    /// What `apply --json` prints in several environments.
    Environments,
    /// What each command with `--json` prints if it fails early.
    Error,
    /// What `state history --json` prints.
    History,
    /// What `import --json` prints.
    Import,
    /// What `observer status --json` prints.
    Observer,
    /// A saved plan, and what `plan --json` prints.
    Plan,
    /// What `recover --json` prints.
    Recover,
    /// What `refresh --json` prints.
    Refresh,
    /// What `state show --json` prints.
    Row,
    /// The state file.
    State,
    /// What `state list --json` prints.
    StateList,
    /// What `validate --json` prints.
    Validate,
}

/// The schemas that are generated from the types of the documents.
macro_rules! published {
    ($name:literal) => {
        include_str!(concat!("../../docs/schema/certctl.", $name, "-v1.schema.json")).to_owned()
    };
}

impl SchemaSubject {
    /// Returns the text of the schema.
    pub(super) fn text(self) -> String {
        match self {
            Self::Templates => format!("{:#}\n", desired::schema()),
            Self::Config => format!("{:#}\n", config::schema()),
            Self::Apply => published!("apply"),
            Self::Drift => published!("drift"),
            Self::Environments => published!("environments"),
            Self::Error => published!("error"),
            Self::History => published!("history"),
            Self::Import => published!("import"),
            Self::Observer => published!("observer"),
            Self::Plan => published!("plan"),
            Self::Recover => published!("recover"),
            Self::Refresh => published!("refresh"),
            Self::Row => published!("row"),
            Self::State => published!("state"),
            Self::StateList => published!("state-list"),
            Self::Validate => published!("validate"),
        }
    }
}

pub(super) fn run(args: &SchemaArgs, output: &Output) -> Result<Exit, Failure> {
    output.data(&args.subject.text())?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_published_schema_can_be_printed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
        let mut published: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        let editors = [SchemaSubject::Templates, SchemaSubject::Config];
        let all = SchemaSubject::value_variants().iter().filter(|subject| !editors.contains(subject));
        let mut printed: Vec<String> = all.map(|subject| subject.text()).collect();
        published.sort();
        printed.sort();
        assert_eq!(printed, published);
    }
}
