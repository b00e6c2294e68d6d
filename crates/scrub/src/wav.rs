use crate::NoCopy;
use crate::boxes::array_at;
use crate::plan::{Plan, Source, fetch};

/// Chunks that a file may have.
const CHUNKS_MAX: usize = 10_000;
const ALLOWED: [&[u8; 4]; 3] = [b"fmt ", b"fact", b"data"];

/// The description of the sound and the sound.
pub(crate) fn plan(source: &mut dyn Source) -> Result<Plan, NoCopy> {
    let end = source.size();
    let mut kept = Vec::new();
    let mut at = 12u64;
    for _ in 0..CHUNKS_MAX {
        if end - at.min(end) < 8 {
            break;
        }
        let head = fetch(source, at..at + 8, 8)?;
        let (kind, length) = (array_at::<4>(&head, 0)?, u32::from_le_bytes(array_at(&head, 4)?));
        // A recording that was cut off has less than it says.
        let body = at + 8..(at + 8 + u64::from(length)).min(end);
        at = body.end + (u64::from(length) & 1);
        if ALLOWED.contains(&&kind) {
            kept.push((kind, body));
        }
    }
    let has = |wanted: &[u8; 4]| kept.iter().any(|(kind, _)| kind == wanted);
    if !has(b"fmt ") || !has(b"data") {
        return Err(NoCopy::Damaged);
    }
    let padded = |length: u64| length + (length & 1);
    let size: u64 = kept.iter().map(|(_, body)| 8 + padded(body.end - body.start)).sum();
    let size = u32::try_from(size + 4).map_err(|_| NoCopy::Large)?;
    let mut plan = Plan::default();
    plan.make([&b"RIFF"[..], &size.to_le_bytes(), b"WAVE"].concat());
    for (kind, body) in kept {
        let length = (body.end - body.start) as u32;
        plan.make([kind, length.to_le_bytes()].concat());
        plan.keep(body);
        if length & 1 == 1 {
            plan.make(vec![0]);
        }
    }
    Ok(plan)
}
