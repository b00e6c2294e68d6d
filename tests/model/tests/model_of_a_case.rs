//! All interleavings up to a bound: small in every test run, larger by `cargo xtask model`.

use std::collections::BTreeSet;

use model::{Act, Asks, Bound, Broken, Rules};
use stateright::{Checker, Expectation, HasDiscoveries, Model as _};

/// Nothing at all.
const NONE: Bound = Bound {
    instants: &[],
    acts: 0,
    hidden: 0,
    bought: 0,
    far: 0,
    pending: 1,
    objections: 0,
    forged: 0,
    hers: 0,
    begun: &[],
};

/// What is searched: seats and how many keep the rules; how many open the account and, where it is asked for too, the identity;
/// whether she is asked.
#[derive(Clone, Copy)]
struct Part {
    seats: (u16, u16),
    open: (u8, Option<u8>),
    asks: Asks,
    bound: Bound,
}

impl Part {
    fn rules(self) -> Rules {
        let (seats, honest) = self.seats;
        Rules::new(seats, self.open, honest, self.asks, self.bound)
    }
}

/// Three seats, two open, one is bought.
fn three(asks: Asks) -> impl Fn(Bound) -> Part {
    move |bound| Part {
        seats: (3, 2),
        open: (2, None),
        asks,
        bound,
    }
}

/// Three seats, of which two open the account and two the identity; one is bought.
fn apart(asks: Asks) -> impl Fn(Bound) -> Part {
    move |bound| Part {
        open: (2, Some(2)),
        ..three(asks)(bound)
    }
}

/// Four seats, of which two open the account and three the identity; one keeps no rule.
fn of_four(bound: Bound) -> Part {
    Part {
        seats: (4, 3),
        open: (2, Some(3)),
        asks: Asks::Nobody,
        bound,
    }
}

/// Searches all of it and says how much that was; gives what was seen.
fn check(part: Part) -> Vec<&'static str> {
    let checker = searched(part.rules(), HasDiscoveries::AnyFailures);
    for property in checker.model().properties() {
        if property.expectation == Expectation::Always {
            checker.assert_no_discovery(property.name);
        }
    }
    checker.discoveries().into_keys().collect()
}

fn searched(rules: Rules, until: HasDiscoveries) -> impl Checker<Rules> {
    let bound = rules.bound;
    let began = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let checker = rules.checker().threads(threads).finish_when(until);
    let checker = checker.spawn_dfs().join();
    eprintln!(
        "{bound:?}: {} states, depth {}, {} s",
        checker.unique_state_count(),
        checker.max_depth(),
        began.elapsed().as_secs()
    );
    checker
}

/// Each part searches all of its bound; together they reach everything that there is to see.
fn check_all(parts: &[Part]) {
    let mut seen = BTreeSet::new();
    for part in parts {
        seen.extend(check(*part));
    }
    let all = three(Asks::Nobody)(NONE).rules().properties();
    let sights = all
        .iter()
        .filter(|property| property.expectation == Expectation::Sometimes);
    for sight in sights {
        assert!(seen.contains(sight.name), "the model never shows that {}", sight.name);
    }
}

/// Three seats, two open, one is bought; the reader too.
#[test]
fn no_order_of_acts_breaks_a_rule() {
    let order = Bound {
        instants: &[0, 1, 9],
        acts: 6,
        hidden: 1,
        bought: 1,
        ..NONE
    };
    let objected = Bound {
        instants: &[0, 2, 9],
        acts: 7,
        bought: 1,
        objections: 1,
        ..NONE
    };
    let withheld = Bound {
        instants: &[0, 2],
        acts: 5,
        hidden: 1,
        bought: 1,
        objections: 1,
        ..NONE
    };
    let far = Bound {
        instants: &[0, 1],
        acts: 5,
        bought: 1,
        far: 1,
        ..NONE
    };
    let end = Bound {
        instants: &[0, 2, 6, 7, 8, 9],
        acts: 5,
        hidden: 1,
        ..NONE
    };
    let times = Bound {
        instants: &[0, 1, 2, 3, 4, 5, 6, 9],
        acts: 5,
        objections: 1,
        ..NONE
    };
    let dated = Bound {
        instants: &[0, 2],
        acts: 6,
        bought: 1,
        objections: 1,
        forged: 1,
        ..NONE
    };
    let dated_twice = Bound {
        instants: &[0, 1, 2],
        acts: 4,
        bought: 1,
        objections: 1,
        forged: 2,
        ..NONE
    };
    let parts = [
        order,
        objected,
        withheld,
        far,
        end,
        times,
        dated,
        dated_twice,
        WITHDRAWN,
    ]
    .map(three(Asks::Nobody));
    let asked = [CONSENT, CONSENT_WITHHELD].map(three(Asks::Her));
    let lapse = [LAPSING, LAPSE_WITHHELD, LAPSED, LAPSE_RELEASED].map(three(Asks::Lapse));
    let parted = [APART].map(apart(Asks::Nobody));
    let four = of_four(APART_OF_FOUR);
    check_all(&[&[four][..], &parted, &parts, &asked, &lapse].concat());
}

/// Account and identity are decided and released apart.
const APART: Bound = Bound {
    instants: &[0, 1],
    acts: 6,
    bought: 1,
    ..NONE
};

/// The same of four seats.
const APART_OF_FOUR: Bound = Bound {
    instants: &[0, 1],
    acts: 7,
    ..NONE
};

/// She answers twice.
const CONSENT: Bound = Bound {
    instants: &[0, 1, 9],
    acts: 6,
    bought: 1,
    hers: 2,
    ..NONE
};

/// One of her answers is shown late, or somebody's act.
const CONSENT_WITHHELD: Bound = Bound {
    instants: &[0, 1],
    acts: 5,
    hidden: 1,
    hers: 2,
    ..NONE
};

