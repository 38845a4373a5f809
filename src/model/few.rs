//! Lists of names within a sentence.

use std::fmt::Display;

/// How many names [`few`] lists.
const LISTED: usize = 5;

/// Up to five names, then the number of the others: `a, b, c, d, e and 2 more`.
pub fn few<T: Display>(names: &[T]) -> String {
    match names.split_at_checked(LISTED) {
        Some((first, more)) if !more.is_empty() => format!("{} and {} more", joined(first), more.len()),
        _ => all_of(names),
    }
}

/// Every name: `a and b`, `a, b and c`.
pub fn all_of<T: Display>(names: &[T]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", joined(first)),
        names => joined(names),
    }
}

fn joined<T: Display>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_listed_and_others_counted() {
        assert_eq!(few(&["a"]), "a");
        assert_eq!(few(&["a", "b", "c"]), "a, b and c");
        assert_eq!(few(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
        assert_eq!(few::<String>(&[]), "");
    }

    #[test]
    fn all_names_are_listed() {
        assert_eq!(all_of(&["a"]), "a");
        assert_eq!(all_of(&["a", "b"]), "a and b");
        assert_eq!(all_of(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d, e and f");
        assert_eq!(all_of::<String>(&[]), "");
    }
}
