//! Many names in one sentence.

use std::fmt::Display;

/// So many are named.
const NAMED: usize = 5;

/// The first five names, and how many more there are.
pub fn few<T: Display>(names: &[T]) -> String {
    let named = names.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>();
    match (names.len().saturating_sub(NAMED), named.as_slice()) {
        (0, [first @ .., last]) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (0, _) => named.join(", "),
        (more, _) => format!("{} and {more} more", named.join(", ")),
    }
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
}
