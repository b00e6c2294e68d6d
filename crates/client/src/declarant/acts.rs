//! What she can do: each act is checked against the log, signed with her inbox key, and sent to the seats of its case in an
//! office cell (§9.3).

use casework::{Case, LogTime, NotNow, Why, admit};
use protocol::ids::{Day, Nonce, PublicKey, Version};
use protocol::phrase::CaseKeys;
use protocol::share::consent::SealedPart;
use protocol::share::moved::MovedCase;
use protocol::statement::{Alive, Ask, Consent, DeclarantObjection, Inbox, InboxChange, Message, Payload, Withdraw};
use protocol::{CaseId, Digest, Envelope, Origin};

use super::sent::{HerAct, Letter};
use super::{Can, Declarant, Own, Sent};
use crate::failure::{Failure, Local, Outcome};

/// What each of her statements begins with, and its counter.
struct Head {
    origin: Origin,
    nonce: Nonce,
    day: Day,
    n: u32,
}

impl Declarant {
    /// Answers a request, where her consent is part of the key: a yes carries P for that request alone (§8.4). A no takes a
    /// yes back while nothing is released.
    ///
    /// # Errors
    /// A rule of the log; what the service says; the network; the store.
    pub async fn consent(&mut self, request: &Digest, yes: bool) -> Outcome<Sent> {
        let case = self.asked_on(request)?;
        let (id, act) = (case.id(), HerAct::new(Consent::NAME, Some(*request), Some(word(yes))));
        let rule = admit::answer(case, request, yes, &self.moment()?);
        let recipient = &case.request(request).ok_or_else(no_request)?.request.recipient;
        let part = &self.own(&id)?.keys.consent_part;
        let part = yes.then(|| SealedPart::seal(part, request, recipient, &mut self.random.clone()));
        let head = self.head(&id, &act, rule)?;
        let consent = Consent {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: id,
            request: *request,
            yes,
            n: head.n,
            part,
        };
        let letter = self.letter(id, act, consent.n, None, &consent)?;
        self.send(letter).await
    }

    /// Objects to a request: it waits 14 days and needs one grant more (§8.3).
    ///
    /// # Errors
    /// As [`Self::consent`].
    pub async fn object(&mut self, request: &Digest) -> Outcome<Sent> {
        let case = self.asked_on(request)?;
        let (id, act) = (case.id(), HerAct::new(DeclarantObjection::NAME, Some(*request), None));
        let rule = admit::objection(case, request, None, &self.moment()?, self.log.registry());
        let head = self.head(&id, &act, rule)?;
        let objection = DeclarantObjection {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: id,
            request: *request,
            by: 0,
            n: head.n,
            twin: None,
        };
        let letter = self.letter(id, act, objection.n, None, &objection)?;
        self.send(letter).await
    }

    /// Withdraws a testimony, or takes that back (§9.6).
    ///
    /// # Errors
    /// As [`Self::consent`].
    pub async fn withdraw(&mut self, case: &CaseId, yes: bool) -> Outcome<Sent> {
        let (id, rule) = (*case, admit::withdrawal(self.shown(case)?, yes));
        let act = HerAct::new(Withdraw::NAME, None, Some(word(yes)));
        let head = self.head(&id, &act, rule)?;
        let withdraw = Withdraw {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: id,
            n: head.n,
            yes,
        };
        let letter = self.letter(id, act, withdraw.n, None, &withdraw)?;
        self.send(letter).await
    }

    /// Gives a sign of life: a lapse begins anew (§8.4).
    ///
    /// # Errors
    /// As [`Self::consent`].
    pub async fn alive(&mut self, case: &CaseId) -> Outcome<Sent> {
        let (id, act) = (*case, HerAct::new(Alive::NAME, None, None));
        let head = self.head(&id, &act, Ok(()))?;
        let alive = Alive {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: id,
            n: head.n,
        };
        let letter = self.letter(id, act, alive.n, None, &alive)?;
        self.send(letter).await
    }

    /// Writes to the seats of a case (§9.4).
    ///
    /// # Errors
    /// [`Local::StatementRule`] for a text that is empty, too long, or has characters that do not show; as
    /// [`Self::consent`].
    pub async fn say(&mut self, case: &CaseId, text: &str) -> Outcome<Sent> {
        let (id, act) = (*case, HerAct::new(Message::NAME, None, Some(text.to_owned())));
        let head = self.head(&id, &act, Ok(()))?;
        let message = Message {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: Some(id),
            x: 0,
            n: head.n,
            text: text.to_owned(),
            quota: None,
        };
        let letter = self.letter(id, act, message.n, None, &message)?;
        self.send(letter).await
    }

