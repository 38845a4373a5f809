//! Many names in one sentence.

use std::fmt::Display;

/// So many are named.
const NAMED: usize = 5;

/// The first five names, and how many more there are.
pub fn few<T: Display>(names: &[T]) -> String {
    match names.split_at_checked(NAMED) {
        Some((named, more)) if !more.is_empty() => format!("{} and {} more", in_a_row(named), more.len()),
        _ => all_of(names),
    }
}

/// `a and b`, `a, b and c`: every name.
pub fn all_of<T: Display>(names: &[T]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", in_a_row(first)),
        names => in_a_row(names),
    }
}

fn in_a_row<T: Display>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_are_named_and_the_others_counted() {
        assert_eq!(few(&["a"]), "a");
        assert_eq!(few(&["a", "b", "c"]), "a, b and c");
        assert_eq!(few(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
        assert_eq!(few::<String>(&[]), "");
    }

    #[test]
    fn all_are_named_however_many_there_are() {
        assert_eq!(all_of(&["a"]), "a");
        assert_eq!(all_of(&["a", "b"]), "a and b");
        assert_eq!(all_of(&["a", "b", "c", "d", "e", "f"]), "a, b, c, d, e and f");
        assert_eq!(all_of::<String>(&[]), "");
    }
}
