//! `resguardo attended`, `message`, `lapse`, `decline`, `erased`: what a seat does for a case besides opening it.

use super::{desk, filed_json, public, short, tell_filed};
use crate::args::{Attended, Lapse, OfCase, WriteMessage};
use crate::console::Console;
use crate::desk::Seat;
use crate::disk;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use client::{MadePublic, ToCome};
use protocol::Digest;
use protocol::statement::{Attention, LapseStep};
use protocol::text::{TEXT_MAX, is_text};
use serde_json::json;

/// The template that says that an upload code goes with it.
const LARGE: &str = "large";

pub(super) fn message(args: &WriteMessage, console: &Console) -> Outcome<()> {
    let text = match (&args.text, &args.template) {
        (Some(file), _) => Some(String::from_utf8(disk::read(file, 1 << 20)?).unwrap_or_default()),
        (None, Some(name)) => Some(template(name, &args.language)?),
        (None, None) => None,
    };
    let text = text.map(|text| text.trim_end().replace("\r\n", "\n"));
    if !text.as_deref().is_none_or(is_text) {
        return Err(CliError::usage(t!("this text cannot be sent to her"))
            .why(t!("it has not 1 to {} bytes of UTF-8, or holds a control character or one that turns the direction of writing", TEXT_MAX))
            .remedy(t!("shorten it, or send it in parts; nothing was sent")));
    }
    let with_code = args.with_code || args.template.as_deref() == Some(LARGE);
    let mut desk = desk(&args.desk, console)?.seat()?;
    let ask = question(&desk, &args.case)?;
    if with_code && ask.is_some() {
        return Err(CliError::usage(t!("an upload code goes with a message on a filing"))
            .why(t!("whoever asked without one has nothing to add to"))
            .remedy(t!("answer without --with-code; nothing was sent")));
    }
    let statement = match (text, ask) {
        (Some(text), Some(ask)) => {
            public::tell(&MadePublic::ANSWER, console);
            desk.run(async |seat| seat.answer(&ask, &text, args.even_so).await)?
        }
        (Some(text), None) => {
            let case = desk.case_id(&args.case)?;
            public::tell(&MadePublic::MESSAGE, console);
            desk.run(async |seat| seat.write(&case, &text, args.even_so, with_code).await)?
        }
        (None, ask) => {
            let ask = ask.ok_or_else(|| CliError::from(client::Failure::new(client::Local::NoSuchAsk)))?;
            desk.run(async |seat| seat.put_away(&ask).await)?;
            console.result(t!("✓ put away: it is shown here no more"), json!({ "ask": ask }));
            return Ok(());
        }
    };
    let mut human = t!("✓ sent to her inbox: she reads it with her eight words after the next publication").to_owned();
    if with_code {
        human.push_str(t!(
            "\n  with an upload code: what she adds may have 2 GiB, once, within 30 days"
        ));
    }
    console.result(
        &human,
        json!({ "act": "message", "statement": statement, "with_code": with_code }),
    );
    Ok(())
}

/// The question that is named by the first digits of its digest, if one is.
fn question(desk: &Seat, name: &str) -> Outcome<Option<Digest>> {
    let name = name.to_lowercase();
    let asks = desk.office().asks().into_iter();
    let found: Vec<Digest> = asks
        .map(|ask| ask.statement)
        .filter(|statement| statement.to_hex().starts_with(&name))
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => Err(CliError::usage(t!("several questions begin so"))
            .why(t!("the name is too short"))
            .remedy(t!("give more digits"))),
    }
}

fn template(name: &str, language: &str) -> Outcome<String> {
    let mut all = client::TEMPLATES.iter();
    let found = all.find(|template| (template.name, template.language) == (name, language));
    found
        .map(|template| template.text.to_owned())
        .ok_or_else(|| CliError::bug(format!("a template `{name}` in `{language}`")))
}

pub(super) fn attended(args: &Attended, console: &Console) -> Outcome<()> {
    let what = match args.what.as_str() {
        "wrote" => Attention::Wrote,
        "called" => Attention::Called,
        "safe" => Attention::Safe,
        "no-danger" => Attention::NoDanger,
        _ => Attention::Stands,
    };
    if args.hours.is_some() && !what.has_term() {
        return Err(CliError::usage(t!("--hours goes with `wrote` and `called` only"))
            .why(t!("the others hold until a seat says otherwise"))
            .remedy(t!("leave --hours out; nothing was sent")));
    }
    let mut desk = desk(&args.desk, console)?.seat()?;
    let case = desk.case_id(&args.case)?;
    let filed = desk.run(async |seat| {
        let draft = seat.attend(&case, what, args.hours)?;
        public::of(seat.member(), &draft, console);
        seat.file(&draft).await
    })?;
    tell_filed(console, "what was done about danger", &filed);
    Ok(())
}

pub(super) fn lapse(args: &Lapse, console: &Console) -> Outcome<()> {
    let step = if args.step == "inquiry" {
        LapseStep::Inquiry
    } else {
        LapseStep::Decide
    };
    let mut desk = desk(&args.desk, console)?.seat()?;
    let case = desk.case_id(&args.case)?;
    let filed = desk.run(async |seat| {
        let draft = seat.lapse(&case, step)?;
        public::of(seat.member(), &draft, console);
        seat.file(&draft).await
    })?;
    tell_filed(console, "step of a lapse", &filed);
    Ok(())
}

pub(super) fn decline(args: &OfCase, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?.seat()?;
    let case = desk.case_id(&args.case)?;
    let filed = desk.run(async |seat| {
        let draft = seat.decline(&case)?;
        public::of(seat.member(), &draft, console);
        seat.file(&draft).await
    })?;
    tell_filed(console, "declining", &filed);
    Ok(())
}

pub(super) fn erased(args: &OfCase, console: &Console) -> Outcome<()> {
    let mut desk = desk(&args.desk, console)?.seat()?;
    let case = desk.case_id(&args.case)?;
    public::tell(&desk.member().will_make_public(&case, ToCome::Erasing)?, console);
    let filed = desk.run(async |seat| seat.erase(&case).await)?;
    let (human, value) = match filed {
        Some(filed) => (
            t!(
                "✓ destroyed here, and said so (statement {}); the service deletes the files when t seats have asked",
                short(&filed.statement)
            ),
            filed_json("erased", &filed),
        ),
        None => (
            t!("✓ destroyed here; that it is stands in the log already").to_owned(),
            json!({ "act": "erased" }),
        ),
    };
    console.result(&human, value);
    Ok(())
}
