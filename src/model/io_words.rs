//! Words errors of the operating system for people, without error numbers.

use std::io::{Error, ErrorKind};

/// The error in words, without its number.
pub fn io_words(error: &Error) -> String {
    let said = error.to_string();
    if error.raw_os_error().is_some() || error.get_ref().is_none() {
        match error.kind() {
            ErrorKind::NotFound => return "no such file or directory".to_owned(),
            ErrorKind::PermissionDenied => return "permission denied".to_owned(),
            ErrorKind::NotADirectory => return "a part of the path is a file and not a directory".to_owned(),
            ErrorKind::IsADirectory => return "it is a directory".to_owned(),
            ErrorKind::StorageFull => return "no space is left on the disk".to_owned(),
            ErrorKind::ReadOnlyFilesystem => return "the disk is read-only".to_owned(),
            _ => {}
        }
    }
    let words =
        said.rsplit_once(" (os error ").map_or(said.as_str(), |(words, _)| words).trim_end_matches('.');
    if error.raw_os_error().is_none() {
        return words.to_owned();
    }
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_library_names_are_left_out() {
        for error in
            [Error::from(ErrorKind::NotFound), std::fs::File::open("/nowhere/certctl-test").unwrap_err()]
        {
            assert_eq!(io_words(&error), "no such file or directory");
        }
        assert_eq!(io_words(&Error::other("It is ours")), "It is ours");
    }

    #[cfg(unix)]
    #[test]
    fn rare_errors_keep_the_systems_words() {
        let error = Error::from_raw_os_error(40);
        assert!(error.to_string().contains("(os error 40)"), "{error}");
        let words = io_words(&error);
        assert!(!words.contains("os error") && !words.is_empty(), "{words}");
    }
}
