//! A testimony sealed with `protocol::seal`, as filed.

use protocol::open::{Header, open_header_file, verify_header};
use protocol::phrase::{CaseKeys, PhraseRoot};
use protocol::seal::{CompartmentKey, SealRequest, Sealed, seal};
use protocol::share::file::Flags;
use protocol::slot::{CaseSalt, Entry};
use protocol::statement::{
    AccessPolicy, Compartment, ConsentChoice, Core, DocketChoice, Opening, SealedBy, Testimony, WithdrawChoice,
};
use protocol::{Day, Digest, Envelope, MemberNumber, Origin};

use super::{Log, ORIGIN, T0, beginning, council, rng, salt_of, x};

/// A filing with its secrets.
pub struct Filing {
    pub keys: CaseKeys,
    pub entry: Entry,
    pub core: Envelope,
    pub testimony: Envelope,
    pub sealed: Sealed,
}

/// Changes made to a header after sealing, signed again with her key.
#[derive(Default)]
pub struct Forge {
    pub core: Option<fn(&mut Core)>,
    pub testimony: Option<fn(&mut Testimony)>,
    /// Her choices, before sealing.
    pub policy: Option<AccessPolicy>,
}

pub fn choices() -> AccessPolicy {
    AccessPolicy {
        open: Opening::OnRequest,
        lapse_days: None,
        t_lapse: None,
        ask_me_after: None,
        allowed: Vec::new(),
        withdraw: WithdrawChoice::After,
        inbox_days: 180,
        docket: DocketChoice::CountsOnly,
    }
}

impl Filing {
    /// Sealed to seats 1 to 5, account and identity.
    pub fn new(c: u32) -> Self {
        Self::to(c, &[1, 2, 3, 4, 5])
    }

    pub fn to(c: u32, seats: &[u16]) -> Self {
        Self::forged(c, seats, &Forge::default())
    }

    /// Her consent is part of the key; with a lapse after a year where `lapse` says so, t_lapse being 4.
    pub fn with_consent(c: u32, lapse: bool) -> Self {
        let consent = if lapse {
            ConsentChoice::Lapse { days: 365 }
        } else {
            ConsentChoice::Strict
        };
        Self::chosen(c, AccessPolicy::new(consent, &council(), 5))
    }

    /// Sealed to seats 1 to 5 with these choices.
    pub fn chosen(c: u32, policy: AccessPolicy) -> Self {
        let forge = Forge {
            policy: Some(policy),
            ..Forge::default()
        };
        Self::forged(c, &[1, 2, 3, 4, 5], &forge)
    }

    pub fn forged(c: u32, seats: &[u16], forge: &Forge) -> Self {
        let policy = forge.policy.clone().unwrap_or_else(choices);
        let keys = PhraseRoot::from_bytes([0x11; 32]).case(c);
        let mut rng = rng(u64::from(c));
        let council = council();
        let seats: Vec<MemberNumber> = seats.iter().map(|number| x(*number)).collect();
        let compartments = [Compartment::Account, Compartment::Identity].map(|name| {
            let threshold = council.threshold(name).unwrap();
            let mut compartment = CompartmentKey::draw(name, threshold, policy.open, &keys, &seats, &mut rng);
            compartment
                .set_document(br#"{"v":1,"text":"","answers":{},"files":[]}"#, &mut rng)
                .unwrap();
            compartment
        });
        let request = SealRequest {
            origin: &Origin::new(ORIGIN).unwrap(),
            council: &council,
            council_digest: beginning()[0].digest(),
            seats: &seats,
            day: Day::of(T0),
            policy,
            flags: Flags::default(),
            sealed_by: SealedBy::Cli,
            parent: None,
            greeting: &beginning()[3],
            second_inbox: None,
        };
        let sealed = seal(&request, &keys, compartments.into(), &mut rng).unwrap();
        let (core, testimony) = open_header_file(&keys.case_salt.k(), &sealed.header).unwrap();
        let mut core_payload: Core = core.unverified().unwrap();
        let mut testimony_payload: Testimony = testimony.unverified().unwrap();
        forge.core.iter().for_each(|edit| edit(&mut core_payload));
        let core = Envelope::sign(&core_payload, &[&keys.signing]);
        testimony_payload.core = core.digest();
        forge.testimony.iter().for_each(|edit| edit(&mut testimony_payload));
        let testimony = Envelope::sign(&testimony_payload, &[&keys.signing]);
        let entry = keys.case_salt.entry(0, testimony.digest(), None);
        Self {
            keys,
            entry,
            core,
            testimony,
            sealed,
        }
    }

    pub fn salt(&self) -> CaseSalt {
        salt_of(&self.keys.case_salt)
    }

    pub fn header(&self) -> Header {
        verify_header(self.core.clone(), self.testimony.clone()).unwrap()
    }

    pub fn header_file(&self) -> Digest {
        Digest::of(&self.sealed.header)
    }
}

impl Log {
    /// A fresh filing in the log, dealt to seats 1 to 5.
    pub fn file(&mut self) -> Filing {
        self.filed(Filing::new(0))
    }

    /// This one in the log.
    pub fn filed(&mut self, filing: Filing) -> Filing {
        self.append(&filing.entry);
        filing
    }
}
