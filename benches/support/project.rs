//! Projects of any size, with templates of 1.3 kB as a real academy has them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What an estate looks like.
#[derive(Clone, Copy, Debug)]
pub struct Project {
    /// How many templates it has.
    pub templates: u32,
    /// How many of them are in one file.
    pub per_file: u32,
    /// Whether all of them share a layout with 20 kB of CSS in place of some lines of their own.
    pub shares_layout: bool,
}

impl Project {
    /// The usual one.
    pub fn of(templates: u32) -> Self {
        Self { templates, per_file: 100, shares_layout: false }
    }

    /// Writes it into a folder, the first `revised` templates with another title, place of labels and style sheet.
    pub fn write(self, folder: &Path, revised: u32) {
        fs::create_dir_all(folder.join("templates")).expect("a folder in the temporary directory");
        let toml = "[environments.sandbox]\nurl = \"sandbox\"\n[environments.sandbox.safety]\nmax_changes = 1000000\n";
        fs::write(folder.join("certctl.toml"), toml).expect("a file in the temporary directory");
        if self.shares_layout {
            write_layout(folder);
        }
        for file in 0..self.templates.div_ceil(self.per_file) {
            let mut text = "templates:\n".to_owned();
            for number in file * self.per_file..self.templates.min((file + 1) * self.per_file) {
                self.write_template(&mut text, number, u32::from(number < revised));
            }
            fs::write(folder.join(format!("templates/{file:05}.yaml")), text)
                .expect("a file in the temporary directory");
        }
    }

    /// One template of about 1.3 kB: a title, five labels, some CSS and instructions.
    fn write_template(self, text: &mut String, number: u32, edition: u32) {
        let _ = write!(
            text,
            "  template-{number:05}:\n    title: Certificate number {number}, edition {edition}\n    resourceType: course\n    \
             resourceId: 00000000-0000-4000-8000-{number:012}\n    asset: https://cdn.example.com/assets/{number}.png\n    \
             expirationDays: {}\n    labels:\n",
            365 + number % 700
        );
        for label in 0..5 {
            let _ = writeln!(
                text,
                "      - {{ certificateFieldId: 10000000-0000-4000-8000-{label:012}, x: {}, y: {}, fontSize: {}, fontColor: \
                 \"#1a2b3c\", textAlign: center }}",
                number % 900 + edition,
                100 + 60 * label,
                20 + label
            );
        }
        if self.shares_layout {
            text.push_str("    layout: shared\n");
        } else {
            text.push_str("    customCss: |\n");
            for line in 0..6 {
                let _ = writeln!(
                    text,
                    "      .certificate-{number} .line-{line} {{ color: #123456; margin: {}px; }}",
                    line + edition
                );
            }
        }
        text.push_str(
            "    recertificationInstructions: |\n      Retake the assessment before the certificate expires.\n",
        );
    }
}

fn write_layout(folder: &Path) {
    let line = "      .certificate .line { color: #123456; margin: 12px; padding: 4px }\n";
    let sheet = line.repeat(20_000 / line.trim_start().len());
    fs::write(
        folder.join("templates/layouts.yaml"),
        format!("layouts:\n  shared:\n    customCss: |\n{sheet}"),
    )
    .expect("a file in the temporary directory");
}
