//! Who wrote something: she, or a member of the council by its institution.

use casework::Registry;
use protocol::MemberNumber;
use protocol::ids::PublicKey;
use protocol::statement::Council;
use serde::Serialize;

/// Who wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum Who {
    /// She.
    She,
    /// A member of the council: never a free name.
    Member {
        /// Its number.
        x: MemberNumber,
        /// Its institution, by the newest council that has this number.
        institution: String,
        /// Whether the current council has it.
        is_current: bool,
    },
    /// Nobody can say.
    Unknown,
}

impl Who {
    /// A member by its number, which no other ever has (§3).
    pub fn member(x: MemberNumber, registry: &Registry) -> Self {
        let current = registry.current().and_then(|council| of(council, x));
        let newest = registry.councils().iter().rev().find_map(|council| of(council, x));
        newest.map_or(Self::Unknown, |(institution, _)| Self::Member {
            x,
            institution: institution.to_owned(),
            is_current: current.is_some(),
        })
    }

    /// As [`Self::member`]; one whose key is another by now is not current.
    pub fn with_key(x: MemberNumber, key: &PublicKey, registry: &Registry) -> Self {
        let current = registry.current().and_then(|council| of(council, x));
        match Self::member(x, registry) {
            Self::Member { x, institution, .. } => Self::Member {
                x,
                institution,
                is_current: current.is_some_and(|(_, own)| own == *key),
            },
            other => other,
        }
    }
}

/// Institution and key of a member, or of counsel, in one council.
fn of(council: &Council, x: MemberNumber) -> Option<(&str, PublicKey)> {
    let member = council
        .member(x)
        .map(|member| (member.institution.as_str(), member.key));
    let counsel = council.counsel.as_ref().filter(|counsel| counsel.x == x);
    member.or(counsel.map(|counsel| (counsel.institution.as_str(), counsel.key)))
}
