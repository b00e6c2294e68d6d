//! The scene in which she comes back: she filed with consent required, is asked, consents, and sees what became of it; a
//! second filing is withdrawn, and that taken back.

use super::{Declared, Tour, Zeroizing, declare, later, wait, wrong};
use crate::clock::Stopwatch;
use crate::console::Console;
use crate::declarant::DeclarantLine;
use crate::demo::report::Ready;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use casework::case::Body;
use client::{Can, FilingView, Sent};
use protocol::statement::ConsentChoice;
use protocol::{CaseId, Digest};

/// Days without a word of hers before seats may look for her.
const LAPSE_DAYS: u32 = 365;

impl Tour<'_> {
    pub(super) fn back(mut self) -> Outcome<Ready> {
        let declared = self.declare(ConsentChoice::Lapse { days: LAPSE_DAYS })?;
        self.receipt(&declared)?;
        self.acknowledge(&declared.promised)?;
        let request = self.ask(&declared.case)?;
        self.held(&declared)?;
        self.decide(&declared.case, &request)?;
        let mut hers = self.comes_back(&declared)?;
        self.consents(&mut hers, &request)?;
        self.release(&declared.case, &request)?;
        let identity: Zeroizing<String> = self.open(&declared.case, &request)?;
        self.finding(&declared.case, &request)?;
        self.sees_the_finding(&mut hers)?;
        self.withdraws(&mut hers, &declared)?;
        self.ready(&declared, &request, Some(identity))
    }

    /// With the eight words on another device.
    fn comes_back(&self, declared: &Declared) -> Outcome<DeclarantLine> {
        let trust = self.follow.trust().clone();
        let root = declare::derive(&declared.phrase, trust.origin())?;
        DeclarantLine::from_roots(trust, vec![root], None, &Console::silent())
    }

    /// Until then no seat can release; her answer is filed by a seat, and shows in her list.
    fn consents(&mut self, hers: &mut DeclarantLine, request: &Digest) -> Outcome<()> {
        let watch = Stopwatch::start();
        wait(self.machine, t!("the request in her list"), || {
            hers.refresh(&Console::silent())?;
            let view = hers.view();
            let mut requests = view.filings.iter().flat_map(|filing| &filing.requests);
            Ok(requests
                .any(|shown| shown.state.digest == *request && shown.can.contains(&Can::ConsentYes))
                .then_some(()))
        })?;
        let sent = hers.run(async |declarant| declarant.consent(request, true).await)?;
        self.filed(hers, &sent)?;
        self.done(t!("she consents"), &watch);
        Ok(())
    }

    fn sees_the_finding(&mut self, hers: &mut DeclarantLine) -> Outcome<()> {
        let watch = Stopwatch::start();
        wait(self.machine, t!("the finding in her list"), || {
            hers.refresh(&Console::silent())?;
            let view = hers.view();
            let mut acts = view.filings.iter().flat_map(|filing| &filing.acts);
            Ok(acts.any(|act| matches!(act.body, Some(Body::Finding(_)))).then_some(()))
        })?;
        self.done(t!("she sees the finding"), &watch);
        Ok(())
    }

    /// A second filing of the same words: withdrawn, and the withdrawal taken back.
    fn withdraws(&mut self, hers: &mut DeclarantLine, declared: &Declared) -> Outcome<()> {
        let root = declare::derive(&declared.phrase, self.follow.trust().origin())?;
        let (case, promised) = self.file(&root, ConsentChoice::NotAsked, Vec::new(), "second")?;
        self.acknowledge(&promised)?;
        let watch = Stopwatch::start();
        for yes in [true, false] {
            let sent = wait(self.machine, t!("the second filing in her list"), || {
                hers.refresh(&Console::silent())?;
                later(hers.run(async |declarant| declarant.withdraw(&case, yes).await))
            })?;
            self.filed(hers, &sent)?;
            if filing(hers, &case)?.withdrawal.is_some() != yes {
                return Err(wrong(t!("her last answer on the withdrawal must count")));
            }
        }
        self.done(t!("withdrawn, and taken back"), &watch);
        Ok(())
    }

    /// The first seat takes what she sent from the office and files it; then it shows among the acts.
    fn filed(&mut self, hers: &mut DeclarantLine, sent: &Sent) -> Outcome<()> {
        let first = self.seats.first_mut();
        let first = first.ok_or_else(|| CliError::bug("a council without seats"))?;
        wait(self.machine, t!("what she sent in her list"), || {
            first.run(async |seat| {
                seat.refresh().await?;
                seat.read_cells().await?;
                seat.take_office().await
            })?;
            hers.refresh(&Console::silent())?;
            let mut acts = filing(hers, &sent.case)?.acts.into_iter();
            Ok(acts.any(|act| act.statement == Some(sent.statement)).then_some(()))
        })
    }
}

fn filing(hers: &DeclarantLine, case: &CaseId) -> Outcome<FilingView> {
    let mut filings = hers.view().filings.into_iter();
    let filing = filings.find(|filing| filing.case == *case);
    filing.ok_or_else(|| wrong(t!("a filing that she does not see any more")))
}
