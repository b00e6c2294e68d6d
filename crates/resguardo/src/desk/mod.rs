//! The desk of a seat or a reader: everything a member does, each act checked against the log before it is signed.
//!
//! The keys stay in this process. What is kept on disk is sealed: share files and records as they came, and what a
//! reader must remember under its own key.

mod act;
mod case;
mod office;
mod opening;
mod pending;
mod reader;
mod seat;

pub use office::Taken;
pub(crate) use office::make_cell;
pub use opening::{Opened, describe_bad, describe_breach, describe_unsigned};
pub use reader::Referred;
pub use seat::{Delivered, Verdict};

use crate::bucket::Buckets;
use crate::console::Console;
use crate::disk;
use crate::failure::{Exit, Failure, Outcome};
use crate::follow::Follow;
use crate::remote::{Remote, Signer};
use crate::trust::Trust;
use casework::registry::KeyChange;
use casework::release::Seat;
use casework::{FollowedCase, Office};
use pending::{Pending, Unanswered};
use protocol::ids::MemberNumber;
use protocol::keys::MemberKeys;
use protocol::{CaseId, Digest};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// One member at work.
pub struct Desk {
    follow: Follow,
    keys: MemberKeys,
    x: MemberNumber,
    office: Office,
    folder: PathBuf,
    console: Console,
    buckets: Buckets,
    cases: BTreeMap<CaseId, FollowedCase>,
    referred: BTreeMap<CaseId, Referred>,
    pending: Vec<Pending>,
    unanswered: Vec<Unanswered>,
}

impl Desk {
    /// Opens the desk: reads the log, finds the key in the council, loads what was kept.
    ///
    /// # Errors
    /// Exit 7 when the key is of nobody in the council; exit 1 when the log does not verify; network, storage.
    pub fn open(trust: Trust, keys: MemberKeys, folder: &Path, console: &Console) -> Outcome<Self> {
        let remote = Remote::new(&trust.base_url)?;
        Self::open_with(trust, remote, keys, folder, console)
    }

    /// As [`Self::open`], over a connection that the caller made.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        trust: Trust,
        remote: Remote,
        keys: MemberKeys,
        folder: &Path,
        console: &Console,
    ) -> Outcome<Self> {
        disk::private_folder(folder)?;
        let key = format!("{}\n", data_encoding::HEXLOWER.encode(&keys.public().0));
        crate::follow::bind(folder, "member", &key, "member's key")?;
        let mut follow = Follow::open(trust, remote, Some(&folder.join("log")), console)?;
        follow.refresh(console)?;
        follow.warn_of_clock(console);
        let (x, office) = find_member(&follow, &keys)?;
        let mut desk = Self {
            follow,
            keys,
            x,
            office,
            folder: folder.to_owned(),
            console: console.clone(),
            buckets: Buckets::default(),
            cases: BTreeMap::new(),
            referred: BTreeMap::new(),
            pending: Vec::new(),
            unanswered: Vec::new(),
        };
        desk.load_cases()?;
        desk.load_pending()?;
        desk.update()?;
        Ok(desk)
    }

    /// Reads what is new in the log and in the buckets.
    ///
    /// # Errors
    /// Network; exit 1 when the log does not verify.
    pub fn refresh(&mut self) -> Outcome<()> {
        self.follow.refresh(&Console::silent())?;
        self.update()
    }

    fn update(&mut self) -> Outcome<()> {
        self.buckets.renew();
        if self.office == Office::Reader {
            self.read_own_bucket()?;
        }
        self.read_case_buckets()?;
        self.settle_pending()
    }

    /// This member's number.
    pub fn x(&self) -> MemberNumber {
        self.x
    }

    /// Seat or reader.
    pub fn office(&self) -> Office {
        self.office
    }

    /// The log.
    pub fn follow(&self) -> &Follow {
        &self.follow
    }

    /// Cases that this member can follow.
    pub fn cases(&self) -> impl Iterator<Item = &FollowedCase> {
        self.cases.values()
    }

    /// Cases that a reader was told of.
    pub fn referred(&self) -> impl Iterator<Item = &Referred> {
        self.referred.values()
    }

    /// A case by its code (`R-XXXX-XXXX`) or the first digits of its id.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when several fit.
    pub fn case_id(&self, name: &str) -> Outcome<CaseId> {
        let fits = |id: &&CaseId| id.code().eq_ignore_ascii_case(name) || id.to_hex().starts_with(&name.to_lowercase());
        let known: HashSet<&CaseId> = self.cases.keys().chain(self.referred.keys()).collect();
        one(
            known.into_iter().filter(fits),
            &format!("case {name}"),
            "`resguardo queue` lists the cases of this key",
        )
        .copied()
    }

    /// A request by the first digits of its digest, with its case.
    ///
    /// # Errors
    /// Exit 3 when there is none, exit 2 when several fit.
    pub fn request_id(&self, name: &str) -> Outcome<(CaseId, Digest)> {
        let name = name.to_lowercase();
        let all = self
            .cases
            .iter()
            .flat_map(|(id, held)| held.case.requests().iter().map(move |state| (*id, state.digest)));
        let fits = all.filter(|(_, digest)| digest.to_hex().starts_with(&name));
        let hint = "`resguardo queue` lists the requests; a new one shows after the next step of the log";
        one(fits, &format!("request {name}"), hint)
    }

    /// All items of a list for members. Lists are given in parts; what is old stays in them until it expires.
    fn listed<T>(&self, fetch: impl Fn(&Self, u64) -> Outcome<(Vec<T>, u64)>) -> Outcome<Vec<T>> {
        let (mut all, mut from) = (Vec::new(), 0);
        loop {
            let (items, next) = fetch(self, from)?;
            let is_last = next <= from;
            all.extend(items);
            if is_last {
                return Ok(all);
            }
            from = next;
        }
    }

    fn held(&self, id: &CaseId) -> Outcome<&FollowedCase> {
        self.cases.get(id).ok_or_else(|| {
            Failure::new(
                Exit::NotFound,
                "case-unknown",
                format!("this key holds nothing of case {}", id.code()),
            )
            .why("nothing of it was delivered or released to this key")
            .remedy("a seat holds a case after `resguardo shares check`, a reader after a release")
        })
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            origin: self.follow.trust().origin(),
            x: self.x,
            keys: &self.keys,
        }
    }

    /// This seat and its key, as the rules ask for them.
    pub fn as_seat(&self) -> Seat {
        Seat {
            x: self.x,
            key: self.keys.public(),
        }
    }

    fn require(&self, office: Office) -> Outcome<()> {
        if self.office == office {
            return Ok(());
        }
        let (is, needs) = match office {
            Office::Seat => ("a reader", "seat"),
            Office::Reader => ("a seat", "reader"),
        };
        Err(Failure::new(
            Exit::Key,
            "wrong-office",
            format!("this key is of {is}; a {needs} must do this"),
        )
        .why("seats hold and decide, readers ask and open, and nobody does both")
        .remedy(format!("give the key file of a {needs}")))
    }
}

