//! What must never be, and what there must be to see.

use stateright::Property;

use crate::judge::{never, seen};
use crate::state::{Rules, State};

/// All of it, under its name.
pub(crate) fn properties() -> Vec<Property<Rules>> {
    vec![
        Property::always("two folds of the same shown acts agree", |_, state: &State| {
            state.summary().wrong & never::FOLDS_DIFFER == 0
        }),
        Property::always("an honest release is refused by nobody", |_, state: &State| {
            state.summary().wrong & never::HONEST_RELEASE_REFUSED == 0
        }),
        Property::always("nothing opens below the threshold", |_, state: &State| {
            state.summary().wrong & never::BELOW_THRESHOLD == 0
        }),
        Property::always("an objection that an honest seat saw counts", |_, state: &State| {
            state.summary().wrong & never::OBJECTION_LOST == 0
        }),
        Property::always("no honest seat releases too soon", |_, state: &State| {
            state.summary().wrong & never::TOO_SOON == 0
        }),
        Property::always("no request lives after its end", |_, state: &State| {
            state.summary().wrong & never::LIVES_AFTER_DEATH == 0
        }),
        Property::always(
            "nothing is released without her yes, where she is asked",
            |_, state: &State| state.summary().wrong & never::WITHOUT_HER == 0,
        ),
        Property::always(
            "no honest seat releases once she has taken it back",
            |_, state: &State| state.summary().wrong & never::TAKEN_BACK == 0,
        ),
        Property::always(
            "no honest seat destroys before a withdrawal is 30 days old",
            |_, state: &State| state.summary().wrong & never::ERASED_EARLY == 0,
        ),
        Property::always("no honest seat releases what is destroyed", |_, state: &State| {
            state.summary().wrong & never::RELEASED_ERASED == 0
        }),
        Property::always("no honest seat takes a step of a lapse too soon", |_, state: &State| {
            state.summary().wrong & never::LAPSED_EARLY == 0
        }),
        Property::always(
            "nothing is granted or released without her while no lapse stands",
            |_, state: &State| state.summary().wrong & never::WITHOUT_LAPSE == 0,
        ),
        Property::always(
            "an honest seat releases only what it granted, on grants of that",
            |_, state: &State| state.summary().wrong & never::NOT_APART == 0,
        ),
        Property::sometimes("the account is released, the identity is not", |_, state: &State| {
            state.summary().seen & seen::ACCOUNT_ALONE != 0
        }),
        Property::sometimes("the identity is released, the account is not", |_, state: &State| {
            state.summary().seen & seen::IDENTITY_ALONE != 0
        }),
        Property::sometimes("it is released after a lapse", |_, state: &State| {
            state.summary().seen & seen::LAPSED != 0
        }),
        Property::sometimes(
            "a sign of life keeps a seat that granted from releasing",
            |_, state: &State| state.summary().seen & seen::SPOKE != 0,
        ),
        Property::sometimes("it is released with her consent", |_, state: &State| {
            state.summary().seen & seen::CONSENTED != 0
        }),
        Property::sometimes(
            "a consent that she took back keeps a seat from releasing",
            |_, state: &State| state.summary().seen & seen::HELD_BACK != 0,
        ),
        Property::sometimes("a testimony is destroyed for good", |_, state: &State| {
            state.summary().seen & seen::ERASED != 0
        }),
        Property::sometimes("the reader opens", |_, state: &State| {
            state.summary().seen & seen::OPENED != 0
        }),
        Property::sometimes("a release comes after an objection", |_, state: &State| {
            state.summary().seen & seen::RELEASED_AFTER_OBJECTION != 0
        }),
        Property::sometimes("a request dies", |_, state: &State| {
            state.summary().seen & seen::DEAD != 0
        }),
        Property::sometimes("a release relies on what is hidden", |_, state: &State| {
            state.summary().seen & seen::UNDECIDED != 0
        }),
        Property::sometimes("an act is beyond reach", |_, state: &State| {
            state.summary().seen & seen::UNREACHABLE != 0
        }),
        Property::sometimes("a seat's own clock keeps it from releasing", |_, state: &State| {
            state.summary().seen & seen::OWN_CLOCK != 0
        }),
        Property::sometimes("a bought release is refused", |_, state: &State| {
            state.summary().seen & seen::LIE_REFUSED != 0
        }),
    ]
}
