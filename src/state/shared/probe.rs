//! Finds out whether a store compares and swaps, by racing writes of which exactly one may succeed. Called once for a
//! location, by the first run that writes there: some stores ignore conditions, others only when writes race.

use std::thread;
use std::time::Duration;

use uuid::Uuid;

use super::conditional;
use super::objects::{ObjectError, Objects, Tag};

/// How many writes race.
const RACERS: usize = 8;

/// What the probe has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ProbeResult {
    /// Each race had one winner.
    Safe,
    /// A race had several winners, or none, in words.
    Unsafe(String),
}

/// Races writes of one new object below this folder, and of another one if an error of the store leaves it open who has won.
pub(super) fn probe(objects: &dyn Objects, folder: &str) -> Result<ProbeResult, ObjectError> {
    for pause in [Duration::from_millis(500), Duration::from_secs(2)] {
        match race_once(objects, folder) {
            Err(ObjectError::Unclear(_)) => objects.pause(pause),
            result => return result,
        }
    }
    race_once(objects, folder)
}

fn race_once(objects: &dyn Objects, folder: &str) -> Result<ProbeResult, ObjectError> {
    let key = format!("{folder}/{}", Uuid::new_v4());
    if let Some(seen) = race("creates of one object", || objects.create(&key, &fresh()))? {
        return Ok(ProbeResult::Unsafe(seen));
    }
    let Some(tag) = conditional::tag(objects, &key)? else {
        return Ok(ProbeResult::Unsafe("an object that was written is not there".to_owned()));
    };
    if let Some(seen) = race("updates of one version", || objects.replace(&key, &tag, &fresh()))? {
        return Ok(ProbeResult::Unsafe(seen));
    }
    // A tag that is out of date must be refused by a later write, too.
    Ok(match objects.replace(&key, &tag, &fresh()) {
        Ok(_) => ProbeResult::Unsafe("an update of a version that is out of date succeeded".to_owned()),
        Err(ObjectError::Rejected(words)) => return Err(ObjectError::Rejected(words)),
        Err(ObjectError::Refused | ObjectError::Unclear(_)) => ProbeResult::Safe,
    })
}

/// What is wrong with the result of a race, if anything.
fn race(
    what: &str,
    write: impl Fn() -> Result<Tag, ObjectError> + Sync,
) -> Result<Option<String>, ObjectError> {
    let results = thread::scope(|scope| {
        let racers: Vec<_> = (0..RACERS).map(|_| scope.spawn(&write)).collect();
        let lost = || Err(ObjectError::Unclear("a part of certctl ended unexpectedly".to_owned()));
        racers.into_iter().map(|racer| racer.join().unwrap_or_else(|_| lost())).collect::<Vec<_>>()
    });
    let winners = results.iter().filter(|result| result.is_ok()).count();
    let error = results.into_iter().find_map(|result| match result {
        Err(error @ (ObjectError::Rejected(_) | ObjectError::Unclear(_))) => Some(error),
        _ => None,
    });
    match (winners, error) {
        (1, _) => Ok(None),
        (0, Some(error)) => Err(error),
        (0, None) => Ok(Some(format!("none of {RACERS} {what} succeeded"))),
        (winners, _) => Ok(Some(format!("{winners} of {RACERS} {what} succeeded at the same time"))),
    }
}

fn fresh() -> Vec<u8> {
    format!(
        "{{\"certctl\": \"a probe of this store; it may be deleted\", \"nonce\": \"{}\"}}\n",
        Uuid::new_v4()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::in_memory::{InMemory, WriteFault};
    use super::*;

    #[test]
    fn an_error_of_the_store_is_survived() {
        for fault in [WriteFault::ErrorAfterWrite, WriteFault::ErrorBeforeWrite, WriteFault::Conflict] {
            for write in 0..17 {
                let store = InMemory::default();
                store.next_write_after(write, fault);
                assert_eq!(probe(&store, "x.probe"), Ok(ProbeResult::Safe), "{fault:?} at {write}");
            }
        }
    }

    #[test]
    fn stores_that_ignore_conditions_are_found() {
        assert_eq!(probe(&InMemory::default(), "x.probe"), Ok(ProbeResult::Safe));
        let unsafe_store = InMemory::unconditional();
        let seen = probe(&unsafe_store, "x.probe").unwrap();
        assert_eq!(
            seen,
            ProbeResult::Unsafe("8 of 8 creates of one object succeeded at the same time".to_owned())
        );
    }
}
