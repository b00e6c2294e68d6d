//! The reader's side: what may be opened, and which acts are missing from the log (§8.1, §19).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use protocol::age::{self, Identity};
use protocol::drop::{Assembler, Record};
use protocol::open::{OpenError, combine_releases, header_of_release};
use protocol::share::{Commitments, ReleaseFile};
use protocol::slot::CaseSalt;
use protocol::statement::{Compartment, OpeningOutcome, Release};
use protocol::{CaseId, Digest, Envelope, MemberNumber, Secret};
use serde::{Deserialize, Serialize};

use crate::case::{Case, ReleaseState};
use crate::followed::FollowedCase;
use crate::registry::Registry;
use crate::release::{NotNow, Why};

/// An act that should stand in the log before content is shown, and does not. It does not keep a reader from opening,
/// but the software says so first: the content is then evidence of a breach (§19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "breach", rename_all = "kebab-case")]
pub enum Breach {
    /// No valid request of that digest is in the log.
    Request,
    /// Fewer grants than needed.
    Grants {
        /// Which compartment.
        name: Compartment,
        /// Grants in the log.
        have: usize,
        /// Grants needed.
        need: usize,
    },
    /// A seat's release file came, but the log has no valid `release` of it for this compartment.
    Release {
        /// Which compartment.
        name: Compartment,
        /// Who.
        x: MemberNumber,
    },
    /// The request does not ask for the compartment.
    NotAsked {
        /// Which compartment.
        name: Compartment,
    },
}

/// Compartments of which the log has t valid releases for this request.
///
/// # Errors
/// [`NotNow`] when there is none.
pub fn may_open(case: &Case, request: &Digest) -> Result<Vec<Compartment>, NotNow> {
    let state = case.request(request).ok_or_else(|| NotNow::because(Why::NoRequest))?;
    let released = state
        .compartments
        .iter()
        .filter(|compartment| compartment.released_at.is_some());
    let names: Vec<Compartment> = released.map(|compartment| compartment.name).collect();
    if !names.is_empty() {
        return Ok(names);
    }
    let nearest = state
        .compartments
        .iter()
        .min_by_key(|compartment| usize::from(compartment.threshold).saturating_sub(compartment.released_by.len()));
    let (have, need) = nearest.map_or((0, 0), |c| (c.released_by.len(), usize::from(c.threshold)));
    Err(NotNow::because(Why::TooFewReleases { have, need }))
}

/// Whether a compartment that stays closed may open yet for this request: a seat releases once, so those that have released
/// without it are out. As long as it may, the request's key is kept.
pub fn may_still_open(case: &Case, request: &Digest, name: Compartment) -> bool {
    let Some(state) = case.request(request) else {
        return false;
    };
    let Some(compartment) = state.compartment(name) else {
        return false;
    };
    let without = |release: &&ReleaseState| release.files.iter().all(|file| file.name != name);
    let out: BTreeSet<MemberNumber> = state.releases.iter().filter(without).map(|release| release.x).collect();
    let left = state.dealt.iter().filter(|x| !out.contains(x)).count();
    left >= usize::from(compartment.threshold)
}

/// Whether a compartment opens no more for this request, whoever grants or releases: too many seats have refused, or released
/// without it, or too few granted it in time. It is said before anybody grants, releases or opens.
pub fn is_closed(case: &Case, request: &Digest, name: Compartment, at: u64) -> bool {
    let Some(state) = case.request(request) else {
        return true;
    };
    let Some(compartment) = state.compartment(name) else {
        return true;
    };
    if compartment.released_at.is_some() {
        return false;
    }
    let may = |x| case.holds_share(x) && at <= state.grants_until();
    let can_be_granted = compartment.stands_at.is_some() || state.could_grant(name, may) >= compartment.need;
    !can_be_granted || !may_still_open(case, request, name)
}

/// What is missing in the log for a reader that holds release files `(compartment, seat)` for this request.
pub fn breaches(case: &Case, request: &Digest, files: &[(Compartment, MemberNumber)]) -> Vec<Breach> {
    let Some(state) = case.request(request) else {
        return vec![Breach::Request];
    };
    let names: BTreeSet<Compartment> = files.iter().map(|(name, _)| *name).collect();
    let mut breaches = Vec::new();
    for name in names {
        let Some(compartment) = state.compartment(name) else {
            breaches.push(Breach::NotAsked { name });
            continue;
        };
        // What seats released on good grounds stays released, whatever is shown later of their grants.
        if compartment.stands_at.is_none() && compartment.released_at.is_none() {
            let (have, need) = (state.granted(name), compartment.need);
            breaches.push(Breach::Grants { name, have, need });
        }
        let seats: BTreeSet<MemberNumber> = files.iter().filter(|file| file.0 == name).map(|file| file.1).collect();
        let unlogged = seats.into_iter().filter(|x| !compartment.released_by.contains(x));
        breaches.extend(unlogged.map(|x| Breach::Release { name, x }));
    }
    breaches
}

