//! Recognises a secret that was percent-encoded: wholly or in part, in either case, and more than once, as an address is
//! that is part of another address.

/// The limit of rounds of encoding that are looked through.
pub(super) const MAX_ROUNDS: u32 = 3;

/// The length of the secret at the beginning of a text that was encoded so many times. `None` if the text does not begin
/// with it.
pub(super) fn length_of(secret: &[u8], text: &[u8], rounds: u32) -> Option<usize> {
    secret.iter().try_fold(0, |length, wanted| {
        let (byte, own) = decoded(text.get(length..)?, rounds)?;
        // In forms, a blank becomes a plus sign.
        (byte == *wanted || (byte, *wanted) == (b'+', b' ')).then_some(length + own)
    })
}

/// The first byte of the text after so many rounds of decoding, and how many bytes of the text it takes.
fn decoded(text: &[u8], rounds: u32) -> Option<(u8, usize)> {
    let Some(before) = rounds.checked_sub(1) else { return Some((*text.first()?, 1)) };
    let (first, length) = decoded(text, before)?;
    if first != b'%' {
        return Some((first, length));
    }
    let digit = |at: usize| {
        let (byte, own) = decoded(text.get(at..)?, before)?;
        Some((char::from(byte).to_digit(16)?, at + own))
    };
    let escaped = || {
        let (high, at) = digit(length)?;
        let (low, at) = digit(at)?;
        Some((u8::try_from(high * 16 + low).ok()?, at))
    };
    // A percent sign without two digits is only that.
    Some(escaped().unwrap_or((first, length)))
}
