//! The log on stderr for people who look for the cause of a problem. The output starts it; nothing reads it.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Starts a log of the events that the filter selects, for example `certctl=debug,hyper_util=info` or `trace`.
pub(super) fn start(filter: &str, colour: bool) {
    // An error means that a test has already started a log.
    let _ = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(io::stderr)
        .with_ansi(colour)
        // The library would report a closed stderr, which is a panic.
        .log_internal_errors(false)
        .finish()
        .with(targets(filter))
        .try_init();
}

/// The levels in a filter. A part that is not understood selects nothing, so that a typo never stops a run.
fn targets(filter: &str) -> Targets {
    let parts = filter.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parts = parts.filter_map(|part| part.parse::<Targets>().ok());
    parts.fold(Targets::new(), |all, part| {
        let all = match part.default_level() {
            Some(level) => all.with_default(level),
            None => all,
        };
        all.with_targets(part)
    })
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels_are_selected_by_module() {
        let certctl = |filter, level| targets(filter).would_enable("certctl::apply", &level);
        assert!(certctl("trace", Level::TRACE));
        assert!(certctl("warn, certctl=debug", Level::DEBUG));
        assert!(!certctl("warn,certctl=debug", Level::TRACE));
        assert!(!targets("warn,certctl=debug").would_enable("hyper_util", &Level::INFO));
        assert!(certctl("certctl::apply", Level::TRACE));
        assert!(certctl("[a span], =, certctl=loud, certctl=info", Level::INFO));
        assert!(!certctl("off", Level::ERROR));
        assert!(!certctl("", Level::ERROR));
        assert!(!certctl("certctl=info,", Level::DEBUG));
    }
}