    /// Asks the seats something without a filing (§9.2): all of them read it, and whoever answers writes to the inbox of these
    /// words. What nobody has taken or answered is sent again by itself, as her acts are.
    ///
    /// # Errors
    /// [`Local::Filed`] for words that hold a filing, whose seats have a name for it; [`Local::StatementRule`] for a text that is
    /// empty, too long, or has characters that do not show; what the service says; the network.
    pub async fn ask(&mut self, text: &str) -> Outcome<Sent> {
        let own = self.cases.first().ok_or_else(|| Failure::new(Local::Locked))?;
        if self.is_filed(own) {
            return Err(Failure::new(Local::Filed));
        }
        let (id, act) = (own.keys.id, HerAct::new(Ask::NAME, None, Some(text.to_owned())));
        let n = self
            .counters_sent(&id)
            .fold(self.answered(), u32::max)
            .saturating_add(1);
        let ask = Ask {
            v: Version,
            origin: self.log.root().origin.clone(),
            nonce: Nonce::draw(&mut self.random.clone()),
            day: Day::of(self.moment()?.time()),
            inbox: Inbox {
                recipient: own.keys.inbox.recipient(),
                key: own.key(),
            },
            n,
            text: text.to_owned(),
        };
        let statement = signed(&ask, &[&own.keys])?;
        let council = self.log.registry().current();
        let council = council.ok_or_else(|| Failure::new(Local::NoCouncil))?;
        let all = council.seats.iter().map(|seat| seat.x).collect();
        self.send(Letter::new(id, act, n, &statement, all)).await
    }

    /// Moves messages, and what leads to this filing, to the inbox of other words (§9.3): whoever has those reads, answers
    /// and does from then on what these words can. These keep what they can.
    ///
    /// # Errors
    /// As [`Self::consent`].
    pub async fn move_inbox(&mut self, case: &CaseId, to: &CaseKeys) -> Outcome<Sent> {
        self.shown(case)?;
        let (id, recipient) = (*case, to.inbox.recipient());
        let key = PublicKey(to.signing.verifying_key().to_bytes());
        let part = MovedCase::seal(&self.own(&id)?.keys, &recipient, &mut self.random.clone());
        let act = HerAct::new(InboxChange::NAME, None, Some(key.to_string()));
        let head = self.head(&id, &act, Ok(()))?;
        let change = InboxChange {
            v: Version,
            origin: head.origin,
            nonce: head.nonce,
            day: head.day,
            case: id,
            inbox: Inbox { recipient, key },
            n: head.n,
            part,
        };
        let letter = self.letter(id, act, change.n, Some(to), &change)?;
        self.send(letter).await
    }

