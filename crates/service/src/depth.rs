//! The depth of the buckets that the operator wants (§9.1), stated once the log has the entries for it.

use casework::Registry;
use ledger::Error;
use protocol::Nonce;
use protocol::ids::Version;
use protocol::statement::BucketDepth;

use crate::app::{Shared, blocking};
use crate::{founding, random};

/// States the operator's depth, unless one as deep is in the log or on its way there, or nobody would follow so deep a one yet.
///
/// # Errors
/// Storage.
pub(crate) async fn keep_deep(app: &Shared) -> Result<(), Error> {
    let b = app.limits.drop_depth;
    let view = app.projection.view();
    let is_operator = (view.council()).is_some_and(|council| council.operator.key == app.operator.public());
    let Some(registry) = view.registry().filter(|_| is_operator) else {
        return Ok(());
    };
    let size = blocking(app, |app| Ok(app.ledger.snapshot().map_or(0, |snapshot| snapshot.size))).await?;
    if !is_due(b, registry, view.announced_depth(), size) {
        return Ok(());
    }
    let drop = BucketDepth {
        v: Version,
        origin: app.origin.clone(),
        nonce: Nonce(random::bytes()),
        time: app.now(),
        b,
    };
    founding::state(app, &drop).await?;
    app.telemetry.count("resguardo_depths_stated_total");
    tracing::info!(b, "deeper buckets were stated");
    Ok(())
}

/// Whether a drop of depth `b` would be news and would count. `size`: entries in the log, all of which stand before it.
fn is_due(b: u8, registry: &Registry, announced: u8, size: u64) -> bool {
    b > registry.drop_depth().max(announced) && registry.may_be_deep(b, size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use casework::RootOfTrust;
    use protocol::{Digest, Origin};
    use tlog::note::KeyKind;
    use tlog::{Policy, SigningNoteKey};

    #[test]
    fn a_depth_is_stated_once_and_only_where_it_counts() {
        let key = |name, kind| SigningNoteKey::from_seed(name, kind, &[1; 32]).unwrap().verifier();
        let log_key = key("log.example", KeyKind::Ed25519);
        let witness = (key("cosigner.example", KeyKind::CosignatureV1), None);
        let root = RootOfTrust {
            v: Version,
            origin: Origin::new("log.example").unwrap(),
            log_key: log_key.to_string(),
            policy: Policy::to_text_k_of_n(&log_key, None, &[witness], 1),
            council: Digest([1; 32]),
        };
        let registry = Registry::new(&root).unwrap();
        assert!(!is_due(2, &registry, 0, 255), "nobody would follow it yet");
        assert!(is_due(2, &registry, 0, 256));
        assert!(is_due(2, &registry, 1, 256));
        assert!(!is_due(2, &registry, 2, 256), "one is on its way");
        assert!(!is_due(0, &registry, 0, 256));
    }
}
