//! The tour: one testimony from the declarant to the reader, every act in the log, with the same functions that the
//! verbs use.

use super::machine::Machine;
use super::report::{Ready, Step};
use super::setup::Place;
use super::wait::{compare, later, new_folder, wait, wrong};
use crate::args::Scene;
use crate::clock::Stopwatch;
use crate::commands::open;
use crate::commands::shares::{acknowledge, deliveries};
use crate::console::{Console, Tone};
use crate::content;
use crate::declarant::DeclarantLine;
use crate::declare::{self, Copies, ToSeal};
use crate::desk::{Desk, Reader, Seat};
use crate::disk::{self, Access};
use crate::failure::{CliError, Outcome};
use crate::follow::Follow;
use crate::language::{said, t};
use crate::package::PromisedFiling;
use crate::promise;
use crate::random;
use crate::remote::Remote;
use crate::trust::Trust;
use casework::Asking;
use casework::view::CaseAnswer;
use client::Checked;
use protocol::phrase::{Language, Phrase, PhraseRoot};
use protocol::slot::Entry;
use protocol::statement::{Compartment, ConsentChoice, DocketChoice, Holds, OpeningOutcome, Reason, Use};
use protocol::{CaseId, Digest};
use sealing::{Choices, TestimonyInput};
use serde_json::json;
use std::path::PathBuf;
use zeroize::Zeroizing;

mod back;
mod ending;
mod fork;
mod stall;

/// Seats that grant, and release.
const GRANTING: usize = 3;
/// A photograph: an ordinary landscape that a program drew.
const PHOTO: &[u8] = include_bytes!("../../assets/demo.jpg");
const ACCOUNT: &str = "They took my papers on the second day. The house is near the old mill, and the door was locked at night.\n\
I worked there from March to June and was never paid. The photograph shows the valley from the window.\n";
const IDENTITY: &str = "Name: a name that three seats alone cannot open.\n";

/// The tour under way.
struct Tour<'a> {
    place: &'a Place,
    machine: &'a Machine,
    console: &'a Console,
    folder: PathBuf,
    steps: Vec<Step>,
    total: usize,
    follow: Follow,
    seats: Vec<Seat>,
    reader: Reader,
    /// What becomes public of what is done on her testimonies.
    docket: DocketChoice,
}

/// What the declarant has after filing.
struct Declared {
    phrase: Phrase,
    case: CaseId,
    promised: PromisedFiling,
}

/// Runs the tour.
///
/// # Errors
/// Whatever does not hold: a demo that shows something else than it says has failed.
pub(super) fn run(place: &Place, machine: &Machine, scene: Scene, console: &Console) -> Outcome<Ready> {
    let watch = Stopwatch::start();
    let trust = Trust::load(&place.root())?;
    let mut follow = Follow::open(
        trust.clone(),
        Remote::new(&trust.base_url)?,
        Some(&place.folder.join("monitor")),
        console,
    )?;
    wait(machine, t!("a fresh checkpoint"), || {
        later(
            follow
                .refresh(&Console::silent())
                .and_then(|()| Ok(follow.log().moment()?)),
        )
    })?;
    let desk = |name: &str| Desk::open(trust.clone(), place.load(name)?, &place.state(name), &Console::silent());
    let seat = |name| desk(name)?.seat();
    let seats = Place::seats().map(seat).collect::<Outcome<Vec<_>>>()?;
    let reader = desk(Place::reader())?.reader()?;
    let folder = new_folder(&place.folder)?;
    let mut tour = Tour {
        place,
        machine,
        console,
        folder,
        steps: Vec::new(),
        total: match scene {
            Scene::Tour => 14,
            Scene::Back => 20,
            Scene::Fork => 16,
            Scene::Stall => 13,
        },
        follow,
        seats,
        reader,
        docket: match scene {
            Scene::Stall => DocketChoice::Normal,
            _ => Choices::default().docket,
        },
    };
    tour.done(t!("first checkpoint"), &watch);
    match scene {
        Scene::Tour => tour.go(),
        Scene::Back => tour.back(),
        Scene::Fork => tour.fork(),
        Scene::Stall => tour.stall(),
    }
}

