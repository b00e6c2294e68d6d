//! ML-DSA-44 (FIPS 204), pure and without context, as `tlog-cosignature` uses it.
//!
//! Verified and signed by programs only: in a page the code would outweigh all else that it loads (docs/protocol.md §6.5).

/// Length of a public key in bytes.
pub(crate) const KEY_LEN: usize = 1312;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use ml_dsa::signature::Keypair as _;
    use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature, SigningKey, VerifyingKey};

    use super::KEY_LEN;

    /// Whether the signature is one by the key; `None` where this program cannot tell.
    pub(crate) fn verify(key: &[u8; KEY_LEN], message: &[u8], signature: &[u8]) -> Option<bool> {
        let key = EncodedVerifyingKey::<MlDsa44>::try_from(&key[..]).ok()?;
        let Ok(signature) = Signature::<MlDsa44>::try_from(signature) else {
            return Some(false);
        };
        Some(VerifyingKey::<MlDsa44>::decode(&key).verify_with_context(message, &[], &signature))
    }

    /// A signing key. Zeroized on drop.
    pub(crate) struct Signer(Box<SigningKey<MlDsa44>>);

    impl Signer {
        /// From the 32 bytes ξ of FIPS 204; `None` where this program cannot sign.
        pub(crate) fn from_seed(seed: &[u8; 32]) -> Option<Self> {
            let seed = ml_dsa::Seed::try_from(&seed[..]).ok()?;
            Some(Self(Box::new(SigningKey::from_seed(&seed))))
        }

        pub(crate) fn public(&self) -> [u8; KEY_LEN] {
            self.0.verifying_key().encode().into()
        }

        /// Deterministic: the same message gives the same signature.
        pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
            let signed = self.0.expanded_key().sign_deterministic(message, &[]);
            signed.map_or_else(|_| Vec::new(), |signature| signature.encode().to_vec())
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod native {
    use super::KEY_LEN;

    pub(crate) fn verify(_: &[u8; KEY_LEN], _: &[u8], _: &[u8]) -> Option<bool> {
        None
    }

    pub(crate) enum Signer {}

    impl Signer {
        pub(crate) fn from_seed(_: &[u8; 32]) -> Option<Self> {
            None
        }

        pub(crate) fn public(&self) -> [u8; KEY_LEN] {
            match *self {}
        }

        pub(crate) fn sign(&self, _: &[u8]) -> Vec<u8> {
            match *self {}
        }
    }
}

pub(crate) use native::{Signer, verify};

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{KEY_LEN, Signer, verify};

    fn bytes(test: &Value, name: &str) -> Vec<u8> {
        let hex = test[name].as_str().expect("hex");
        base16ct::lower::decode_vec(hex.as_bytes()).expect("hex")
    }

    #[test]
    fn wycheproof_is_decided_as_it_says() {
        let file: Value =
            serde_json::from_str(include_str!("../tests/vectors/ml-dsa-44-wycheproof.json")).expect("vectors");
        let mut seen = [0, 0];
        for test in file["verify"].as_array().expect("tests") {
            let expected = test["result"] == "valid";
            let key = <[u8; KEY_LEN]>::try_from(bytes(test, "publicKey"));
            let is_valid = key.is_ok_and(|key| verify(&key, &bytes(test, "msg"), &bytes(test, "sig")) == Some(true));
            assert_eq!(is_valid, expected, "{} {}", test["tcId"], test["comment"]);
            seen[usize::from(expected)] += 1;
        }
        assert!(seen[0] > 10 && seen[1] > 8, "{seen:?}");
        for test in file["sign"].as_array().expect("tests") {
            let seed = <[u8; 32]>::try_from(bytes(test, "seed")).expect("32 bytes");
            let signer = Signer::from_seed(&seed).expect("a program signs");
            assert_eq!(signer.public().to_vec(), bytes(test, "publicKey"), "{}", test["tcId"]);
            assert_eq!(signer.sign(&bytes(test, "msg")), bytes(test, "sig"), "{}", test["tcId"]);
        }
    }
}
