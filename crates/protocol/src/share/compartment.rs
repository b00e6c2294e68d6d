//! From S to the compartment's age identity T (§5.2.2).

use curve25519_dalek::Scalar;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::age::Identity;
use crate::ids::CaseId;
use crate::label;
use crate::secret::Secret;
use crate::statement::Compartment;

/// T = `HKDF(ikm = S ‖ P or nothing, salt = id, info = L("compartment") ‖ name)`.
///
/// `consent_part` is P for `account` and `identity` under `with_my_consent`, else `None` (§8.4).
/// S and P are read, not kept.
///
/// # Panics
/// Never, because 32 bytes are less than HKDF's limit of 255 blocks.
pub fn identity(
    secret: &Scalar,
    consent_part: Option<&Secret<[u8; 32]>>,
    case: &CaseId,
    name: Compartment,
) -> Identity {
    let mut ikm = Zeroizing::new(Vec::with_capacity(64));
    ikm.extend_from_slice(secret.as_bytes());
    if let Some(part) = consent_part {
        ikm.extend_from_slice(part.expose());
    }
    let mut seed = [0; 32];
    Hkdf::<Sha256>::new(Some(&case.0), &ikm)
        .expand_multi_info(&[label::COMPARTMENT, &[name.into()]], &mut seed)
        .expect("32 bytes are within the limit of HKDF");
    let identity = Identity::from_seed(seed);
    seed.zeroize();
    identity
}
