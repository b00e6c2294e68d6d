//! Which law takes facts of a date and place, and what of it is at hand.

use jiff::civil::Date;

use crate::answer::DerivationReason;
use crate::case::{Case, Days, Forum};
use crate::library::{Instrument, Library, Status};

/// The law that was chosen.
#[derive(Debug, Default)]
pub(crate) struct Choice<'a> {
    /// Name to show.
    pub(crate) shown: Option<String>,
    pub(crate) status: &'static str,
    /// The law whose offences are computed, in force throughout the country.
    pub(crate) general: Option<&'a Instrument>,
    /// The code of the entity, where the forum is local and its text is loaded.
    pub(crate) local: Option<&'a Instrument>,
    /// The forum is unknown, and such a code would govern if it were local.
    pub(crate) local_if: bool,
    /// A federal law whose answers stand apart.
    pub(crate) secondary: Option<&'a Instrument>,
    /// Whether local law governs, or would if the forum were local.
    pub(crate) local_not_loaded: bool,
    /// Before any rules that are loaded.
    pub(crate) too_old: bool,
    pub(crate) reasons: Vec<DerivationReason>,
}

/// Last day on which `days` are still before `date`, as seen from the end of the conduct.
fn in_force(instrument: &Instrument, days: Days) -> bool {
    instrument.since.is_none_or(|since| since <= days.last) && instrument.until.is_none_or(|until| days.first <= until)
}

impl Library {
    /// First day of the law that governs in every forum.
    pub(crate) fn general_since(&self) -> Option<Date> {
        let general = self.instruments.iter().filter(|law| law.forum == "any");
        general.filter_map(|law| law.since).min()
    }

    /// Date of the consolidated text of the general law.
    fn text_as_of(&self) -> Option<Date> {
        let general = self.instruments.iter().filter(|law| law.forum == "any");
        general.filter_map(|law| law.text_as_of).max()
    }
}

/// Chooses for days within one period.
pub(crate) fn choose<'a>(library: &'a Library, case: &Case, days: Days) -> Choice<'a> {
    let mut choice = Choice {
        status: "not_loaded",
        ..Choice::default()
    };
    let code = loaded_code(library, case, days);
    choice.local = code.filter(|_| case.forum == Forum::Local);
    choice.local_if = code.is_some() && case.forum == Forum::Unknown;
    let governing = |law: &&Instrument| law.forum == "any" && in_force(law, days);
    if let Some(general) = library.instruments.iter().find(governing) {
        choice.shown = Some(general.id.clone());
        choice.status = shown_status(general.status);
        choice.general = Some(general);
        let begins = general
            .since
            .map(|since| format!("in force from {since}, in every forum"));
        choice.say("applicable_law", begins.unwrap_or_default(), general.name.clone());
        if let Some(code) = choice.local {
            let says = "local forum: its offences stand beside those of the General Law";
            choice.say("local_code", says.to_owned(), code.name.clone());
        }
        local_assistance(library, case, days, &mut choice);
        return choice;
    }
    let special = |law: &&Instrument| law.forum == "federal" && law.status == Status::Partial && in_force(law, days);
    let federal = library.instruments.iter().find(special);
    choice.too_old = federal.is_none() && choice.local.is_none();
    if let Some(code) = choice.local {
        choice.shown = Some(code.id.clone());
        choice.status = shown_status(code.status);
        let begins = code.since.map(|since| format!("in force from {since}, local forum"));
        choice.say("applicable_law", begins.unwrap_or_default(), code.name.clone());
        return choice;
    }
    match (case.forum, federal) {
        (Forum::Federal, Some(law)) => {
            choice.shown = Some(law.id.clone());
            choice.status = shown_status(law.status);
            say_federal(law, &mut choice);
        }
        (Forum::Federal, None) => {}
        (Forum::Local, _) => {
            choice.shown = say_local(library, case, days, &mut choice);
        }
        (Forum::Unknown, law) => {
            if let Some(law) = law {
                choice.status = "unknown";
                say_federal(law, &mut choice);
                say_local(library, case, days, &mut choice);
            }
        }
    }
    if choice.too_old {
        choice.say(
            "rules_not_loaded",
            "rules of that date are not loaded (federal and local)".to_owned(),
            String::new(),
        );
    }
    choice
}

