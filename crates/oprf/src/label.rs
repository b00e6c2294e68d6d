//! The labels of §15 that stand here: `L(p)`.

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &[u8] = concat!("resguardo/v1/", $text, "\0").as_bytes();)*
    };
}

labels! {
    /// From an unblinded element to a tag (§12).
    TAG = "tag";
    /// Begins the name of a session that makes a key (§12).
    DKG = "dkg";
    /// Begins the name of a session that changes its shares (§12).
    REFRESH = "refresh";
    /// What a node signs of what it deals (§12).
    DEALING = "dealing";
    /// All dealings of a session, as its certificate names them (§12).
    DEALINGS = "dealings";
}