    /// Moves every filing that enough seats show, as [`Self::move_inbox`] does; gives what was sent, and what went wrong first:
    /// that keeps no other filing from being moved, for she has written the words down.
    pub async fn move_all(&mut self, to: &CaseKeys) -> (Vec<Sent>, Option<Failure>) {
        let (mut sent, mut failed) = (Vec::new(), None);
        for case in self.followed().map(Case::id).collect::<Vec<_>>() {
            match self.move_inbox(&case, to).await {
                Ok(moved) => sent.push(moved),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        (sent, failed)
    }

    /// What she can answer to a request now.
    pub(super) fn answers(&self, case: &Case, request: &Digest) -> Vec<Can> {
        let Ok(moment) = self.moment() else {
            return Vec::new();
        };
        let may = |act: HerAct, allowed| self.may(&case.id(), &act, allowed);
        let answer = |yes| {
            let act = HerAct::new(Consent::NAME, Some(*request), Some(word(yes)));
            may(act, admit::answer(case, request, yes, &moment))
        };
        let objection = HerAct::new(DeclarantObjection::NAME, Some(*request), None);
        let objects = admit::objection(case, request, None, &moment, self.log.registry());
        let all = [
            (Can::ConsentYes, answer(true)),
            (Can::ConsentNo, answer(false)),
            (Can::Object, may(objection, objects)),
        ];
        all.into_iter().filter_map(|(can, may)| may.then_some(can)).collect()
    }

    /// What she can do on a case now, beside answering a request.
    pub(super) fn acts(&self, case: &Case) -> Vec<Can> {
        if self.moment().is_err() {
            return Vec::new();
        }
        let withdraws = |yes| {
            let act = HerAct::new(Withdraw::NAME, None, Some(word(yes)));
            self.may(&case.id(), &act, admit::withdrawal(case, yes))
        };
        let may_add = case.facts().parent.is_none() && !case.erasure().is_final();
        let all = [
            (Can::Withdraw, withdraws(true)),
            (Can::TakeBack, withdraws(false)),
            (Can::Alive, true),
            (Can::Say, true),
            (Can::NewWords, !case.erasure().is_final()),
            (Can::Add, may_add),
            (Can::AddLarge, may_add && !self.upload_codes(&case.id()).is_empty()),
        ];
        all.into_iter().filter_map(|(can, may)| may.then_some(can)).collect()
    }

    fn may(&self, case: &CaseId, act: &HerAct, allowed: Result<(), NotNow>) -> bool {
        self.sent_before(case, act).is_none() && self.allowed(case, act, allowed).is_ok()
    }

    /// What the rules say of an act, where what was sent before it does not show yet: an answer that stands may be overtaken
    /// already, so saying the same again, or taking back what does not stand yet, is no mistake.
    fn allowed(&self, case: &CaseId, act: &HerAct, rule: Result<(), NotNow>) -> Outcome<()> {
        match rule {
            Err(no)
                if matches!(no.why, Why::Done { .. } | Why::NotWithdrawn) && self.is_answered_otherwise(case, act) =>
            {
                Ok(())
            }
            other => other.map_err(Failure::not_now),
        }
    }

    fn moment(&self) -> Outcome<LogTime> {
        Ok(self.log.moment_of_any_age()?.0)
    }

    /// The case of a request.
    fn asked_on(&self, request: &Digest) -> Outcome<&Case> {
        let mut cases = self.followed();
        let case = cases.find(|case| case.request(request).is_some());
        case.ok_or_else(no_request)
    }

    /// A case that enough seats show.
    pub(super) fn shown(&self, id: &CaseId) -> Outcome<&Case> {
        self.case(id).ok_or_else(|| Failure::new(Local::CaseUnknown))
    }

    fn own(&self, id: &CaseId) -> Outcome<&Own> {
        let own = self.all().find(|own| own.keys.id == *id);
        own.ok_or_else(|| Failure::new(Local::CaseUnknown))
    }

    /// What an act begins with that the rules allow, or that was sent before. Her counter is above all that the log and this
    /// session show; a gap may be hers, so each counts.
    fn head(&self, case: &CaseId, act: &HerAct, rule: Result<(), NotNow>) -> Outcome<Head> {
        if self.sent_before(case, act).is_none() {
            self.allowed(case, act, rule)?;
        }
        let shown = self.shown(case)?;
        let sent = self.counters_sent(case).map(|n| n.saturating_add(1)).max();
        let gaps = u32::try_from(shown.gaps().count()).unwrap_or(u32::MAX);
        Ok(Head {
            origin: self.log.root().origin.clone(),
            nonce: Nonce::draw(&mut self.random.clone()),
            day: Day::of(self.wire.now()),
            n: shown.next_n().max(sent.unwrap_or(0)).saturating_add(gaps),
        })
    }

    /// An act, signed with the key of its case, and with that of another inbox.
    fn letter<P: Payload>(
        &self,
        case: CaseId,
        act: HerAct,
        n: u32,
        also: Option<&CaseKeys>,
        payload: &P,
    ) -> Outcome<Letter> {
        let keys = [Some(&self.own(&case)?.keys), also].into_iter().flatten();
        let statement = signed(payload, &keys.collect::<Vec<_>>())?;
        Ok(Letter::new(
            case,
            act,
            n,
            &statement,
            self.shown(&case)?.facts().dealt.clone(),
        ))
    }
}

fn signed<P: Payload>(payload: &P, keys: &[&CaseKeys]) -> Outcome<Envelope> {
    payload
        .check()
        .map_err(|rule| Failure::new(Local::StatementRule).why(rule))?;
    let keys: Vec<_> = keys.iter().map(|keys| &keys.signing).collect();
    Ok(Envelope::sign(payload, &keys))
}

fn no_request() -> Failure {
    Failure::not_now(NotNow {
        line: None,
        why: Why::NoRequest,
        from: None,
    })
}

fn word(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
