//! certctl.toml: any text.

use std::path::Path;

use certctl::config::parse;
use certctl::model::{SourceText, plain_path};

use super::places;

pub(crate) fn configuration(bytes: &[u8]) {
    const FILE: &str = "certctl.toml";
    let root = Path::new("/project");
    let source = match SourceText::from_bytes(FILE, bytes) {
        Ok(source) => source,
        Err(place) => {
            let line = places::text(bytes).split('\n').nth(place.line - 1).map(|line| line.chars().count());
            assert!(line.is_some_and(|line| place.column <= line + 1), "{place:?}");
            return;
        }
    };
    match (parse(&source, root), parse(&source, root)) {
        (Ok(config), Ok(again)) => {
            assert_eq!(format!("{config:?}"), format!("{again:?}"));
            assert!(!config.environments.is_empty(), "there is always one, if need be the sandbox");
            for (name, environment) in &config.environments {
                assert_eq!(*name, environment.name);
                let api = &environment.api;
                assert!(api.batch_size > 0 && api.concurrency > 0 && api.requests_per_minute > 0, "{api:?}");
                assert!(!api.timeout.is_zero() && !api.job_timeout.is_zero(), "{api:?}");
                // Two environments with one state would each see the other's templates as orphans.
                let sharing = config
                    .environments
                    .values()
                    .filter(|other| plain_path(&other.state) == plain_path(&environment.state));
                assert_eq!(sharing.count(), 1, "{}", environment.state.display());
                assert_eq!(config.environment(Some(name)).unwrap().name, *name);
            }
        }
        (Err(findings), Err(again)) => {
            assert_eq!(findings, again);
            for place in findings.iter().map(|finding| &finding.place) {
                let line = place.source_line.to_lowercase();
                let secret = ["key", "token", "secret", "passw", "credential", "bearer", "authorization"];
                assert!(!secret.iter().any(|word| line.contains(word)), "{place:?}");
            }
            places::check(&findings, |place| (place.file == Path::new(FILE)).then(|| places::text(bytes)));
        }
        (one, other) => panic!("{:?} and then {:?}", one.map(drop), other.map(drop)),
    }
}
