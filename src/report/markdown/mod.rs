//! Prints reports as one comment on a pull request: verdict and numbers first, details collapsed, never longer than
//! the limit.
//!
//! Nothing in a template can mention a user, add a link or break the layout: texts of others are always code.

mod budget;
mod change;
mod code;
mod drift;
mod failure;
mod item;
mod plan;
mod prose;
mod run;

#[cfg(test)]
mod tests;

pub use drift::drift;
pub use failure::failure;
pub use plan::plan;
pub use run::run;

use budget::{BudgetItem, BudgetSection};

use crate::view::Section;

/// The longest comment that GitHub accepts, in characters; counted in bytes here, which is never more.
pub const MAX_BYTES: usize = 65_536;
/// The smallest limit that fits everything that is never left out.
pub const MIN_BYTES: usize = 2_048;

/// A section: collapsed, unless its items need attention.
fn of_section(section: &Section, items: Vec<BudgetItem>) -> BudgetSection {
    if !section.needs_attention {
        return collapsed(section.counted, items);
    }
    let open = format!("#### {}\n\n", section.heading);
    BudgetSection { name: section.counted, open, close: "\n", items }
}

/// A collapsed section, with the number of its templates.
fn collapsed(counted: &'static str, items: Vec<BudgetItem>) -> BudgetSection {
    let count: usize = items.iter().map(|item| item.templates).sum();
    let open = format!("<details>\n<summary>{count} {counted}</summary>\n\n");
    BudgetSection { name: counted, open, close: "\n</details>\n\n", items }
}