/// The number of the member that holds these keys, in the newest council.
fn find_member(follow: &Follow, keys: &MemberKeys) -> Outcome<(MemberNumber, Office)> {
    let council = follow.registry().current().ok_or_else(no_council)?;
    council.office_of(&keys.public()).ok_or_else(|| {
        if let Some(change) = follow.registry().replaced(&keys.public()) {
            return key_replaced(&change);
        }
        Failure::new(
            Exit::Key,
            "not-of-council",
            "this key is of no seat and no reader of the current council",
        )
        .why("its public half stands nowhere in the council's statement")
        .remedy("give the key file whose card went into the council: `resguardo council show` lists its keys")
    })
}

/// Who stays in the council under another key is told by whom it was replaced: t_identity seats may do so without it (§3).
fn key_replaced(change: &KeyChange) -> Failure {
    let seats: Vec<String> = change.signed_by.iter().map(ToString::to_string).collect();
    let own = match change.is_own {
        true => "this key is among those that signed it",
        false => "this key did not sign it",
    };
    Failure::new(
        Exit::Key,
        "key-replaced",
        format!(
            "the key of {} ({}) was replaced by council epoch {}, signed by seats {}",
            change.x,
            change.institution,
            change.epoch,
            seats.join(", ")
        ),
    )
    .why(own)
    .remedy("use the new key file; if your institution made none, call the other seats at once: somebody else acts in its name")
}

/// The log has begun without its council.
pub(crate) fn no_council() -> Failure {
    Failure::new(Exit::Check, "no-council", "the log shows no valid council")
        .why("the first statement of the log is not the one that the root of trust names")
        .remedy("compare root.json with the one that your institution gave you")
}

/// Exactly one.
fn one<T>(mut found: impl Iterator<Item = T>, what: &str, hint: &str) -> Outcome<T> {
    let Some(first) = found.next() else {
        return Err(
            Failure::new(Exit::NotFound, "unknown-name", format!("{what} is not known here"))
                .why("none of this key's begins so")
                .remedy(hint),
        );
    };
    if found.next().is_some() {
        return Err(Failure::usage(format!("{what} fits several"))
            .why("more than one begins so")
            .remedy("give more digits"));
    }
    Ok(first)
}