impl Tour<'_> {
    fn go(mut self) -> Outcome<Ready> {
        let (declared, request, identity) = self.whole()?;
        self.ready(&declared, &request, Some(identity))
    }

    /// From the filing to the finding; what was filed, the request, and the text that stays closed.
    fn whole(&mut self) -> Outcome<(Declared, Digest, Zeroizing<String>)> {
        let declared = self.declare(ConsentChoice::NotAsked)?;
        self.receipt(&declared)?;
        self.acknowledge(&declared.promised)?;
        let request = self.ask(&declared.case)?;
        self.held(&declared)?;
        self.decide(&declared.case, &request)?;
        self.release(&declared.case, &request)?;
        let identity = self.open(&declared.case, &request)?;
        self.finding(&declared.case, &request)?;
        Ok((declared, request, identity))
    }

    /// A text and a photograph, sealed and filed; the promise verifies.
    fn declare(&mut self, consent: ConsentChoice) -> Outcome<Declared> {
        let watch = Stopwatch::start();
        let (told, apart) = (self.folder.join("testimony_in"), self.folder.join("identity_in"));
        disk::private_folder(&told)?;
        disk::private_folder(&apart)?;
        disk::create(&told.join("account.txt"), ACCOUNT.as_bytes(), Access::Private)?;
        disk::create(&told.join("photo.jpg"), PHOTO, Access::Private)?;
        disk::create(&apart.join("identity.txt"), IDENTITY.as_bytes(), Access::Private)?;
        let phrase = Phrase::draw(&mut random::system());
        let words = phrase.words(Language::English);
        disk::create(
            &self.folder.join("phrase.txt"),
            format!("{}\n", words.as_str()).as_bytes(),
            Access::Private,
        )?;
        let root = declare::derive(&phrase, self.follow.trust().origin())?;
        self.done(t!("phrase, Argon2id 64 MiB"), &watch);
        let evidence = vec![told.join("photo.jpg")];
        let (case, promised) = self.file(&root, consent, evidence, "package")?;
        Ok(Declared { phrase, case, promised })
    }

    /// Seals one filing of the phrase and files it.
    fn file(
        &mut self,
        root: &PhraseRoot,
        consent: ConsentChoice,
        evidence: Vec<PathBuf>,
        package: &str,
    ) -> Outcome<(CaseId, PromisedFiling)> {
        let watch = Stopwatch::start();
        let to_seal = ToSeal {
            input: TestimonyInput {
                account: ACCOUNT.to_owned(),
                identity: IDENTITY.to_owned(),
                interpreter: false,
                soon: true,
                language: String::new(),
                danger: false,
                answers: String::new(),
            },
            evidence,
            choices: Choices {
                consent,
                allowed: vec![Use::Support, Use::Authority],
                docket: self.docket,
                ..Choices::default()
            },
            // What comes out is compared with what went in, file by file.
            copies: Copies::None,
            ..ToSeal::default()
        };
        let (_, case) = declare::free_case(&self.follow, root, 0);
        let (folder, silent) = (self.folder.join(package), Console::silent());
        let package = declare::seal_into(&self.follow, &case, (&to_seal, 0), &folder, &silent)?;
        self.done("seal", &watch);
        let watch = Stopwatch::start();
        let promised = package.send(&self.follow, &silent)?;
        self.done(t!("file, promise verified"), &watch);
        Ok((case.id, promised))
    }

    /// The entry in a cosigned checkpoint, and its receipt.
    fn receipt(&mut self, declared: &Declared) -> Outcome<()> {
        let watch = Stopwatch::start();
        let entry = Entry::parse(&declared.promised.entry).ok_or_else(|| CliError::bug("a filing without an entry"))?;
        let (machine, follow) = (self.machine, &mut self.follow);
        let index = wait(machine, t!("the filing in the log"), || {
            follow.refresh(&Console::silent())?;
            Ok(follow.log().fold().slots().index_of(&entry))
        })?;
        promise::receipt(
            self.follow.remote(),
            self.follow.trust(),
            index,
            &declared.promised.entry,
        )?;
        self.done(t!("in the log, receipt"), &watch);
        Ok(())
    }

    /// Five seats verify what they were given and acknowledge it.
    fn acknowledge(&mut self, promised: &PromisedFiling) -> Outcome<()> {
        let watch = Stopwatch::start();
        let id = Digest::of(&promised.entry);
        for seat in &mut self.seats {
            let checked = wait(self.machine, t!("the delivery to a seat"), || {
                seat.run(async |seat| {
                    seat.refresh().await?;
                    seat.read_deliveries().await
                })?;
                let checked = deliveries(seat).into_iter().find(|(delivery, _)| *delivery == id);
                Ok(checked.filter(|(_, checked)| *checked != Checked::Early))
            })?;
            match checked {
                (_, Checked::Holds(case)) => acknowledge(seat, &case, Holds::Document, &Console::silent())?,
                (_, other) => {
                    let x = seat.member().x();
                    return Err(wrong(t!(
                        "seat {} does not accept its share: {}",
                        x,
                        format_args!("{other:?}")
                    )));
                }
            }
        }
        self.done(t!("five seats verify"), &watch);
        Ok(())
    }

    /// Referral and request; the first seat takes the request from its office cell and files it.
    fn ask(&mut self, case: &CaseId) -> Outcome<Digest> {
        let watch = Stopwatch::start();
        let reader = self.reader.member().x();
        let (machine, seats) = (self.machine, &mut self.seats);
        let first = seats
            .first_mut()
            .ok_or_else(|| CliError::bug("a council without seats"))?;
        wait(machine, t!("the referral"), || {
            later(first.run(async |seat| {
                seat.refresh().await?;
                let draft = seat.refer(case, reader)?;
                seat.file(&draft).await
            }))
        })?;
        let (desk, case_known) = (&mut self.reader, *case);
        wait(machine, t!("the referral at the reader"), || {
            desk.run(async |reader| reader.refresh().await)?;
            Ok(desk.office().referred().contains_key(&case_known).then_some(()))
        })?;
        let asking = Asking {
            compartments: vec![Compartment::Account, Compartment::Identity],
            purpose: t!("inquiry of the demo").to_owned(),
            for_use: Some(Use::Authority),
            basis: t!("an article of the demo").to_owned(),
            urgent: false,
        };
        let request = self.reader.run(async |reader| {
            let question = reader.request(case, asking)?;
            reader.ask(&question).await
        })?;
        let seats = &mut self.seats;
        let first = seats
            .first_mut()
            .ok_or_else(|| CliError::bug("a council without seats"))?;
        wait(machine, t!("the request"), || {
            let taken = first.run(async |seat| {
                seat.refresh().await?;
                seat.read_cells().await?;
                seat.take_office().await
            })?;
            Ok(taken.iter().any(|taken| taken.filed.statement == request).then_some(()))
        })?;
        self.done(t!("referral, request"), &watch);
        Ok(request)
    }

    /// From the phrase alone she sees that it is held.
    fn held(&mut self, declared: &Declared) -> Outcome<()> {
        let watch = Stopwatch::start();
        let (trust, silent) = (self.follow.trust().clone(), Console::silent());
        let root = declare::derive(&declared.phrase, trust.origin())?;
        let mut hers = DeclarantLine::from_roots(trust, vec![root], None, &silent)?;
        wait(self.machine, t!("the acknowledgements"), || {
            hers.refresh(&silent)?;
            let view = hers.view();
            let all = view.filings.iter().all(|filing| {
                let holds = filing.parts.as_ref().map_or(0, |parts| parts.hold.len());
                matches!(filing.answer, CaseAnswer::Held { .. }) && holds == Place::seats().count()
            });
            Ok((all && !view.filings.is_empty()).then_some(()))
        })?;
        self.done(t!("acknowledged in the log"), &watch);
        Ok(())
    }

    /// Three grants and a refusal: enough for the account, one short for the identity.
    fn decide(&mut self, case: &CaseId, request: &Digest) -> Outcome<()> {
        let watch = Stopwatch::start();
        for (number, seat) in self.seats.iter_mut().enumerate().take(GRANTING + 1) {
            let (grants, reason): (&[Compartment], _) = match number < GRANTING {
                true => (&[Compartment::Account, Compartment::Identity], None),
                false => (&[], Some(Reason::Policy)),
            };
            wait(self.machine, t!("the request in the log"), || {
                later(seat.run(async |seat| {
                    seat.refresh().await?;
                    let draft = seat.decide(case, request, grants, reason)?;
                    seat.file(&draft).await
                }))
            })?;
        }
        self.done("decisions", &watch);
        Ok(())
    }

    /// The three release once the objection time is over and the grants stand in the log.
    fn release(&mut self, case: &CaseId, request: &Digest) -> Outcome<()> {
        let watch = Stopwatch::start();
        for seat in self.seats.iter_mut().take(GRANTING) {
            let allowed = wait(self.machine, t!("the objection time"), || {
                later(seat.run(async |seat| {
                    seat.refresh().await?;
                    let (draft, allowed) = seat.release(case, request)?;
                    seat.file(&draft).await.map(|_| allowed)
                }))
            })?;
            if allowed.compartments != [Compartment::Account] {
                return Err(wrong(t!("three grants opened more than the account")));
            }
        }
        self.done(t!("objection time, releases"), &watch);
        Ok(())
    }

    /// The reader opens the account; the identity stays closed; the originals come out byte for byte.
    fn open(&mut self, case: &CaseId, request: &Digest) -> Outcome<Zeroizing<String>> {
        let watch = Stopwatch::start();
        let (machine, reader) = (self.machine, &mut self.reader);
        let opened = wait(machine, t!("the releases in the log"), || {
            later(reader.run(async |reader| {
                reader.refresh().await?;
                reader.try_open(case, request, false).await
            }))
        })?;
        let [account] = opened.combined.unlocked.as_slice() else {
            return Err(wrong(t!("not exactly the account was opened")));
        };
        let (closed, bad) = (&opened.combined.closed, &opened.combined.bad);
        if account.name != Compartment::Account || closed.len() != 1 || !bad.is_empty() {
            return Err(wrong(t!("the identity must stay closed, and no share be bad")));
        }
        let (out, objects) = (self.folder.join("testimony_out"), self.folder.join("objects"));
        let store = self.reader.object_store(case);
        let absent = open::fetch(&self.reader, case, &opened, &Console::silent())?;
        open::file_opened(&mut self.reader, case, request, &opened, false)?;
        let held = self.reader.member().case(case)?;
        content::copy_sealed(held, account, &store, &objects)?;
        let written = content::write(held, account, &store, &absent, &out)?;
        if let Some(unopened) = written.content.unopened.first() {
            return Err(wrong(unopened.to_string()));
        }
        if let Some(remark) = written.content.remarks.first() {
            return Err(wrong(remark.to_string()));
        }
        let identity = account.identity.to_text();
        self.reader
            .run(async |reader| reader.finish(case, request, &opened, false))?;
        open::forget_objects(&self.reader, case)?;
        self.done(t!("open; identity stays closed"), &watch);
        let watch = Stopwatch::start();
        compare(&self.folder.join("testimony_in"), &out)?;
        self.done(t!("compared byte for byte"), &watch);
        Ok(identity)
    }

    fn finding(&mut self, case: &CaseId, request: &Digest) -> Outcome<()> {
        let watch = Stopwatch::start();
        let (machine, reader) = (self.machine, &mut self.reader);
        let filed = wait(machine, t!("the opening in the log"), || {
            later(reader.run(async |reader| {
                reader.refresh().await?;
                let draft = reader.finding(case, request, OpeningOutcome::Protected)?;
                reader.file(&draft).await
            }))
        })?;
        wait(machine, t!("the finding in the log"), || {
            reader.run(async |reader| reader.refresh().await)?;
            Ok(reader.member().is_logged(case, &filed.statement).then_some(()))
        })?;
        self.done("finding", &watch);
        Ok(())
    }

    fn done(&mut self, name: &'static str, watch: &Stopwatch) {
        let ms = watch.ms();
        self.steps.push(Step { name, ms });
        let human = t!(
            "✓ {} {} ms",
            format_args!("{:<30}", said(name)),
            format_args!("{:>6}", ms)
        );
        let value = json!({ "step": name, "done": self.steps.len(), "total": self.total, "ms": ms });
        self.console.line(Tone::Good, &human, "progress", value);
    }
}
