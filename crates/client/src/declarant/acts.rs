//! What she can do: each act is checked against the log, signed with her inbox key, and sent to the seats of its case in an
//! office cell (§9.3).

use casework::{Case, NotNow, Why, admit};
use protocol::ids::{Day, Nonce, Version};
use protocol::statement::{DeclarantObjection, Payload};
use protocol::{CaseId, Digest, Envelope};

use super::sent::HerAct;
use super::{Declarant, Own, Sent};
use crate::failure::{Failure, Local, Outcome};

impl Declarant {
    /// Objects to a request: it waits 14 days and needs one grant more (§8.3).
    ///
    /// # Errors
    /// A rule of the log; what the service says; the network; the store.
    pub async fn object(&mut self, request: &Digest) -> Outcome<Sent> {
        let case = self.asked_on(request)?;
        let act = act(DeclarantObjection::NAME, Some(*request), None);
        if let Some(sent) = self.sent_before(&case.id(), &act) {
            return Ok(sent);
        }
        let (moment, _) = self.log.moment_of_any_age()?;
        admit::objection(case, request, None, &moment, self.log.registry()).map_err(Failure::not_now)?;
        let n = self.next_n(case);
        let objection = DeclarantObjection {
            v: Version,
            origin: self.log.root().origin.clone(),
            nonce: Nonce::draw(&mut self.random.clone()),
            day: Day::of(self.wire.now()),
            case: case.id(),
            request: *request,
            by: 0,
            n,
            twin: None,
        };
        let id = case.id();
        let statement = self.sign(&id, &objection)?;
        self.send(id, act, n, &statement).await
    }

    /// The case of a request.
    fn asked_on(&self, request: &Digest) -> Outcome<&Case> {
        let mut cases = self.followed();
        let case = cases.find(|case| case.request(request).is_some());
        case.ok_or_else(no_request)
    }

    fn own(&self, id: &CaseId) -> Outcome<&Own> {
        let own = self.cases.iter().find(|own| own.keys.id == *id);
        own.ok_or_else(|| Failure::new(Local::CaseUnknown))
    }

    /// Her next counter on a case: above all that the log and this session show.
    fn next_n(&self, case: &Case) -> u32 {
        let sent = self.counters_sent(&case.id()).max().unwrap_or(0);
        case.next_n().max(sent.saturating_add(1))
    }

    fn sign<P: Payload>(&self, case: &CaseId, payload: &P) -> Outcome<Envelope> {
        payload
            .check()
            .map_err(|rule| Failure::new(Local::StatementRule).why(rule))?;
        Ok(Envelope::sign(payload, &[&self.own(case)?.keys.signing]))
    }
}

fn no_request() -> Failure {
    Failure::not_now(NotNow {
        line: None,
        why: Why::NoRequest,
        from: None,
    })
}

fn act(name: &str, about: Option<Digest>, says: Option<String>) -> HerAct {
    HerAct {
        name: name.to_owned(),
        about,
        says,
    }
}
