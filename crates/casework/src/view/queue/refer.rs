//! The next step of a case whose parts are complete: it is referred to a reader (§8.1).

use protocol::MemberNumber;

use super::Task;
use crate::admit;
use crate::case::{Body, Case};
use crate::registry::Registry;

/// Offered to a seat while no reader knows of a case that enough seats hold: telling one is the next step. Any seat may take
/// it, and none owes it. What she withdraws, or what is declined, is offered to nobody.
pub fn first_referral(case: &Case, x: MemberNumber, registry: &Registry) -> Option<Task> {
    let is_referred = case.counting().any(|(_, body)| matches!(body, Body::Referral(_)));
    if is_referred || !case.is_safe() || case.erasure().erase_from().is_some() || case.erasure().is_final() {
        return None;
    }
    let readers = registry.current()?.readers.iter().map(|reader| reader.x);
    let readers: Vec<MemberNumber> = readers
        .filter(|reader| admit::referral(case, x, *reader, registry).is_ok())
        .collect();
    (!readers.is_empty()).then_some(Task::Refer { readers })
}
