//! Finds the fonts of this machine for `preview --png`, and warns about characters that none of them has.

use std::collections::BTreeSet;
use std::path::Path;

use resvg::usvg::fontdb::Database;

use crate::cli::failure::Failure;
use crate::model::{Key, few};
use crate::report::drawing::Fonts;
use crate::report::safe_text;

/// The warning if no font was found.
pub(super) const NONE: &str = "warning: no font was found, so PNGs have frames in place of texts. Install one (on Debian \
    or Ubuntu: apt-get install fonts-dejavu-core), or name a folder that has one with --fonts DIR. SVGs need none here.";

/// Loads the fonts of the named folder, if any, and of the system.
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

/// Warns about characters that no font has, with the template that prints them; `None` if there are none.
pub(super) fn missing(fonts: &Fonts, by_key: &[(&Key, BTreeSet<char>)]) -> Option<String> {
    let characters: BTreeSet<char> = by_key.iter().flat_map(|(_, characters)| characters).copied().collect();
    if fonts.is_empty() || characters.is_empty() {
        return None;
    }
    let concerned = by_key.iter().filter(|(_, characters)| !characters.is_empty());
    let keys: Vec<String> = concerned.map(|(key, _)| safe_text(key.as_str())).collect();
    let some: String = characters.iter().take(20).collect();
    let more = if characters.len() > 20 { " …" } else { "" };
    Some(format!(
        "warning: some characters are in no font, so PNGs have a box in place of each: {}{more}, in {}. Install a font \
         that has them (for Japanese on Debian or Ubuntu: apt-get install fonts-noto-cjk), or name its folder with --fonts \
         DIR",
        safe_text(&some),
        few(&keys)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_characters_are_listed_by_template() {
        let mut database = Database::new();
        database.push_face_info(any_face());
        let fonts = Fonts::new(database, Vec::new());
        let (one, other) = (Key::new("ja").unwrap(), Key::new("en").unwrap());
        let message = missing(&fonts, &[(&one, BTreeSet::from(['資'])), (&other, BTreeSet::new())]);
        let message = message.unwrap();
        assert!(message.contains("PNGs have a box in place of each: 資, in ja. Install"), "{message}");
        assert_eq!(missing(&fonts, &[(&other, BTreeSet::new())]), None);
    }

    fn any_face() -> resvg::usvg::fontdb::FaceInfo {
        use resvg::usvg::fontdb::{FaceInfo, ID, Language, Source, Stretch, Style, Weight};
        FaceInfo {
            id: ID::dummy(),
            source: Source::Binary(std::sync::Arc::new(Vec::<u8>::new())),
            index: 0,
            families: vec![("Any".to_owned(), Language::English_UnitedStates)],
            post_script_name: "Any".to_owned(),
            style: Style::Normal,
            weight: Weight::NORMAL,
            stretch: Stretch::Normal,
            monospaced: false,
        }
    }
}
