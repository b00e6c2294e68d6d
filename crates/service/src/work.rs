//! Hashcash (§15.8): nonces that the server need not remember, good once and for an hour.
//!
//! A nonce is `expires u32 ‖ bits u8 ‖ 5 random bytes ‖ 6 bytes of HMAC-SHA-256` under a key that this process drew, so
//! that nobody can choose the bits. That it is used once is the ledger's to remember, beside what was posted with it.
//! A restart makes nonces void; the client asks for another.

pub(crate) mod offer;

use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ledger::Once;
use protocol::http::{WORK_HEADER, Work, WorkNonce, WorkOffer, parse_work_header, work_bits};
use protocol::problem::Problem;
use protocol::{Day, Digest};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::config::WorkBits;
use crate::limits::CELLS_QUIET;
use crate::problem::Refusal;
use crate::random;

/// Seconds for which a nonce is good.
const NONCE_S: u64 = 3_600;
const MAC_LEN: usize = 6;
/// Seconds after which a filing weighs half.
const ARRIVALS_HALF_LIFE_S: f64 = 600.0;
/// Filings lately that raise the work by one bit; three times as many by two, seven times by three.
const ARRIVALS_PER_BIT: f64 = 8.0;
/// More are not remembered, so that the bits are down again two hours after any flood.
const ARRIVALS_MAX: f64 = 1_024.0;

/// Makes and checks nonces.
pub(crate) struct NonceIssuer {
    key: Zeroizing<[u8; 32]>,
    bits: WorkBits,
    /// Guards the filings that came lately.
    arrivals: Mutex<Arrivals>,
}

/// Filings that came lately, the older the lighter.
#[derive(Default)]
struct Arrivals {
    /// POSIX second up to which they are aged.
    time: u64,
    count: f64,
}

impl Arrivals {
    fn age(&mut self, now: u64) -> f64 {
        if now > self.time {
            self.count *= (-((now - self.time) as f64) / ARRIVALS_HALF_LIFE_S).exp2();
            self.time = now;
        }
        self.count
    }
}

impl NonceIssuer {
    /// With a fresh key.
    pub fn new(bits: WorkBits) -> Self {
        Self {
            key: Zeroizing::new(random::bytes()),
            bits,
            arrivals: Mutex::default(),
        }
    }

    /// A filing was taken.
    pub fn arrived(&self, now: u64) {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.count = (arrivals.age(now) + 1.0).min(ARRIVALS_MAX);
    }

