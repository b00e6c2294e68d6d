//! Filings sealed beforehand, as whole HTTP bodies.

use anyhow::{Context as _, Result, ensure};
use protocol::http::{Work, WorkOffer, multipart};
use protocol::phrase::{Phrase, PhraseRoot};
use protocol::seal::{CompartmentKey, Posting, SealRequest, Sealed, seal};
use protocol::share::file::Flags;
use protocol::statement::{AccessPolicy, Compartment, ConsentChoice, Council, Opening, SealedBy};
use protocol::{Day, Digest, Envelope, MemberNumber, Origin};
use rand_core::UnwrapErr;

use crate::Deployment;

/// One phrase, and the council that its filings are sealed to.
pub struct Declarant {
    origin: Origin,
    root: PhraseRoot,
    council: Council,
    council_digest: Digest,
    greeting: Envelope,
    day: Day,
}

/// A filing ready to be posted.
pub struct Prepared {
    /// Multipart body.
    pub body: Vec<u8>,
    /// Its `Content-Type`.
    pub content_type: String,
    /// The entry, 65 bytes.
    pub entry: Vec<u8>,
    /// Every blob's digest.
    pub blobs: Vec<Digest>,
}

impl Declarant {
    /// Draws a phrase; reads council and greeting from the service.
    pub fn draw(deployment: &Deployment) -> Result<Self> {
        let public = |name: &str| -> Result<Envelope> {
            let list: Vec<Digest> = serde_json::from_slice(&deployment.get(&format!("/api/v1/public/index/{name}"))?)?;
            let digest = list.last().with_context(|| format!("the log has no {name}"))?;
            Ok(Envelope::parse(&deployment.get(&format!("/api/v1/public/{digest}"))?)?)
        };
        let envelope = public("council")?;
        let council: Council = envelope.unverified()?;
        let origin = council.origin.clone();
        let root = Phrase::draw(&mut UnwrapErr(getrandom::SysRng))
            .root(&origin)
            .context("64 MiB for Argon2id")?;
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs();
        Ok(Self {
            origin,
            root,
            council,
            council_digest: envelope.digest(),
            greeting: public("greeting")?,
            day: Day::of(now),
        })
    }

    /// Seals case `c`: a document of 16 KiB once padded, nothing else.
    pub fn prepare(&self, c: u32, deployment: &Deployment) -> Result<Prepared> {
        let offer: WorkOffer = serde_json::from_slice(&deployment.get("/api/v1/work")?)?;
        ensure!(offer.bits <= 8, "tests ask for little work");
        let sealed = self.seal(c)?;
        let entry = sealed.entry.to_bytes();
        let counter = protocol::http::work_search(&offer.nonce, &Digest::of(&entry), offer.bits, 0, 1 << 20);
        let work = Work {
            nonce: offer.nonce,
            counter: counter.context("a counter")?,
        };
        let form = sealed.filing_form(
            &self.origin,
            Posting {
                b: 0,
                keep: 180,
                soon: true,
                quota: None,
                work,
            },
        );
        let (content_type, body) = multipart(
            "resguardo-test-7f3b1c9d2e4a6058",
            "filing",
            &serde_json::to_vec(&form)?,
            sealed.blobs(),
        );
        Ok(Prepared {
            body,
            content_type,
            entry,
            blobs: sealed.blobs().map(|(digest, _)| digest).collect(),
        })
    }

    fn seal(&self, c: u32) -> Result<Sealed> {
        let rng = &mut UnwrapErr(getrandom::SysRng);
        let case = self.root.case(c);
        let seats: Vec<MemberNumber> = self.council.seats.iter().map(|seat| seat.x).collect();
        let mut account = CompartmentKey::draw(
            Compartment::Account,
            self.council.account,
            Opening::OnRequest,
            &case,
            &seats,
            rng,
        );
        let document = format!(r#"{{"v":1,"text":"filing {c} of a test","answers":{{}},"files":[]}}"#);
        account.set_document(document.as_bytes(), rng)?;
        let policy = AccessPolicy::new(ConsentChoice::NotAsked, &self.council, seats.len());
        let request = SealRequest {
            origin: &self.origin,
            council: &self.council,
            council_digest: self.council_digest,
            seats: &seats,
            day: self.day,
            policy,
            flags: Flags::default(),
            sealed_by: SealedBy::Cli,
            parent: None,
            greeting: &self.greeting,
            second_inbox: None,
        };
        Ok(seal(&request, &case, vec![account], rng)?)
    }
}
