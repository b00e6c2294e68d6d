//! The rules of `core` and `testimony` (§5.2, §8.2, §8.4, §19), one at a time.

use crate::statement_fixture;

use protocol::envelope::Envelope;
use protocol::ids::CaseId;
use protocol::share::deal::Commitment;
use protocol::statement::*;
use statement_fixture::*;

#[test]
fn core_compartment_rules() {
    let order = "compartments ascend";
    let keys = "keys of their own";
    refuses(
        &core(),
        &[
            ("own parent", |s| s.parent = Some(parent(s.case))),
            (order, |s| s.compartments.swap(0, 1)),
            (order, |s| s.compartments[1].name = Compartment::Account),
            ("account is always there", |s| s.compartments.clear()),
            ("account is always there", |s| _ = s.compartments.remove(0)),
            ("the matcher's", |s| s.compartments[1].name = Compartment::Match),
            (keys, |s| {
                s.compartments[1].recipient = s.compartments[0].recipient.clone()
            }),
            (keys, |s| s.compartments[1].recipient = s.inbox.recipient.clone()),
            ("as many commitments", |s| s.compartments[0].threshold = 4),
            ("as many commitments", |s| {
                s.compartments[0].commitments.push(Commitment([9; 32]))
            }),
            ("as many commitments", |s| s.compartments[1].commitments.truncate(3)),
            ("at least 2", |s| {
                s.compartments[0].threshold = 1;
                s.compartments[0].commitments.truncate(1);
            }),
            ("not above that of identity", |s| {
                s.compartments[1].threshold = 2;
                s.compartments[1].commitments.truncate(2);
            }),
        ],
    );
    accepts(&Core {
        compartments: core().compartments[..1].to_vec(),
        ..core()
    });
    accepts(&Core {
        parent: Some(parent(CaseId([9; 16]))),
        handle: Some(Handle([7; 16])),
        ..core()
    });
}

#[test]
fn core_object_rules() {
    fn account(s: &mut Core) -> &mut Vec<ObjectRef> {
        &mut s.compartments[0].objects
    }
    let copy = "a copy follows its evidence";
    refuses(
        &core(),
        &[
            ("has a document", |s| account(s).clear()),
            ("document comes first", |s| account(s).swap(0, 1)),
            ("document comes first", |s| _ = account(s).remove(0)),
            ("one document", |s| {
                account(s).push(object(0x91, 18_043, ObjectKind::Document))
            }),
            (copy, |s| account(s).swap(2, 1)),
            (copy, |s| account(s).insert(3, object(0x91, 67_195, ObjectKind::Copy))),
            (copy, |s| account(s).insert(1, object(0x91, 67_195, ObjectKind::Copy))),
            ("not empty", |s| account(s)[1].size = 0),
            ("named twice", |s| account(s)[3].digest = account(s)[0].digest),
            ("named twice", |s| {
                s.compartments[1].objects[0].digest = s.compartments[0].objects[0].digest
            }),
            ("at most 24", |s| {
                for n in 0..20 {
                    account(s).push(object(n, 67_195, ObjectKind::Evidence));
                }
            }),
        ],
    );
    let mut most = core();
    (0..19).for_each(|n| account(&mut most).push(object(n, 67_195, ObjectKind::Evidence)));
    accepts(&most);
}

#[test]
fn core_policy_rules() {
    let together = "null together";
    let request = "null under on_request";
    refuses(
        &core(),
        &[
            (together, |s| s.policy.lapse_days = Some(180)),
            (together, |s| s.policy.t_lapse = Some(4)),
            (request, |s| {
                s.policy.lapse_days = Some(180);
                s.policy.t_lapse = Some(4);
            }),
            ("inbox_days", |s| s.policy.inbox_days = 7),
            ("ask_me_after", |s| s.policy.ask_me_after = Some(0)),
            ("ascends", |s| s.policy.allowed = vec![Use::Authority, Use::Support]),
            ("ascends", |s| s.policy.allowed = vec![Use::Support, Use::Support]),
        ],
    );
    for days in [30, 180, 400] {
        accepts(&Core {
            policy: AccessPolicy {
                inbox_days: days,
                ..core().policy
            },
            ..core()
        });
    }
    // Strict consent: P is nowhere else.
    accepts(&Core {
        policy: AccessPolicy {
            open: Opening::WithMyConsent,
            ..core().policy
        },
        ..core()
    });
}

#[test]
fn core_lapse_rules() {
    fn threshold(s: &mut Core, t: u8) {
        s.policy.t_lapse = Some(t);
        s.compartments[2].threshold = t;
        s.compartments[2].commitments = (0..t).map(|j| Commitment([j; 32])).collect();
    }
    refuses(
        &core_with_lapse(),
        &[
            ("180, 365 or 730", |s| s.policy.lapse_days = Some(30)),
            ("has threshold t_lapse", |s| _ = s.compartments.pop()),
            ("has threshold t_lapse", |s| s.policy.t_lapse = Some(5)),
            ("has threshold t_lapse", |s| {
                s.policy.t_lapse = None;
                s.policy.lapse_days = None;
            }),
            ("not below that of identity", |s| threshold(s, 3)),
            ("above the threshold of account", |s| {
                s.compartments.remove(1);
                s.compartments[1].threshold = 3;
                s.compartments[1].commitments.truncate(3);
                s.policy.t_lapse = Some(3);
            }),
            ("its document only", |s| {
                s.compartments[2]
                    .objects
                    .push(object(0x91, 67_195, ObjectKind::Evidence))
            }),
        ],
    );
    let mut higher = core_with_lapse();
    threshold(&mut higher, 5);
    accepts(&higher);
}

#[test]
fn a_testimony_belongs_to_its_core() {
    let core_envelope = Envelope::try_sign(&core(), &[&hers()]).unwrap();
    let verified = core_envelope.verify::<Core>(&[public(&hers())]).unwrap();
    let good = Testimony {
        core: core_envelope.digest(),
        ..testimony()
    };
    assert_eq!(good.belongs_to(&verified), Ok(()));
    let other_origin = protocol::Origin::new("demo.example/other").unwrap();
    let changed = [
        Testimony {
            core: d(1),
            ..good.clone()
        },
        Testimony {
            case: CaseId([1; 16]),
            ..good.clone()
        },
        Testimony {
            origin: other_origin,
            ..good.clone()
        },
        Testimony {
            match_request: Some(d(1)),
            ..good.clone()
        },
        Testimony {
            shares: good.shares[..3].to_vec(),
            ..good.clone()
        },
    ];
    for testimony in changed {
        assert!(testimony.belongs_to(&verified).is_err(), "{testimony:?}");
    }
    let with_handle = Envelope::try_sign(
        &Core {
            handle: Some(Handle([7; 16])),
            ..core()
        },
        &[&hers()],
    )
    .unwrap();
    let verified = with_handle.verify::<Core>(&[public(&hers())]).unwrap();
    let good = Testimony {
        core: with_handle.digest(),
        match_request: Some(d(1)),
        ..good
    };
    assert_eq!(good.belongs_to(&verified), Ok(()));
    assert!(
        Testimony {
            match_request: None,
            ..good
        }
        .belongs_to(&verified)
        .is_err()
    );
}
