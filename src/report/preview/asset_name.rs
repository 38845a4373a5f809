//! The name of a template's background image in a local folder.

use percent_encoding::percent_decode_str;

/// The local file name of an `asset`: the last segment of its path, decoded. `None` unless it is a plain file name,
/// because others could lead out of the folder.
pub fn local_name(asset: &str) -> Option<String> {
    let address = asset.split(['?', '#']).next()?;
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (_, name) = address.rsplit_once('/')?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    is_plain(&name).then(|| name.into_owned())
}

/// Whether a text is a plain file name on every system: no folder, no drive, no stream.
fn is_plain(name: &str) -> bool {
    let is_special = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
    !matches!(name, "" | "." | "..") && name.len() <= 255 && !name.contains(is_special)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::path::{Component, Path};

    use super::*;

    #[test]
    fn the_name_is_the_last_path_segment() {
        for (asset, name) in [
            ("https://cdn.example.com/2026/landscape.png", "landscape.png"),
            ("https://cdn.example.com/a%20b.png?v=2#top", "a b.png"),
            ("www.example.com/%E5%8F%B0%E7%B4%99.jpg", "台紙.jpg"),
        ] {
            assert_eq!(local_name(asset).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_leads_out_of_the_folder_names_nothing() {
        for asset in [
            "https://cdn.example.com",
            "https://cdn.example.com/",
            "https://cdn.example.com/..",
            "https://cdn.example.com/%2e%2e",
            "https://cdn.example.com/..%2f..%2fetc%2fpasswd",
            "https://cdn.example.com/..%5c..%5csecret.png",
            "https://cdn.example.com/C:secret.png",
            "https://cdn.example.com/a%00b.png",
            "https://cdn.example.com/%ff.png",
            "landscape.png",
        ] {
            assert_eq!(local_name(asset), None, "{asset}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_always_one_path_segment(asset in "(https://a)?[a-z%2Ef5cC:.?#/\\\\]{0,30}") {
            if let Some(name) = local_name(&asset) {
                let parts: Vec<_> = Path::new(&name).components().collect();
                prop_assert!(matches!(parts.as_slice(), [Component::Normal(part)] if *part == name.as_str()));
            }
        }
    }
}
