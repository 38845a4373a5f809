//! Writes under a condition, and reads, that survive lost answers.
//!
//! A store may carry out a write and fail to say so; the repetition is then told that the condition does not hold, by
//! the writer's own object. So after any answer but a success the object is read back and compared: every object that
//! is written has contents that no other writer makes.

use super::objects::{ObjectError, Objects, StoredObject, Tag};
use crate::state::store_requests::PAUSES;

/// The result of a write under a condition.
#[derive(Debug)]
pub(super) enum Swap {
    /// The object has these contents now.
    Won(Tag),
    /// Another writer's contents are there, or none although there should be some.
    Lost(Option<StoredObject>),
}

/// Makes a request that may be carried out twice, again if it is not known how it ended.
fn again<T>(objects: &dyn Objects, request: impl Fn() -> Result<T, ObjectError>) -> Result<T, ObjectError> {
    for pause in PAUSES {
        match request() {
            Err(ObjectError::Unclear(_) | ObjectError::Refused) => objects.pause(pause),
            result => return result,
        }
    }
    request()
}

/// Reads an object.
pub(super) fn get(objects: &dyn Objects, key: &str) -> Result<Option<StoredObject>, ObjectError> {
    again(objects, || objects.get(key))
}

/// Reads an object until it is one that is known to be there: a store may answer with an earlier version for a while. The
/// result is the last answer.
pub(super) fn get_until(
    objects: &dyn Objects,
    key: &str,
    is_it: impl Fn(&StoredObject) -> bool,
) -> Result<Option<StoredObject>, ObjectError> {
    for pause in PAUSES {
        let there = get(objects, key)?;
        if there.as_ref().is_some_and(&is_it) {
            return Ok(there);
        }
        objects.pause(pause);
    }
    get(objects, key)
}

/// Asks for the tag of an object.
pub(super) fn tag(objects: &dyn Objects, key: &str) -> Result<Option<Tag>, ObjectError> {
    again(objects, || objects.tag(key))
}

/// Removes an object. A repetition finds it removed.
pub(super) fn remove(objects: &dyn Objects, key: &str) -> Result<(), ObjectError> {
    again(objects, || objects.remove(key))
}

/// Lists objects.
pub(super) fn list(objects: &dyn Objects, folder: &str, after: &str) -> Result<Vec<String>, ObjectError> {
    again(objects, || objects.list(folder, after))
}

/// Writes an object if there is none.
pub(super) fn create(objects: &dyn Objects, key: &str, bytes: &[u8]) -> Result<Swap, ObjectError> {
    swap(objects, key, bytes, || objects.create(key, bytes), Option::is_none)
}

/// Writes an object if its tag is still this one.
pub(super) fn replace(
    objects: &dyn Objects,
    key: &str,
    expected: &Tag,
    bytes: &[u8],
) -> Result<Swap, ObjectError> {
    let holds = |there: &Option<StoredObject>| there.as_ref().is_some_and(|there| there.tag == *expected);
    swap(objects, key, bytes, || objects.replace(key, expected, bytes), holds)
}

/// Writes until the object has these contents, or the condition is seen not to hold.
fn swap(
    objects: &dyn Objects,
    key: &str,
    bytes: &[u8],
    write: impl Fn() -> Result<Tag, ObjectError>,
    holds: impl Fn(&Option<StoredObject>) -> bool,
) -> Result<Swap, ObjectError> {
    let mut pauses = PAUSES.iter();
    loop {
        let error = match write() {
            Ok(tag) => return Ok(Swap::Won(tag)),
            Err(error @ ObjectError::Rejected(_)) => return Err(error),
            Err(error) => error,
        };
        // The first attempt may have been carried out, and may even arrive after the next one: its contents are the
        // same, so whichever comes first has won for both.
        let there = get(objects, key)?;
        match there {
            Some(there) if there.bytes == bytes => return Ok(Swap::Won(there.tag)),
            there if !holds(&there) => return Ok(Swap::Lost(there)),
            _ => {}
        }
        match pauses.next() {
            Some(pause) => objects.pause(*pause),
            None if error == ObjectError::Refused => {
                return Err(ObjectError::Unclear(
                    "the store refuses to write it as changed meanwhile, and reads back unchanged".to_owned(),
                ));
            }
            None => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::in_memory::{InMemory, WriteFault};
    use super::*;

    #[test]
    fn own_write_without_an_answer_has_won() {
        for fault in [WriteFault::ErrorAfterWrite, WriteFault::ErrorBeforeWrite, WriteFault::Conflict] {
            let store = InMemory::default();
            store.next_write(fault);
            assert!(matches!(create(&store, "a", b"mine").unwrap(), Swap::Won(_)), "{fault:?}");
            let tag = store.tag("a").unwrap().unwrap();
            store.next_write(fault);
            let Swap::Won(new) = replace(&store, "a", &tag, b"mine 2").unwrap() else { panic!("{fault:?}") };
            assert_eq!(store.tag("a").unwrap().unwrap(), new);
            assert_eq!(store.get("a").unwrap().unwrap().bytes, b"mine 2");
        }
    }

    #[test]
    fn contents_of_another_writer_have_won() {
        let store = InMemory::default();
        let first = store.create("a", b"theirs").unwrap();
        for fault in [None, Some(WriteFault::Conflict), Some(WriteFault::ErrorBeforeWrite)] {
            if let Some(fault) = fault {
                store.next_write(fault);
            }
            let Swap::Lost(Some(there)) = create(&store, "a", b"mine").unwrap() else { panic!("{fault:?}") };
            assert_eq!(there.bytes, b"theirs");
        }
        store.replace("a", &first, b"theirs 2").unwrap();
        assert!(matches!(replace(&store, "a", &first, b"mine").unwrap(), Swap::Lost(Some(_))));
        assert!(matches!(replace(&store, "b", &first, b"mine").unwrap(), Swap::Lost(None)));
        assert_eq!(store.get("a").unwrap().unwrap().bytes, b"theirs 2");
    }

    #[test]
    fn a_request_that_is_not_allowed_is_not_repeated() {
        let store = InMemory::default();
        store.next_write(WriteFault::Forbidden);
        assert!(matches!(create(&store, "a", b"mine"), Err(ObjectError::Rejected(_))));
        assert!(matches!(create(&store, "a", b"mine"), Ok(Swap::Won(_))));
    }
}
