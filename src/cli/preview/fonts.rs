//! The fonts of this machine.

use std::collections::BTreeSet;
use std::path::Path;

use resvg::usvg::fontdb::Database;

use crate::cli::failure::Failure;
use crate::report::drawing::Fonts;
use crate::report::safe_text;

/// What is said where there is none.
pub(super) const NONE: &str = "warning: no font was found, so PNGs have frames in place of texts. Install one (on Debian \
    or Ubuntu: apt-get install fonts-dejavu-core), or name a folder that has one with --fonts DIR. SVGs need none here.";

/// The fonts of a folder, if one is named, and of the system.
pub(super) fn load(folder: Option<&Path>) -> Result<Fonts, Failure> {
    let mut database = Database::new();
    if let Some(folder) = folder {
        if !folder.is_dir() {
            return Err(Failure::error(format!("--fonts {}: there is no such folder", folder.display())));
        }
        database.load_fonts_dir(folder);
    }
    let families: BTreeSet<String> =
        database.faces().filter_map(|face| face.families.first()).map(|(family, _)| family.clone()).collect();
    database.load_system_fonts();
    Ok(Fonts::new(database, families.into_iter().collect()))
}

/// What to say of characters that no font has.
pub(super) fn missing(fonts: &Fonts, characters: &BTreeSet<char>) -> Option<String> {
    if fonts.is_empty() || characters.is_empty() {
        return None;
    }
    let some: String = characters.iter().take(20).collect();
    let more = if characters.len() > 20 { " …" } else { "" };
    Some(format!(
        "warning: some characters are in no font and are not drawn in PNGs, such as {}{more}. Install a font that has \
         them (for Japanese on Debian or Ubuntu: apt-get install fonts-noto-cjk), or name its folder with --fonts DIR",
        safe_text(&some)
    ))
}
