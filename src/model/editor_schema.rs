//! The schemas that editors complete and check a project's files by: files beside certctl.toml. Their names begin with a
//! dot, so no glob of templates matches them.

/// A schema for editors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorSchema {
    /// Of template files.
    Templates,
    /// Of certctl.toml.
    Config,
}

impl EditorSchema {
    /// Every schema for editors.
    pub const ALL: [Self; 2] = [Self::Templates, Self::Config];

    /// The name of its file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Templates => ".certctl.templates.schema.json",
            Self::Config => ".certctl.config.schema.json",
        }
    }
}
