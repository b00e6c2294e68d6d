//! What only members of the council may call: each call carries a transport signature (§15.8).

use super::log::unreadable;
use super::{API, Call, Part, Remote, multipart};
use crate::failure::Outcome;
use protocol::http::{ActForm, DeliveryItem, RecordsForm};
use protocol::ids::X;
use protocol::keys::MemberKeys;
use protocol::{Digest, json};

/// A member that signs its calls.
pub struct Signer<'a> {
    /// Its number in the council.
    pub x: X,
    /// Its keys.
    pub keys: &'a MemberKeys,
}

impl Remote {
    /// Posts an act with its records; gives the promise's note.
    ///
    /// # Errors
    /// Code `slot-taken` when the slot is taken; network.
    pub fn post_act(&self, signer: &Signer<'_>, form: &ActForm, records: &[Part<'_>]) -> Outcome<Vec<u8>> {
        let (content_type, body) = multipart("act", &json::write(form), records);
        self.bytes(&Call::post(&format!("{API}/acts"), content_type, &body).signed(signer))
    }

    /// Posts records without an entry.
    ///
    /// # Errors
    /// Network.
    pub fn post_records(&self, signer: &Signer<'_>, form: &RecordsForm, records: &[Part<'_>]) -> Outcome<()> {
        let (content_type, body) = multipart("records", &json::write(form), records);
        self.bytes(&Call::post(&format!("{API}/records"), content_type, &body).signed(signer))
            .map(drop)
    }

    /// Posts an office cell as a member.
    ///
    /// # Errors
    /// Network.
    pub fn post_office_signed(&self, signer: &Signer<'_>, cell: &[u8]) -> Outcome<()> {
        let path = format!("{API}/office");
        let call = Call::post(&path, "application/octet-stream".to_owned(), cell).signed(signer);
        self.bytes(&call).map(drop)
    }

    /// What was delivered to this seat and is not yet given back.
    ///
    /// # Errors
    /// Network.
    pub fn delivery(&self, signer: &Signer<'_>) -> Outcome<Vec<DeliveryItem>> {
        let bytes = self.bytes(&Call::get(&format!("{API}/member/delivery")).signed(signer))?;
        serde_json::from_slice(&bytes).map_err(|_| unreadable("a delivery"))
    }

    /// Digests of the office cells that this seat may fetch.
    ///
    /// # Errors
    /// Network.
    pub fn office(&self, signer: &Signer<'_>) -> Outcome<Vec<Digest>> {
        let bytes = self.bytes(&Call::get(&format!("{API}/member/office")).signed(signer))?;
        serde_json::from_slice(&bytes).map_err(|_| unreadable("a list of office cells"))
    }
}
