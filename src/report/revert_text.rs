//! Prints what a revert does not bring back.

use super::safe_text;
use crate::model::{Advice, Commands, Help, Key, few};
use crate::view::LeftAsItIs;

/// What is left as it is, and why; empty if everything is brought back.
pub fn not_reverted(left: &[LeftAsItIs], commands: &dyn Commands) -> String {
    let mut text = String::new();
    for group in left {
        let names: Vec<String> = group.keys.iter().map(|key| safe_text(key.as_str())).collect();
        text.push_str(&format!("\nLeft as it is: {}. {}\n", few(&names), safe_text(&group.why)));
    }
    let open: Vec<Key> =
        left.iter().filter(|group| group.is_open).flat_map(|group| group.keys.clone()).collect();
    if !open.is_empty() {
        let help = Help::none().run("To settle what is open", Advice::Recover { keys: open });
        text.push_str(&format!("{}\n", help.lines(commands).join("\n")));
    }
    text
}
