//! A sealed filing, from its form to the promise (§5.7, §6.4).

use casework::RootOfTrust;
use protocol::http::{FilingForm, Work, WorkOffer, multipart, work_header, work_search};
use protocol::seal::Sealed;
use protocol::{CaseId, Digest};

use crate::SealingError;
use crate::promise::{self, Present};

/// The work that the service asks for before it begins an upload, when many begin (§15.8).
pub struct UploadWork {
    offer: WorkOffer,
    posted: Digest,
    header: String,
}

impl UploadWork {
    /// From the answer of `GET /work?for=upload` and the upload's name.
    ///
    /// # Errors
    /// [`SealingError::Work`].
    pub fn begin(json: &str, name: &[u8]) -> Result<Self, SealingError> {
        Ok(Self {
            offer: serde_json::from_str(json).map_err(|_| SealingError::Work)?,
            posted: Digest::of(name),
            header: String::new(),
        })
    }

    /// Searches from counter `start`, at most `tries`; true when it is found.
    pub fn search(&mut self, start: u64, tries: u64) -> bool {
        let (nonce, bits) = (self.offer.nonce, self.offer.bits);
        let Some(counter) = work_search(&nonce, &self.posted, bits, start, tries) else {
            return false;
        };
        self.header = work_header(&Work { nonce, counter });
        true
    }

    /// What was found, as the header `Resguardo-Work` has it; empty before.
    pub fn header(&self) -> &str {
        &self.header
    }
}

/// A sealed filing that is to be posted until a promise comes back: the same form gets the same promise (§5.7).
pub struct SealedFiling {
    root: RootOfTrust,
    case: CaseId,
    form: FilingForm,
    blobs: Vec<(Digest, Vec<u8>)>,
    boundary: String,
    offer: Option<WorkOffer>,
}

impl SealedFiling {
    /// `boundary`: random, between the parts of the body.
    pub(crate) fn new(root: RootOfTrust, sealed: Sealed, form: FilingForm, boundary: &[u8]) -> Self {
        Self {
            root,
            case: sealed.case,
            form,
            blobs: sealed.blobs().map(|(digest, bytes)| (digest, bytes.to_vec())).collect(),
            boundary: Digest::of(boundary).to_hex(),
            offer: None,
        }
    }

    /// The form, whose work is done once [`Self::search`] has found it.
    pub fn form(&self) -> &FilingForm {
        &self.form
    }

    /// The files that ride in the filing, each with its digest; evidence was kept before.
    pub fn blobs(&self) -> impl Iterator<Item = (Digest, &[u8])> {
        self.blobs.iter().map(|(digest, bytes)| (*digest, bytes.as_slice()))
    }

    /// Takes the answer of `GET /work`.
    ///
    /// # Errors
    /// [`SealingError::Work`].
    pub fn offer(&mut self, json: &str) -> Result<(), SealingError> {
        let offer = serde_json::from_str(json).map_err(|_| SealingError::Work)?;
        self.offer = Some(offer);
        Ok(())
    }

    /// Searches from counter `start`, at most `tries`; true when it is found and stands in the form (§15.8).
    ///
    /// # Errors
    /// [`SealingError::Order`] without an offer.
    pub fn search(&mut self, start: u64, tries: u64) -> Result<bool, SealingError> {
        let offer = self.offer.as_ref().ok_or(SealingError::Order)?;
        let found = work_search(&offer.nonce, &Digest::of(&self.form.entry.0), offer.bits, start, tries);
        if let Some(counter) = found {
            self.form.work = Work {
                nonce: offer.nonce,
                counter,
            };
        }
        Ok(found.is_some())
    }

    /// The body of `POST /filings`: the form, then the small blobs (§19).
    pub fn body(&self) -> Vec<u8> {
        multipart(
            &self.boundary,
            "filing",
            &protocol::json::write(&self.form),
            self.blobs(),
        )
        .1
    }

    /// Its `Content-Type`.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Checks the promise; nothing counts as filed before (§5.7). Gives its deadline in POSIX seconds.
    ///
    /// `now` is the later of this device's clock and the service's: a device that is behind must not refuse a promise.
    ///
    /// # Errors
    /// [`SealingError::Promise`].
    pub fn promised(&self, note: &[u8], now: u64) -> Result<u64, SealingError> {
        let present = Present {
            device: now,
            latest: now,
            server: 0,
        };
        let promised = promise::check(note, self.entry(), &self.root, present);
        promised.map(|it| it.deadline).map_err(|_| SealingError::Promise)
    }

    /// The case code, `R-XXXX-XXXX`: a name, not a key (§4).
    pub fn code(&self) -> String {
        self.case.code()
    }

    /// The entry, 65 bytes.
    pub fn entry(&self) -> &[u8] {
        &self.form.entry.0
    }
}
