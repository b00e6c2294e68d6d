//! What she sends after filing, messages, and what seats say of danger, and of a case that lapses, is erased or
//! declined.

use ed25519_dalek::SigningKey;
use protocol::Secret;
use protocol::age::Identity;
use protocol::http::Quota;
use protocol::ids::Version;
use protocol::phrase::CaseKeys;
use protocol::share::consent::SealedPart;
use protocol::share::moved::MovedCase;
use protocol::slot::CaseSalt;
use protocol::statement::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{TIME, case, d, day, nonce, origin, public, recipient, x};

/// P of the examples.
pub fn consent_part() -> Secret<[u8; 32]> {
    Secret::new([0x55; 32])
}

/// P for the request `d(0xd4)`, to the recipient of the example of a request.
pub fn sealed_part() -> SealedPart {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    SealedPart::seal(&consent_part(), &d(0xd4), &recipient(0xac), &mut rng)
}

/// Signs for the inbox of a new phrase.
pub fn new_hers() -> SigningKey {
    SigningKey::from_bytes(&[0x1d; 32])
}

/// The keys of the case, for the inbox of a new phrase.
pub fn moved_case() -> MovedCase {
    let secret = |byte| Secret::new([byte; 32]);
    let keys = CaseKeys {
        id: case(),
        case_salt: CaseSalt::new([0x22; 32]),
        inbox: Identity::from_seed([0x1a; 32]),
        signing: super::hers(),
        consent_part: consent_part(),
        draft: secret(0x66),
    };
    MovedCase::seal(&keys, &recipient(0xad), &mut ChaCha20Rng::seed_from_u64(13))
}

/// The inbox of a new phrase.
pub fn new_inbox() -> Inbox {
    Inbox {
        recipient: recipient(0xad),
        key: public(&new_hers()),
    }
}

pub fn declarant_objection() -> DeclarantObjection {
    DeclarantObjection {
        v: Version,
        origin: origin(),
        nonce: nonce(0xcc),
        day: day(),
        case: case(),
        request: d(0xd4),
        by: 0,
        n: 1,
        twin: None,
    }
}

pub fn consent() -> Consent {
    Consent {
        v: Version,
        origin: origin(),
        nonce: nonce(0xd6),
        day: day(),
        case: case(),
        request: d(0xd4),
        yes: true,
        n: 2,
        part: Some(sealed_part()),
    }
}

pub fn withdraw() -> Withdraw {
    Withdraw {
        v: Version,
        origin: origin(),
        nonce: nonce(0xd7),
        day: day(),
        case: case(),
        n: 3,
        yes: true,
    }
}

pub fn alive() -> Alive {
    Alive {
        v: Version,
        origin: origin(),
        nonce: nonce(0xd8),
        day: day(),
        case: case(),
        n: 4,
    }
}

pub fn inbox_change() -> InboxChange {
    InboxChange {
        v: Version,
        origin: origin(),
        nonce: nonce(0xd9),
        day: day(),
        case: case(),
        inbox: new_inbox(),
        n: 5,
        part: moved_case(),
    }
}

pub fn ask() -> Ask {
    Ask {
        v: Version,
        origin: origin(),
        nonce: nonce(0xda),
        day: day(),
        inbox: new_inbox(),
        n: 1,
        text: "¿Quién puede leer lo que escriba?\nNo quiero dar mi nombre.".to_owned(),
    }
}

pub fn message() -> Message {
    Message {
        v: Version,
        origin: origin(),
        nonce: nonce(0xdb),
        day: day(),
        case: Some(case()),
        x: 2,
        n: 1,
        text: "Leímos tu testimonio.\nNo tienes que hacer nada.".to_owned(),
        quota: Some(Quota([0x88; 16])),
    }
}

pub fn lapse() -> Lapse {
    Lapse {
        v: Version,
        origin: origin(),
        nonce: nonce(0xdc),
        time: TIME,
        case: case(),
        step: LapseStep::Inquiry,
        x: x(2),
    }
}

pub fn erased() -> Erased {
    Erased {
        v: Version,
        origin: origin(),
        nonce: nonce(0xdd),
        time: TIME,
        case: case(),
        x: x(2),
        what: Erasure::All,
        twin: None,
    }
}

pub fn decline() -> Decline {
    Decline {
        v: Version,
        origin: origin(),
        nonce: nonce(0xde),
        time: TIME,
        case: case(),
        x: x(2),
        reason: DeclineReason::Spam,
    }
}

pub fn handled() -> Handled {
    Handled {
        v: Version,
        origin: origin(),
        nonce: nonce(0xe3),
        time: TIME,
        x: x(2),
        ask: d(0xd6),
        what: Handling::Answered,
    }
}

pub fn attended() -> Attended {
    Attended {
        v: Version,
        origin: origin(),
        nonce: nonce(0xdf),
        time: TIME,
        case: case(),
        x: x(2),
        what: Attention::Called,
        until: Some(TIME + 86_400),
    }
}