/// A release file that came, with the digest by which its seat's `release` names it.
pub struct Received {
    /// SHA-256 of the 1,851 bytes.
    pub digest: Digest,
    /// What is in it, unchecked.
    pub file: ReleaseFile,
}

/// What came to a request's key.
#[derive(Default)]
pub struct Released {
    /// Release files for this request. Whoever knows its key can write one in any seat's name: of several in one name, a
    /// good one counts, whenever it came (§8.1).
    pub files: Vec<Received>,
    /// Decisions and releases, unverified.
    pub statements: Vec<Envelope>,
    /// Release files for another request or testimony: refused (§8.1).
    pub foreign: usize,
    assembler: Assembler,
}

/// Where P came from, her part of the key (§8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartSource {
    /// She consented to this request.
    Consent,
    /// Seats that had not heard of her for long released compartment 3.
    Lapse,
}

/// A compartment whose key was combined and checked.
pub struct Unlocked {
    /// Which.
    pub name: Compartment,
    /// T, which opens its objects.
    pub identity: Identity,
}

/// A bad share that its seat has signed for: the seat's `release` in the log names the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadShare {
    /// Of which compartment.
    pub name: Compartment,
    /// The seat.
    pub x: MemberNumber,
}

/// What the shares give, compartment by compartment.
#[derive(Default)]
pub struct Combined {
    /// Compartments of content whose shares suffice, with P where it is needed.
    pub unlocked: Vec<Unlocked>,
    /// Where P came from that unlocked them; `None` where none was needed.
    pub part: Option<PartSource>,
    /// Compartments whose shares suffice, and which need P, which is not here.
    pub lacking_part: Vec<Compartment>,
    /// Compartments asked for that stay closed, with seats whose good share came, and seats needed.
    pub closed: Vec<(Compartment, usize, u8)>,
    /// Good shares of a key that is not the one in the header, with every P at hand: what a hostile client leaves.
    pub useless: Vec<Compartment>,
    /// Bad shares, with the seats that signed for them.
    pub bad: Vec<BadShare>,
    /// Bad files that no seat has signed for. They say nothing of the seats that they name.
    pub unsigned: usize,
}

impl Released {
    /// Takes a record that opened with the key of `request`.
    pub fn take(&mut self, record: Record, key: &Identity, request: &Digest) {
        let Record::File(file) = record else {
            self.statements
                .extend(self.assembler.push(record).map(|(statement, _)| statement));
            return;
        };
        let plain = age::open(key, &file).ok();
        let digest = Digest::of(&file);
        match plain.and_then(|plain| ReleaseFile::parse(&plain)) {
            Some(file) if file.request == *request => self.files.push(Received { digest, file }),
            _ => self.foreign += 1,
        }
    }

    /// In whose names files came, checked or not.
    pub fn named(&self) -> BTreeSet<MemberNumber> {
        self.files.iter().map(|received| received.file.x).collect()
    }

    /// In whose names files of a compartment came, checked or not.
    pub fn seats(&self, name: Compartment) -> BTreeSet<MemberNumber> {
        let files = self.files.iter().filter(|received| received.file.name == name);
        files.map(|received| received.file.x).collect()
    }

    /// Digests of the slot-0 K-files that releases of a case name, first the one that most seats have signed. Anybody who
    /// knows the request's key can name one, and one seat can bring a whole case of its own making under this case's id.
    pub fn headers(&self, case: &CaseId, request: &Digest, registry: &Registry) -> Vec<Digest> {
        let mut signers: BTreeMap<Digest, BTreeSet<MemberNumber>> = BTreeMap::new();
        for statement in &self.statements {
            let Ok(claimed) = statement.unverified::<Release>() else {
                continue;
            };
            if claimed.case == *case && claimed.request == *request {
                let signers = signers.entry(claimed.header).or_default();
                let mut seats = registry.councils().iter().filter_map(|council| council.seat(claimed.x));
                if seats.any(|seat| statement.verify::<Release>(&[seat.key]).is_ok()) {
                    signers.insert(claimed.x);
                }
            }
        }
        let mut headers: Vec<(Digest, usize)> = signers.into_iter().map(|(header, by)| (header, by.len())).collect();
        headers.sort_by_key(|(_, signers)| Reverse(*signers));
        headers.into_iter().map(|(header, _)| header).collect()
    }

    /// The `case_salt` of a release file that opens this slot-0 K-file, if the header inside verifies and is of `case` and
    /// of the core that the file names. The log is not asked: [`FollowedCase::new`] does that.
    pub fn salt_of(&self, case: &CaseId, header: &[u8]) -> Option<CaseSalt> {
        let is_it = |received: &&Received| {
            let header = header_of_release(&received.file, header);
            header.is_ok_and(|header| header.core.case == *case)
        };
        let found = self.files.iter().find(is_it)?;
        Some(CaseSalt::new(*found.file.case_salt.expose()))
    }