    /// A nonce, asking for more the fuller the queue of filings is and the more of them came lately. Its bits stay those
    /// of this moment.
    pub fn offer(&self, now: u64, fill_percent: u64) -> WorkOffer {
        let lately = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).age(now);
        let bits = self.bits_at(fill_percent, lately);
        self.offer_bits(now, bits)
    }

    /// A nonce for an upload or an office cell, asking for more the more there are.
    pub fn offer_crowd(&self, now: u64, crowd: u64) -> WorkOffer {
        self.offer_bits(now, self.bits_for(crowd))
    }

    /// A bit more for each doubling beyond a quiet time's.
    fn bits_for(&self, crowd: u64) -> u8 {
        if self.bits.base == 0 {
            return 0;
        }
        let doublings = (crowd / CELLS_QUIET + 1).ilog2();
        let bits = u32::from(self.bits.base) + doublings;
        u8::try_from(bits).unwrap_or(u8::MAX).min(self.bits.max)
    }

    fn offer_bits(&self, now: u64, bits: u8) -> WorkOffer {
        let expires = now + NONCE_S;
        let mut nonce = [0; 16];
        nonce[..4].copy_from_slice(&u32::try_from(expires).unwrap_or(u32::MAX).to_be_bytes());
        nonce[4] = bits;
        nonce[5..10].copy_from_slice(&random::bytes::<5>());
        let mac = self.mac(&nonce[..10]);
        nonce[10..].copy_from_slice(&mac);
        WorkOffer {
            nonce: WorkNonce(nonce),
            bits,
            expires,
        }
    }

    fn bits_at(&self, fill_percent: u64, lately: f64) -> u8 {
        let by_fill = match fill_percent {
            0..25 => 0,
            25..50 => 1,
            50..75 => 2,
            _ => 4,
        };
        // A bit for each doubling: the filings of so many minutes cost together what they would have cost in one.
        let by_arrivals = (1.0 + lately / ARRIVALS_PER_BIT).log2() as u8;
        let raised = by_fill.max(by_arrivals);
        if self.bits.base == 0 {
            0
        } else {
            (self.bits.base + raised).min(self.bits.max)
        }
    }

    fn mac(&self, head: &[u8]) -> [u8; MAC_LEN] {
        let mut mac = [0; MAC_LEN];
        // Never an error: HMAC takes keys of any length.
        if let Ok(mut keyed) = Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            keyed.update(head);
            mac.copy_from_slice(&keyed.finalize().into_bytes()[..MAC_LEN]);
        }
        mac
    }

    /// Checks work over `posted` (the digest of what is posted); gives what must be used up with it, or nothing where no
    /// work is asked.
    ///
    /// # Errors
    /// `work`, with the reason.
    pub fn check(&self, work: &Work, posted: &Digest, now: u64) -> Result<Option<Once>, Refusal> {
        if self.bits.base == 0 {
            return Ok(None);
        }
        let nonce = work.nonce.as_bytes();
        let (head, mac) = nonce.split_at(10);
        if !bool::from(self.mac(head).as_slice().ct_eq(mac)) {
            return Err(refused(
                "The nonce is not from this server, or the server was restarted. Ask for another.",
            ));
        }
        let expires = u64::from(u32::from_be_bytes([nonce[0], nonce[1], nonce[2], nonce[3]]));
        if expires < now {
            return Err(refused("The nonce has expired. Ask for another."));
        }
        if work_bits(&work.nonce, posted, work.counter) < u32::from(nonce[4]) {
            return Err(refused("The counter does not give the zero bits that were asked for."));
        }
        let key = Digest::of_parts(&[b"work\0", nonce]);
        // What is kept of it tells the day only.
        let expires = Day::of(expires).end();
        Ok(Some(Once { key: key.0, expires }))
    }

    /// Checks the work that travels in a header, when there are so many. A nonce was given with the bits of its time: one
    /// bit less than now is good enough, so that nobody is overtaken while searching, and nobody keeps cheap ones.
    ///
    /// # Errors
    /// `work`.
    pub fn check_crowd(
        &self,
        headers: &HeaderMap,
        posted: &Digest,
        now: u64,
        crowd: u64,
    ) -> Result<Option<Once>, Refusal> {
        let value = headers.get(WORK_HEADER).and_then(|value| value.to_str().ok());
        let given = value
            .and_then(parse_work_header)
            .map_or(u8::MAX, |work| work.nonce.as_bytes()[4]);
        if given < self.bits_for(crowd).saturating_sub(1) {
            return Err(refused("More work is asked for by now. Ask for another nonce."));
        }
        self.check_header(headers, posted, now)
    }

    /// Checks the work that travels in a header.
    ///
    /// # Errors
    /// `work`.
    fn check_header(&self, headers: &HeaderMap, posted: &Digest, now: u64) -> Result<Option<Once>, Refusal> {
        let value = headers.get(WORK_HEADER).and_then(|value| value.to_str().ok());
        match value.and_then(parse_work_header) {
            Some(work) => self.check(&work, posted, now),
            None if self.bits.base == 0 => Ok(None),
            None => Err(refused(
                "The header Resguardo-Work is missing. Ask for a nonce at /api/v1/work.",
            )),
        }
    }
}

fn refused(detail: &'static str) -> Refusal {
    Refusal::new(Problem::Work, detail)
}

