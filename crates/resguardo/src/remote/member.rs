//! What only members of the council may call: each call carries a transport signature (§15.8).

use super::log::unreadable;
use super::{API, Call, Part, Purpose, Remote, multipart};
use crate::failure::Outcome;
use protocol::http::{ActForm, DeliveryItem, RecordsForm};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::{Digest, Origin, json};
use serde::de::DeserializeOwned;

/// Header of a list: the position after its last item.
const NEXT: &str = "Resguardo-Next";

/// A member that signs its calls.
pub struct Signer<'a> {
    /// The log that the calls are for.
    pub origin: &'a Origin,
    /// Its number in the council.
    pub x: MemberNumber,
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

    /// What was delivered to this seat from position `from` on, and the position to ask from next time.
    ///
    /// # Errors
    /// Network.
    pub fn delivery(&self, signer: &Signer<'_>, from: u64) -> Outcome<(Vec<DeliveryItem>, u64)> {
        self.listed(&format!("{API}/member/delivery?from={from}"), signer, from)
    }

    /// Digests of the office cells that this seat may fetch, as [`Self::delivery`].
    ///
    /// # Errors
    /// Network.
    pub fn office(&self, signer: &Signer<'_>, from: u64) -> Outcome<(Vec<Digest>, u64)> {
        self.listed(&format!("{API}/member/office?from={from}"), signer, from)
    }

    /// A page of the records by members that are not public yet, of a bucket at depth `b`; `None` beyond the last page.
    ///
    /// # Errors
    /// Network.
    pub fn unpublished_page(&self, signer: &Signer<'_>, b: u8, bucket: &str, page: u64) -> Outcome<Option<Vec<u8>>> {
        let path = format!("{API}/member/drop/{b}/{bucket}/{page}");
        let call = Call::get(Purpose::Member, &path).signed(signer);
        let answer = self.send(&call)?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(self.refused(&call, &answer)),
        }
    }

    fn listed<T: DeserializeOwned>(&self, path: &str, signer: &Signer<'_>, from: u64) -> Outcome<(Vec<T>, u64)> {
        let call = Call::get(Purpose::Member, path).signed(signer);
        let answer = self.send(&call)?;
        if answer.status != 200 {
            return Err(self.refused(&call, &answer));
        }
        let items: Vec<T> = serde_json::from_slice(&answer.body).map_err(|_| unreadable("a list for members"))?;
        let next = answer.headers.get(NEXT).and_then(|value| value.to_str().ok());
        Ok((items, next.and_then(|text| text.parse().ok()).unwrap_or(from)))
    }
}