/// The code of the entity, loaded and in force.
fn loaded_code<'a>(library: &'a Library, case: &Case, days: Days) -> Option<&'a Instrument> {
    let entity = library.entity(case.entity.as_deref()?)?;
    library.loaded_of(entity).find(|law| in_force(law, days))
}

/// Whether the days go beyond the date of a consolidated text that the answer rests on.
pub(crate) fn after_text(library: &Library, choice: &Choice<'_>, days: Days) -> bool {
    let local = choice.local.and_then(|law| law.text_as_of);
    let texts = [library.text_as_of(), local];
    texts.into_iter().flatten().any(|text| text < days.last)
}

fn say_federal<'a>(law: &'a Instrument, choice: &mut Choice<'a>) {
    choice.secondary = Some(law);
    let says = "if federal: applies; its offence text is not loaded, what is known of it comes from secondary sources";
    choice.say("applicable_law", says.to_owned(), law.name.clone());
}

/// Says which local law there was, and names it if it can be named.
fn say_local(library: &Library, case: &Case, days: Days, choice: &mut Choice<'_>) -> Option<String> {
    choice.local_not_loaded = true;
    let Some(entity) = case.entity.as_deref() else {
        let says = "if local: the law of the entity; the entity was not given".to_owned();
        choice.say("applicable_law", says, String::new());
        return None;
    };
    let Some(known) = library.entity(entity) else {
        choice.say("applicable_law", no_entity(entity), String::new());
        return None;
    };
    let own = |law: &&Instrument| law.entity.as_deref() == Some(known.id.as_str()) && in_force(law, days);
    let own = library.instruments.iter().find(own);
    let law = own
        .map(|law| law.name.as_str())
        .or(known.notes.get("pre_law").map(String::as_str));
    let says = format!("if local: the law of {} at that date is not loaded", known.name);
    choice.say("applicable_law", says, law.unwrap_or("unknown").to_owned());
    Some(own.map_or_else(|| known.id.clone(), |law| law.id.clone()))
}

/// Under the general law an entity's own law can still govern assistance.
fn local_assistance(library: &Library, case: &Case, days: Days, choice: &mut Choice<'_>) {
    let Some(entity) = case.entity.as_deref() else { return };
    let Some(known) = library.entity(entity) else {
        choice.say("assistance", no_entity(entity), String::new());
        return;
    };
    let aids = |law: &&Instrument| law.notes.contains_key("duty_to_assist") && in_force(law, days);
    let own = |law: &&Instrument| law.entity.as_deref() == Some(known.id.as_str()) && aids(law);
    let own = library.instruments.iter().find(own).map(|law| law.name.as_str());
    let named = own.or(known.notes.get("post_law").map(String::as_str));
    if let Some(name) = named.filter(|name| *name != "unknown") {
        let says = format!(
            "{}: own law on assistance, its measures not loaded; owed under the General Law in any case",
            known.name
        );
        choice.say("assistance", says, name.to_owned());
    }
}

fn no_entity(code: &str) -> String {
    format!("{code} is not an entity of this country")
}

fn shown_status(status: Status) -> &'static str {
    match status {
        Status::Loaded => "loaded",
        Status::Partial => "partial",
        Status::NotLoaded => "not_loaded",
    }
}

impl Choice<'_> {
    fn say(&mut self, about: &str, says: String, cite: String) {
        self.reasons.push(DerivationReason {
            about: about.to_owned(),
            says,
            cite: (!cite.is_empty()).then_some(cite),
            because: Vec::new(),
        });
    }
}