    /// What is missing in the log for these files. One whose share is bad says nothing of the seat that it names.
    pub fn breaches(&self, held: &FollowedCase, request: &Digest) -> Vec<Breach> {
        let good = self.files.iter().filter(|received| is_good(held, &received.file));
        let pairs: Vec<(Compartment, MemberNumber)> =
            good.map(|received| (received.file.name, received.file.x)).collect();
        breaches(&held.case, request, &pairs)
    }

    /// The key of compartment 3, whose document is P, where enough seats have released it (§8.4).
    pub fn lapse_key(&self, held: &FollowedCase, request: &Digest) -> Option<Identity> {
        let of_it = self
            .files
            .iter()
            .filter(|received| received.file.name == Compartment::Consent);
        let good = of_it.filter(|received| is_good(held, &received.file));
        let files: Vec<ReleaseFile> = good.map(|received| copy(&received.file)).collect();
        let key = combine_releases(*request, &held.core, Compartment::Consent, &files, None);
        key.ok().map(|(key, _)| key)
    }

    /// Combines the shares of every compartment that was asked for, with P where it is needed, as one of `parts` gives it.
    /// Files and parts that are bad, whoever wrote them, never keep good ones from opening.
    ///
    /// # Errors
    /// [`OpenError`], for a header that cannot be opened by any shares.
    pub fn combine(
        &self,
        held: &FollowedCase,
        request: &Digest,
        parts: &[(PartSource, Secret<[u8; 32]>)],
    ) -> Result<Combined, OpenError> {
        let mut combined = Combined::default();
        let asked = held.case.request(request).map(|state| &state.request.compartments);
        let present = held.core.compartments.iter();
        for compartment in present.filter(|c| asked.is_none_or(|asked| asked.contains(&c.name))) {
            let name = compartment.name;
            let of_it = self.files.iter().filter(|received| received.file.name == name);
            let (good, bad): (Vec<&Received>, Vec<&Received>) =
                of_it.partition(|received| is_good(held, &received.file));
            for received in bad {
                match signed_for(&held.case, request, received) {
                    Some(x) if !combined.bad.contains(&BadShare { name, x }) => combined.bad.push(BadShare { name, x }),
                    Some(_) => {}
                    None => combined.unsigned += 1,
                }
            }
            let seats: BTreeSet<MemberNumber> = good.iter().map(|received| received.file.x).collect();
            if seats.len() < usize::from(compartment.threshold) {
                combined.closed.push((name, seats.len(), compartment.threshold));
                continue;
            }
            let files: Vec<ReleaseFile> = good.into_iter().map(|received| copy(&received.file)).collect();
            let open = |part| combine_releases(*request, &held.core, name, &files, part);
            let mut tried = open(None).map(|key| (key, None));
            for (source, part) in parts {
                if tried.is_err() {
                    tried = open(Some(part)).map(|key| (key, Some(*source)));
                }
            }
            match tried {
                // What is in compartment 3 is P, and nothing to show.
                Ok(_) if name == Compartment::Consent => {}
                Ok(((identity, _), source)) => {
                    combined.part = combined.part.or(source);
                    combined.unlocked.push(Unlocked { name, identity });
                }
                Err(OpenError::ConsentPart) => combined.lacking_part.push(name),
                Err(OpenError::DoesNotOpen) => combined.useless.push(name),
                Err(error) => return Err(error),
            }
        }
        Ok(combined)
    }
}

/// Whether a release file is for this testimony and its share fits the commitments.
fn is_good(held: &FollowedCase, file: &ReleaseFile) -> bool {
    let part = held
        .core
        .compartment(file.name)
        .filter(|_| file.core == held.core.digest());
    let commitments = part.and_then(|part| Commitments::decode(&part.commitments));
    commitments.is_some_and(|commitments| commitments.check(file.x, &file.share))
}

/// The seat whose valid `release` in the log names this very file for this compartment.
pub fn signed_for(case: &Case, request: &Digest, received: &Received) -> Option<MemberNumber> {
    let names = |release: &&ReleaseState| {
        let mut files = release.files.iter();
        files.any(|file| file.digest == received.digest && file.name == received.file.name)
    };
    let release = case.request(request)?.releases.iter().find(names)?;
    Some(release.x)
}

impl Combined {
    /// What the act `opened` says; `None` when too few seats have released.
    pub fn outcome(&self) -> Option<OpeningOutcome> {
        match (self.unlocked.is_empty(), self.useless.is_empty()) {
            (false, _) => Some(OpeningOutcome::Opened),
            (true, false) => Some(OpeningOutcome::DoesNotOpen),
            (true, true) => None,
        }
    }
}

fn copy(file: &ReleaseFile) -> ReleaseFile {
    ReleaseFile {
        request: file.request,
        core: file.core,
        name: file.name,
        x: file.x,
        share: file.share.clone(),
        case_salt: CaseSalt::new(*file.case_salt.expose()),
    }
}
