//! What an act makes public, said before it is filed (§10): the same lines for every verb, from what [`client`] computes.

use crate::console::{Console, Tone};
use crate::language::t;
use crate::names;
use client::{AtOnce, InDocket, MadePublic, Member, SignedAct};
use protocol::Day;
use serde_json::{Value, json};

/// Says it of an act that is about to be filed.
pub(super) fn of(member: &Member, draft: &SignedAct, console: &Console) {
    tell(&member.made_public(draft.case(), draft.statement()), console);
}

/// Says it.
pub(super) fn tell(public: &MadePublic, console: &Console) {
    if console.is_json() {
        return console.line(Tone::Plain, "", "public", json!({ "public": public }));
    }
    for line in lines(public) {
        let name = t!("public");
        console.line(Tone::Plain, &format!("    {name:<9} {line}"), "public", Value::Null);
    }
}

fn lines(public: &MadePublic) -> Vec<String> {
    let mut lines = vec![
        match public.at_once {
            AtOnce::Closed => {
                t!("at once: closed entries only; nobody outside can tell whose they are or what they say")
            }
            AtOnce::Nothing => {
                t!("at once: nothing; it goes to the seats in closed cells, and the first to take it files it")
            }
            AtOnce::Record => {
                t!("at once: nothing; each day closed records are published, whether somebody wrote or not")
            }
        }
        .to_owned(),
    ];
    if let Some(count) = public.counted {
        lines.push(t!(
            "each month: it counts in the numbers of this institution, {}",
            names::count(count)
        ));
    }
    if let Some(count) = public.if_late {
        lines.push(t!("each month, only if it came late: {}", names::count(count)));
    }
    match public.docket {
        InDocket::NoTwin => {
            lines.push(t!("of this act alone: nothing, for acts of its kind are not published").to_owned())
        }
        InDocket::NotChosen => {
            lines.push(t!("of this act alone: nothing, for she chose that numbers alone be published").to_owned());
        }
        InDocket::Twin {
            act,
            outcome,
            seat,
            week,
            due,
            urgent,
            from,
            is_open,
            is_chosen,
        } => {
            let what = names::twin_act(act, outcome);
            lines.push(t!(
                "not before {}, and for ever: {}, by member {} and its institution, in week {}",
                Day::of(from),
                what,
                seat,
                week
            ));
            if let Some(due) = due {
                lines.push(t!("with it, the last day for what it calls for: {}", due));
            }
            if urgent {
                lines.push(t!("with it, that the request is urgent").to_owned());
            }
            if !is_chosen {
                lines.push(
                    t!("that only if she chose that each act be published, which this key cannot know yet").to_owned(),
                );
            }
            if !is_open {
                lines.push(t!("that begins when the council opens the docket, which it has not").to_owned());
            }
        }
    }
    if public.counted.is_some() || matches!(public.docket, InDocket::Twin { .. }) {
        lines.push(
            t!("whoever knows of the only testimony that this institution has can tell that it is this one").to_owned(),
        );
    }
    lines.push(
        t!("never: which testimony, what it says, its code and its day, who she is, what part was asked for, texts and legal bases")
            .to_owned(),
    );
    lines
}