/// The nonce was used before.
pub(crate) fn reused() -> Refusal {
    refused("The nonce was used before. Ask for another.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::http::work_search;

    fn mint() -> NonceIssuer {
        NonceIssuer::new(WorkBits { base: 6, max: 9 })
    }

    fn done(offer: &WorkOffer, posted: &Digest) -> Work {
        let counter = work_search(&offer.nonce, posted, offer.bits, 0, 1 << 20).expect("found");
        Work {
            nonce: offer.nonce,
            counter,
        }
    }

    #[test]
    fn work_that_was_done_is_good_for_an_hour_and_for_one_text() {
        let (mint, posted) = (mint(), Digest::of(b"entry"));
        let offer = mint.offer(1_000, 0);
        assert_eq!((offer.bits, offer.expires), (6, 4_600));
        let work = done(&offer, &posted);
        assert!(mint.check(&work, &posted, 4_600).is_ok());
        assert!(mint.check(&work, &posted, 4_601).is_err());
        let other = (0..64u8)
            .map(|i| Digest::of(&[i]))
            .filter(|other| mint.check(&work, other, 1_000).is_ok());
        assert!(other.count() < 16, "six bits pass one text in 64");
    }

    #[test]
    fn nobody_chooses_the_bits_or_the_hour() {
        let (mint, posted) = (mint(), Digest::of(b"entry"));
        let offer = mint.offer(1_000, 0);
        for changed in [0, 4, 9, 15] {
            let mut nonce = offer.nonce;
            nonce.0[changed] ^= 1;
            let work = Work { nonce, counter: 0 };
            assert_eq!(
                mint.check(&work, &posted, 1_000).expect_err("forged").problem,
                Problem::Work
            );
        }
        let stranger = NonceIssuer::new(WorkBits { base: 6, max: 9 });
        assert!(stranger.check(&done(&offer, &posted), &posted, 1_000).is_err());
    }

    #[test]
    fn filings_that_come_raise_the_bits_and_idleness_lowers_them() {
        let mint = mint();
        let bits = |now| mint.offer(now, 0).bits;
        assert_eq!(bits(1_000), 6);
        for _ in 0..8 {
            mint.arrived(1_000);
        }
        assert_eq!(bits(1_000), 7);
        let promised = mint.offer(1_000, 0);
        for _ in 0..10_000 {
            mint.arrived(1_000);
        }
        assert_eq!((bits(1_000), bits(1_600)), (9, 9));
        let posted = Digest::of(b"entry");
        assert!(
            mint.check(&done(&promised, &posted), &posted, 1_000).is_ok(),
            "the bits promised are enough"
        );
        assert_eq!(bits(1_000 + 2 * 3_600), 6, "two hours after the flood");
    }

    #[test]
    fn a_crowd_raises_the_bits_and_cheap_nonces_cannot_be_kept() {
        let (mint, posted) = (mint(), Digest::of(b"cell"));
        let bits = [0, 63, 64, 191, 192, 448, 1 << 40].map(|crowd| mint.offer_crowd(0, crowd).bits);
        assert_eq!(bits, [6, 6, 7, 7, 8, 9, 9]);
        let work = done(&mint.offer_crowd(0, 0), &posted);
        let mut headers = HeaderMap::new();
        let value = protocol::http::work_header(&work).parse().expect("a header");
        headers.insert(WORK_HEADER, value);
        let problem = |crowd| {
            mint.check_crowd(&headers, &posted, 0, crowd)
                .err()
                .map(|refused| refused.problem)
        };
        assert_eq!(problem(0), None);
        assert_eq!(problem(64), None, "not overtaken");
        assert_eq!(problem(192), Some(Problem::Work));
        headers.clear();
        assert!(mint.check_crowd(&headers, &posted, 0, 0).is_err());
    }

    #[test]
    fn load_raises_the_bits_up_to_the_most() {
        let bits = [0, 24, 25, 50, 75, 100].map(|fill| mint().offer(0, fill).bits);
        assert_eq!(bits, [6, 6, 7, 8, 9, 9]);
        let free = NonceIssuer::new(WorkBits { base: 0, max: 0 });
        free.arrived(0);
        assert_eq!(free.offer(0, 100).bits, 0);
        let none = Work {
            nonce: WorkNonce([0; 16]),
            counter: 0,
        };
        assert!(free.check(&none, &Digest::of(b""), 0).is_ok_and(|once| once.is_none()));
    }
}
