//! What she sends after filing, and messages to her (§8.3, §8.4, §9.3, §9.4, §9.6, §15.9). One counter `n`, from 1, runs
//! through all that she sends on a case.

use serde::{Deserialize, Serialize};

use super::Rule;
use super::core::Inbox;
use super::rules::hold;
use crate::digest::Digest;
use crate::http::Quota;
use crate::ids::CaseId;
use crate::share::consent::SealedPart;
use crate::share::moved::MovedCase;
use crate::text::{TEXT_MAX, is_text};

const _: () = assert!(TEXT_MAX == 1_500, "the rules below say 1,500");

statement!(
    day,
    /// Her answer to one request, where `core` asks for it (§8.4): signed with her inbox key. With a yes, P for this request.
    Consent = "consent" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// Whether she consents.
        yes: bool,
        /// Her counter: the highest counts until release.
        n: u32,
        /// P, sealed to the request's recipient; null exactly for a no.
        #[serde(deserialize_with = "crate::json::present")]
        part: Option<SealedPart>,
    } keeps Self::rules
);
statement!(
    day,
    /// She objects (§8.3): signed with her inbox key.
    DeclarantObjection = "objection" {
        /// Case id.
        case: CaseId,
        /// D(request).
        request: Digest,
        /// 0.
        by: u16,
        /// Her counter.
        n: u32,
        /// Null.
        #[serde(deserialize_with = "crate::json::present")]
        twin: Option<Digest>,
    } keeps Self::rules
);
statement!(
    day,
    /// She withdraws, or takes that back (§9.6): signed with her inbox key.
    Withdraw = "withdraw" {
        /// Case id.
        case: CaseId,
        /// Her counter: the highest counts.
        n: u32,
        /// Whether she withdraws; a later no takes it back.
        yes: bool,
    } keeps Self::rules
);
statement!(
    day,
    /// A sign of life, which ends a lapse (§8.4): signed with her inbox key.
    Alive = "alive" {
        /// Case id.
        case: CaseId,
        /// Her counter.
        n: u32,
    } keeps Self::rules
);
statement!(
    day,
    /// Her inbox moves to that of a new phrase (§9.3): signed with the keys of both.
    InboxChange = "inbox-change" {
        /// Case id.
        case: CaseId,
        /// The new one.
        inbox: Inbox,
        /// Her counter: the highest counts.
        n: u32,
        /// The keys of the case, sealed to the new inbox.
        part: MovedCase,
    } keeps Self::rules
);
statement!(
    day,
    /// A question without a filing (§9.2): signed with the key of the inbox that it names.
    Ask = "ask" {
        /// Where the answer goes.
        inbox: Inbox,
        /// The inbox's counter.
        n: u32,
        /// 1 to 1,500 bytes.
        text: String,
    } keeps Self::rules
);
statement!(
    day,
    /// A message to her, by a seat or by counsel, or hers to the seats (§9.4).
    Message = "message" {
        /// Case id; null where the inbox has none.
        #[serde(deserialize_with = "crate::json::present")]
        case: Option<CaseId>,
        /// The member that writes; 0 for her.
        x: u16,
        /// The author's counter.
        n: u32,
        /// 1 to 1,500 bytes.
        text: String,
        /// An upload code (§5.2); null in what she writes, and where the inbox has no case.
        #[serde(deserialize_with = "crate::json::present")]
        quota: Option<Quota>,
    } keeps Self::rules
);

impl Consent {
    fn rules(&self) -> Rule {
        counted(self.n)?;
        hold(self.yes == self.part.is_some(), "part is null exactly for a no")
    }
}

impl DeclarantObjection {
    fn rules(&self) -> Rule {
        counted(self.n)?;
        hold(self.by == 0, "by is 0 for her")?;
        hold(self.twin.is_none(), "her objection has no twin")
    }
}

impl Withdraw {
    fn rules(&self) -> Rule {
        counted(self.n)
    }
}

impl Alive {
    fn rules(&self) -> Rule {
        counted(self.n)
    }
}

impl InboxChange {
    fn rules(&self) -> Rule {
        counted(self.n)
    }
}

impl Ask {
    fn rules(&self) -> Rule {
        counted(self.n)?;
        text(&self.text)
    }
}

impl Message {
    fn rules(&self) -> Rule {
        counted(self.n)?;
        hold(self.case.is_some() || self.x != 0, "what she writes is on a case")?;
        let may_have = self.case.is_some() && self.x != 0;
        hold(
            self.quota.is_none() || may_have,
            "an upload code goes to her, on a case",
        )?;
        text(&self.text)
    }
}

fn counted(n: u32) -> Rule {
    hold(n >= 1, "n counts from 1")
}

fn text(text: &str) -> Rule {
    hold(
        is_text(text),
        "a text has 1 to 1,500 bytes, none of a control or bidirectional character but line feeds",
    )
}
