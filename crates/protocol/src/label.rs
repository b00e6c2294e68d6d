//! Every domain label, once (§0, §15): `L(p) = "resguardo/v1/" ‖ p ‖ 0x00`.
//!
//! Every derivation and every hashed structure begins with a label; one label has one use, so that no
//! value can stand for another.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &[u8] = concat!("resguardo/v1/", $text, "\0").as_bytes();)*

        /// All labels, for the test that no two are alike.
        pub const ALL: &[&[u8]] = &[$($name),*];
    };
}

labels! {
    /// Input of the map to the second generator H (§15.1).
    PEDERSEN_H = "pedersen-h";
    /// Checksum of the phrase (§4).
    PHRASE = "phrase";
    /// Argon2id salt (§4).
    PHRASE_SALT = "phrase-salt";
    /// Case id from root (§4).
    ID = "id";
    /// `case_salt` from root (§4).
    CASE_SALT = "case-salt";
    /// Age identity of her inbox (§4).
    INBOX_KEM = "inbox-kem";
    /// Ed25519 seed of her inbox (§4).
    INBOX_SIGN = "inbox-sign";
    /// P (§8.4).
    CONSENT_PART = "consent-part";
    /// Key of the drafts of a phrase (§9.5).
    DRAFT = "draft";
    /// Seals a draft (§9.5).
    DRAFT_KEY = "draft-key";
    /// Replaces a draft (§9.5).
    DRAFT_WRITE = "draft-write";
    /// Name of a draft (§9.5).
    DRAFT_NAME = "draft-name";
    /// K, the case's age identity, from `case_salt` (§4).
    CASE_KEM = "case-kem";
    /// Slot of act k (§4).
    SLOT = "slot";
    /// Nonce of the commitment of act k (§4).
    LEAF_NONCE = "leaf-nonce";
    /// Commitment of an act (§6.1).
    LEAF = "leaf";
    /// Docket twin's entry (§6.1).
    DOCKET = "docket";
    /// Council fingerprint (§3).
    COUNCIL = "council";
    /// Age identity from a seed (§2).
    KEM = "kem";
    /// Ed25519 seed from a seed (§2).
    SIGN = "sign";
    /// Compartment seed (§5.2).
    COMPARTMENT = "compartment";
    /// Share file (§15.6).
    SHARE = "share";
    /// Proof that a filing adds to another (§5.3).
    PARENT = "parent";
    /// Release file (§15.6).
    RELEASE = "release";
    /// Consent part file (§15.6).
    CONSENT_FILE = "consent-file";
    /// What moves with her inbox (§15.6).
    INBOX_CASE = "inbox-case";
    /// Match request file (§15.6).
    MATCH = "match";
    /// Plaintext for the matcher (§15.6).
    MATCH_OPEN = "match-open";
    /// Tag of an identifier (§12).
    TAG = "tag";
    /// Names a session of key nodes that makes a key (§12, crate `oprf`).
    DKG = "dkg";
    /// Names a session of key nodes that changes its shares (§12, crate `oprf`).
    REFRESH = "refresh";
    /// What a key node signs of what it deals (§12, crate `oprf`).
    DEALING = "dealing";
    /// All dealings of a session, as its certificate names them (§12, crate `oprf`).
    DEALINGS = "dealings";
    /// Reshare file (§15.6).
    RESHARE = "reshare";
    /// Reshare commitments (§15.6).
    RESHARE_COMMIT = "reshare-commit";
    /// Bucket of a recipient (§9.1).
    BUCKET = "bucket";
    /// Duty report's commitment (§10.2).
    DUTY = "duty";
    /// What is sent to the service of an upload code (§15.8).
    QUOTA = "quota";
    /// Hashcash (§15.8).
    HASHCASH = "hashcash";
    /// Transport signature (§15.8).
    HTTP = "http";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_distinct_and_prefix_free() {
        for (i, a) in ALL.iter().enumerate() {
            for b in &ALL[i + 1..] {
                assert!(!a.starts_with(b) && !b.starts_with(a));
            }
        }
    }

    #[test]
    fn lengths_the_layouts_rely_on() {
        assert_eq!(SHARE.len(), 19);
        assert_eq!(RELEASE.len(), 21);
        assert_eq!(CONSENT_FILE.len(), 26);
    }
}
