//! What is said of one offence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::answer::{Answer, Because, Floor, PenaltyStep, Secondary, Sentence};
use crate::assess::known;
use crate::case::{Case, Stage};
use crate::offence::Offence;
use crate::prose::voice::{Voice, capital};
use crate::speech::Tongue;
use crate::truth::Truth;

/// An offence in the wording of the days of an answer.
pub(super) struct Told<'a> {
    pub(super) voice: &'a Voice<'a>,
    pub(super) case: &'a Case,
    pub(super) answer: &'a Answer,
    pub(super) offence: &'a Offence,
}

impl Told<'_> {
    /// «Artículo 13 de la Ley General, «Beneficio de la explotación sexual».»
    fn heading(&self) -> String {
        let art = self.voice.article(&self.offence.art, Some(&self.offence.instrument));
        let name = self.voice.library.offence_name(self.offence, self.voice.tongue);
        format!("{}, «{name}».", capital(&art))
    }

    fn asked(&self) -> BTreeSet<usize> {
        let mut facts = BTreeSet::new();
        self.offence.elements.facts(&mut facts);
        facts
    }

    /// Whether the case says that any of its elements is so, other than what also aggravates other offences: by her age
    /// alone no offence is opened.
    pub(super) fn is_claimed(&self) -> bool {
        let library = self.voice.library;
        let mut circumstances = BTreeSet::new();
        let fractions = library.fractions.iter();
        fractions.for_each(|fraction| fraction.tree.facts(&mut circumstances));
        let named = |fact: &usize| self.case.facts.get(&library.facts[*fact].id) == Some(&true);
        self.asked().difference(&circumstances).any(named)
    }

    fn because(&self) -> Vec<&Because> {
        super::reasons_of(self.answer, &self.offence.id)
            .flat_map(|reason| &reason.because)
            .collect()
    }

    fn clauses(&self, because: &[&Because]) -> String {
        let presumed: Vec<_> = known(self.voice.library, self.case, self.answer, self.offence)
            .into_iter()
            .filter(|known| known.presumed)
            .map(|known| known.fact)
            .collect();
        let clause = |one: &&Because| {
            let clause = self.voice.because(one, Some(&self.offence.art));
            let fact = self.voice.library.index.get(&*one.fact);
            if fact.is_some_and(|fact| presumed.contains(fact)) {
                let by_law = self
                    .voice
                    .tongue
                    .pick("por presunción de la ley", "by presumption of the law");
                return format!("{by_law} {clause}");
            }
            clause
        };
        self.voice.list(because.iter().map(clause).collect())
    }

    pub(super) fn met(&self) -> String {
        let tongue = self.voice.tongue;
        let begin = tongue.pick(
            "Lo que se señala reúne sus elementos, pues se señala que",
            "What is stated meets its elements, for it is stated that",
        );
        let mut text = format!("{} {begin} {}.", self.heading(), self.clauses(&self.because()));
        match self.answer.sentence.get(&self.offence.id) {
            Some(sentence) => text.push_str(&self.penalty(sentence)),
            None => text.push_str(&self.no_penalty()),
        }
        let open = self.answer.exclusions_to_check.get(&self.offence.id);
        let mut own = BTreeSet::new();
        self.offence
            .exclusions
            .iter()
            .for_each(|exclusion| exclusion.tree.facts(&mut own));
        let is_open =
            |fact: &usize| open.is_some_and(|open| open.contains(self.voice.library.facts[*fact].id.as_str()));
        let own: Vec<_> = own
            .into_iter()
            .filter(is_open)
            .map(|fact| self.voice.cited(fact, self.offence))
            .collect();
        if !own.is_empty() {
            let begin = tongue.pick("Dejaría de serlo si", "It would not be one if");
            text.push_str(&format!(" {begin} {}.", self.voice.either(own)));
        }
        text
    }

    /// The range, with each article that makes it what it is.
    fn penalty(&self, sentence: &Sentence) -> String {
        let (voice, tongue) = (self.voice, self.voice.tongue);
        let begin = tongue.pick("La pena es", "The penalty is");
        let mut text = format!(" {begin} {}", voice.range(sentence.shown));
        let grows = sentence.steps.iter().filter_map(|step| self.grows(step));
        let grows: Vec<_> = grows.collect();
        if !grows.is_empty() {
            let including = tongue.pick("; incluye", "; that includes");
            text.push_str(&format!("{including} {}", grows.join(tongue.pick(" y ", " and "))));
        }
        for limit in sentence.steps.iter().filter_map(|step| self.limit(step)) {
            text.push_str(&format!("; {limit}"));
        }
        if let Some(compounded) = sentence.compounded {
            let begin = tongue.pick(
                "; si los aumentos se aplican uno tras otro,",
                "; one increase after the other:",
            );
            text.push_str(&format!("{begin} {}", voice.range(compounded)));
        }
        text.push('.');
        text
    }

    /// A fraction under which the penalty grows.
    fn grows(&self, step: &PenaltyStep) -> Option<String> {
        let (voice, tongue) = (self.voice, self.voice.tongue);
        let (more, art) = match (step, tongue) {
            (PenaltyStep::Grows { art, up_to, .. }, Tongue::Es) => (format!("hasta {} más", voice.part(*up_to)), art),
            (PenaltyStep::Grows { art, up_to, .. }, Tongue::En) => (format!("up to {} more", voice.part(*up_to)), art),
            (PenaltyStep::Adds { art, years, .. }, Tongue::Es) => {
                (format!("de {} a {} años más", years.min, years.max), art)
            }
            (PenaltyStep::Adds { art, years, .. }, Tongue::En) => {
                (format!("{} to {} years more", years.min, years.max), art)
            }
            _ => return None,
        };
        Some(match tongue {
            Tongue::Es => format!("{more} por el {}", voice.article(art, None)),
            Tongue::En => format!("{more} by {}", voice.article(art, None)),
        })
    }

    /// What limits the penalty: an attempt, or the longest prison of the day.
    fn limit(&self, step: &PenaltyStep) -> Option<String> {
        let (voice, tongue) = (self.voice, self.voice.tongue);
        match step {
            PenaltyStep::Attempt { factor, floor, art } => {
                let (part, art) = (voice.part(*factor), voice.article(art, None));
                let floor = match (floor, tongue) {
                    (Floor::Open, Tongue::Es) => "el límite inferior queda abierto",
                    (Floor::Open, Tongue::En) => "the lower limit is open",
                    (_, Tongue::Es) => "el límite inferior lo fija la ley",
                    (_, Tongue::En) => "the law fixes the lower limit",
                };
                Some(match tongue {
                    Tongue::Es => format!("por ser tentativa ({art}) es a lo sumo {part} del máximo, y {floor}"),
                    Tongue::En => format!("for an attempt ({art}) it is at most {part} of the maximum, and {floor}"),
                })
            }
            PenaltyStep::Cap { art, years } => {
                let art = voice.article(art, None);
                Some(match tongue {
                    Tongue::Es => format!("la prisión no pasa de {years} años ({art})"),
                    Tongue::En => format!("prison is never over {years} years ({art})"),
                })
            }
            PenaltyStep::Base { .. } | PenaltyStep::Grows { .. } | PenaltyStep::Adds { .. } => None,
        }
    }

    /// Why an offence that is met has no range of its own.
    fn no_penalty(&self) -> String {
        let library = self.voice.library;
        let qualifies = |id: &&String| {
            library
                .offence(id)
                .is_some_and(|other| other.supersedes.as_ref() == Some(&self.offence.id))
        };
        let qualified = self
            .answer
            .proven
            .iter()
            .find(qualifies)
            .and_then(|id| library.offence(id));
        match (qualified, self.voice.tongue) {
            (Some(other), Tongue::Es) => format!(
                " La pena es la de su forma agravada, {}.",
                self.voice.article(&other.art, None)
            ),
            (Some(other), Tongue::En) => format!(
                " The penalty is that of its qualified form, {}.",
                self.voice.article(&other.art, None)
            ),
            (None, _) if self.case.stage == Stage::Attempt => {
                let none = " No se da pena: el intento no sería punible (artículo 39).";
                self.voice
                    .tongue
                    .pick(none, " No range: the attempt would not be punishable (article 39).")
                    .to_owned()
            }
            (None, _) => String::new(),
        }
    }

    pub(super) fn lacking(&self) -> String {
        let tongue = self.voice.tongue;
        let mut text = self.heading();
        let asked = self.asked();
        let known = known(self.voice.library, self.case, self.answer, self.offence);
        let met = known
            .iter()
            .filter(|known| asked.contains(&known.fact) && known.value == Truth::True);
        let met: Vec<_> = met.map(|known| self.voice.shown(known.fact, self.offence)).collect();
        if !met.is_empty() {
            let begin = tongue.pick("Se señala que", "It is stated that");
            text.push_str(&format!(" {begin} {}.", self.voice.list(met)));
        }
        let sets = self
            .answer
            .change
            .get(self.offence.id.as_str())
            .map_or(&[][..], Vec::as_slice);
        text.push_str(&self.missing(sets));
        text
    }

    /// What would complete it: what every way asks for, then the ways.
    fn missing(&self, sets: &[BTreeMap<Arc<str>, bool>]) -> String {
        let tongue = self.voice.tongue;
        let Some((first, others)) = sets.split_first() else {
            let open =
                " Lo que falta depende de una redacción que no está cargada o de una cuestión que la ley deja abierta.";
            return tongue
                .pick(
                    open,
                    " What is missing hangs on a wording that is not loaded or on an open question.",
                )
                .to_owned();
        };
        let common: BTreeMap<_, _> = first
            .iter()
            .filter(|(fact, value)| others.iter().all(|set| set.get(*fact) == Some(value)))
            .collect();
        let clause = |(fact, value): (&Arc<str>, &bool)| self.voice.wanted(fact, *value, self.offence);
        let mut text = String::new();
        if !common.is_empty() {
            let all = self
                .voice
                .list(common.iter().map(|(fact, value)| clause((fact, value))).collect());
            text.push_str(&format!(
                " {} {all}",
                tongue.pick("Falta que conste que", "Missing is that")
            ));
        }
        let own = |set: &BTreeMap<Arc<str>, bool>| {
            let own = set.iter().filter(|(fact, _)| !common.contains_key(fact));
            self.voice.together(own.map(clause).collect())
        };
        let ways: Vec<_> = sets.iter().map(own).filter(|way| !way.is_empty()).collect();
        if !ways.is_empty() {
            let begin = match (common.is_empty(), tongue) {
                (true, Tongue::Es) => " Bastaría que constara una de estas cosas:",
                (true, Tongue::En) => " One of these would be enough:",
                (false, Tongue::Es) => "; y además una de estas cosas:",
                (false, Tongue::En) => "; and also one of these:",
            };
            text.push_str(&format!("{begin} {}", self.voice.either(ways)));
        }
        text.push('.');
        text
    }

    pub(super) fn ruled_out(&self) -> String {
        let begin = self.voice.tongue.pick(
            "Queda descartado, pues se señala que",
            "Ruled out, for it is stated that",
        );
        format!("{} {begin} {}.", self.heading(), self.clauses(&self.because()))
    }

    pub(super) fn secondary(&self, found: &Secondary) -> String {
        let (voice, tongue) = (self.voice, self.voice.tongue);
        let result = match (found.result, tongue) {
            ("met", Tongue::Es) => "se cumpliría",
            ("met", Tongue::En) => "it would be met",
            ("not_met", Tongue::Es) => "no se cumpliría",
            ("not_met", Tongue::En) => "it would not be met",
            (_, Tongue::Es) => "no puede decirse si se cumpliría",
            (_, Tongue::En) => "whether it would be met cannot be said",
        };
        let begin = tongue.pick(
            "Su texto no está cargado; según fuentes secundarias,",
            "Its text is not loaded; by secondary sources",
        );
        let mut text = format!("{} {begin} {result}", self.heading());
        if !found.because.is_empty() {
            let because: Vec<_> = found.because.iter().collect();
            let stated = tongue.pick("se señala que", "it is stated that");
            text.push_str(&format!(": {stated} {}", self.clauses(&because)));
        }
        let missing: Vec<_> = found
            .undetermined
            .iter()
            .filter_map(|name| voice.library.index.get(&**name))
            .collect();
        let nothing = found.because.is_empty() && !self.is_claimed();
        if nothing {
            text.push_str(tongue.pick(
                ", pues nada se señala de su conducta",
                ", for nothing is stated of its acts",
            ));
        } else if !missing.is_empty() {
            let clauses = missing.iter().map(|fact| voice.plain(**fact)).collect();
            text.push_str(&format!(
                "; {} {}",
                tongue.pick("falta saber si", "it is not known whether"),
                voice.either(clauses)
            ));
        }
        text.push('.');
        text
    }
}
