//! Small rules that several statements share (§0, §19).

use std::collections::BTreeSet;

use super::Rule;
use crate::ids::MemberNumber;

/// Seconds of a request's time to be decided: 14 days (§8.3).
pub(super) const DECIDE_S: u64 = 14 * 86_400;
/// Size of a share file in bytes (§15.6).
pub(super) const SHARE_SIZE: u64 = 1_979;
/// Size of a release file in bytes (§15.6).
pub(super) const RELEASE_SIZE: u64 = 1_851;
/// Most members of a council that have a recipient, hence most seats (§19).
pub(super) const MEMBERS_MAX: usize = 24;
/// Fewest seats a testimony is dealt to: t_identity + 1, t_identity being 2 at least (§5.5).
pub(super) const SEATS_MIN: usize = 3;

/// Passes, or names the broken rule.
pub(super) fn hold(kept: bool, rule: &'static str) -> Rule {
    if kept { Ok(()) } else { Err(rule) }
}

/// Ascending without repetition.
pub(super) fn ascends<T: Ord>(items: impl IntoIterator<Item = T>) -> bool {
    let mut items = items.into_iter();
    let Some(mut last) = items.next() else { return true };
    items.all(|item| {
        let next = last < item;
        last = item;
        next
    })
}

/// No two alike.
pub(super) fn distinct<T: Ord>(items: impl IntoIterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    items.into_iter().all(|item| seen.insert(item))
}

/// Seats that a testimony was dealt to: ascending, 3 to 24.
pub(super) fn dealt_seats(seats: &[MemberNumber]) -> Rule {
    hold(ascends(seats), "seats ascend without repetition")?;
    hold(
        (SEATS_MIN..=MEMBERS_MAX).contains(&seats.len()),
        "a testimony is dealt to 3 to 24 seats",
    )
}

/// The name of a measure of assistance: 1 to 64 bytes of `a–z 0–9 _ -`.
pub(super) fn is_measure(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// BCP 47 in lower case: a primary subtag of 2 to 8 letters, then subtags of 1 to 8 letters or digits.
pub(super) fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or("");
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len())
                && subtag
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}
