//! All interleavings up to a bound: small in every test run, larger by `cargo xtask model`.

use std::collections::BTreeSet;

use model::{Bound, Rules};
use stateright::{Checker as _, Expectation, HasDiscoveries, Model as _};

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
};

/// Searches all of it and says how much that was; gives what was seen.
fn check(seats: u16, account: u8, honest: u16, bound: Bound) -> Vec<&'static str> {
    let rules = Rules::new(seats, account, honest, bound);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let checker = rules
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures);
    let checker = checker.spawn_dfs().join();
    eprintln!(
        "{bound:?}: {} states, depth {}",
        checker.unique_state_count(),
        checker.max_depth()
    );
    for property in checker.model().properties() {
        if property.expectation == Expectation::Always {
            checker.assert_no_discovery(property.name);
        }
    }
    checker.discoveries().into_keys().collect()
}

/// Each part searches all of its bound; together they reach everything that there is to see.
fn check_all(parts: &[(u16, u8, u16, Bound)]) {
    let mut seen = BTreeSet::new();
    for (seats, account, honest, bound) in parts {
        seen.extend(check(*seats, *account, *honest, *bound));
    }
    let all = Rules::new(3, 2, 2, NONE).properties();
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
    let parts = [order, objected, withheld, far, end, times, dated, dated_twice];
    check_all(&parts.map(|bound| (3, 2, 2, bound)));
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
    let three_seats = [order, objected, withheld, end, dated].map(|bound| (3, 2, 2, bound));
    check_all(&[&three_seats[..], &[(5, 3, 3, two_bought)]].concat());
}