/// She withdraws, and takes that back.
const WITHDRAWN: Bound = Bound {
    instants: &[0, 1, 5],
    acts: 6,
    hers: 2,
    ..NONE
};

/// The steps of a lapse; she says something in between.
const LAPSING: Bound = Bound {
    instants: &[2, 10, 11, 14],
    acts: 4,
    bought: 1,
    hers: 1,
    ..NONE
};

/// One of these is shown late, or to one seat only.
const LAPSE_WITHHELD: Bound = Bound {
    instants: &[10, 12],
    acts: 5,
    hidden: 1,
    hers: 1,
    ..NONE
};

/// Two of three seats have decided on a lapse: what can follow, to the release.
const LAPSED: Bound = Bound {
    instants: &[12, 13],
    acts: 9,
    bought: 2,
    hers: 1,
    begun: &[(Act::Inquire(1), 10), (Act::Decide(1), 12), (Act::Decide(2), 12)],
    ..NONE
};

/// A lapse stands: the request, and the release of what it opens.
const LAPSE_RELEASED: Bound = Bound {
    instants: &[12, 13],
    acts: 11,
    bought: 2,
    hers: 1,
    begun: &[
        (Act::Inquire(1), 10),
        (Act::Decide(1), 12),
        (Act::Decide(2), 12),
        (Act::Decide(3), 12),
    ],
    ..NONE
};

/// Honest seats that break one rule are found by the property that is about it: none of them holds because nothing happens.
#[test]
fn each_rule_that_honest_seats_break_is_found() {
    let taken_back = "no honest seat releases once she has taken it back";
    let too_soon = "no honest seat takes a step of a lapse too soon";
    let not_apart = "an honest seat releases only what it granted, on grants of that";
    let without = "nothing is granted or released without her while no lapse stands";
    for (broken, part, property) in [
        (Broken::TakenBack, three(Asks::Her)(CONSENT), taken_back),
        (Broken::NoConsent, three(Asks::Her)(CONSENT), taken_back),
        (
            Broken::ErasedEarly,
            three(Asks::Nobody)(WITHDRAWN),
            "no honest seat destroys before a withdrawal is 30 days old",
        ),
        (
            Broken::ReleasedErased,
            three(Asks::Nobody)(WITHDRAWN),
            "no honest seat releases what is destroyed",
        ),
        (Broken::InquiredEarly, three(Asks::Lapse)(LAPSING), too_soon),
        (Broken::DecidedEarly, three(Asks::Lapse)(LAPSING), too_soon),
        (Broken::FewDecided, three(Asks::Lapse)(LAPSED), without),
        (Broken::SpokenSince, three(Asks::Lapse)(LAPSED), without),
        (Broken::NotGranted, apart(Asks::Nobody)(APART), not_apart),
        (Broken::OtherGrants, apart(Asks::Nobody)(APART), not_apart),
    ] {
        let mut rules = part.rules();
        rules.broken = Some(broken);
        let checker = searched(rules, HasDiscoveries::AllOf([property].into()));
        assert!(checker.discovery(property).is_some(), "{broken:?}");
    }
}

/// The same with more of everything; and five seats, three open, two are bought.
#[test]
#[ignore = "run by `cargo xtask model`"]
fn no_longer_order_of_acts_breaks_a_rule() {
    let order = Bound {
        instants: &[0, 1, 9],
        acts: 7,
        hidden: 1,
        bought: 2,
        ..NONE
    };
    let objected = Bound {
        instants: &[0, 2, 4, 9],
        acts: 7,
        bought: 1,
        pending: 2,
        objections: 2,
        ..NONE
    };
    let withheld = Bound {
        instants: &[0, 1, 2],
        acts: 5,
        hidden: 1,
        bought: 1,
        far: 1,
        objections: 1,
        ..NONE
    };
    let end = Bound {
        instants: &[0, 2, 3, 6, 7, 8, 9],
        acts: 5,
        hidden: 1,
        pending: 2,
        ..NONE
    };
    let dated = Bound {
        instants: &[0, 1, 2],
        acts: 6,
        bought: 1,
        objections: 1,
        forged: 2,
        ..NONE
    };
    let two_bought = Bound {
        instants: &[0, 1, 9],
        acts: 7,
        bought: 1,
        ..NONE
    };
    let withdrawn = Bound { hidden: 1, ..WITHDRAWN };
    let consent_withheld = Bound {
        acts: 6,
        ..CONSENT_WITHHELD
    };
    let three_seats = [order, objected, withheld, end, dated, withdrawn].map(three(Asks::Nobody));
    let asked = [consent_withheld].map(three(Asks::Her));
    let (lapsing, lapsed) = (
        Bound {
            acts: 5,
            hidden: 1,
            ..LAPSING
        },
        Bound { hidden: 1, ..LAPSED },
    );
    let lapse = [lapsing, lapsed].map(three(Asks::Lapse));
    let (two_by_the_bought, objected_apart, withheld_apart) = (
        Bound { bought: 2, ..APART },
        Bound {
            instants: &[0, 2],
            acts: 7,
            objections: 1,
            ..APART
        },
        Bound { hidden: 1, ..APART },
    );
    let bought_of_four = of_four(Bound {
        bought: 1,
        ..APART_OF_FOUR
    });
    let parted = [two_by_the_bought, objected_apart, withheld_apart].map(apart(Asks::Nobody));
    let five = Part {
        seats: (5, 3),
        open: (3, None),
        asks: Asks::Nobody,
        bound: two_bought,
    };
    check_all(&[&three_seats[..], &asked, &lapse, &[five, bought_of_four], &parted].concat());
}
