//! A law as an Akoma Ntoso 3.0 document: its articles as the official text has them, and each wording that the law files
//! hold, with the days on which it was in force and its identifier.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use jiff::civil::Date;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::article::{Article, articles};
use crate::cite::{Cite, cites};
use crate::library::{Instrument, Library};
use crate::offence::Worded as _;

const NAMESPACE: &str = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0";
/// Who made the document, within it.
const SOURCE: &str = "#resguardo";

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum AknError {
    /// The law has no identifier: no date of it is known.
    #[error("no date of this law is known, so it has no identifier")]
    NoDate,
    /// The writer failed.
    #[error("the document cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Words that were in force on some days.
struct Wording {
    cite: Cite,
    since: Date,
    until: Option<Date>,
    words: Vec<String>,
}

/// The document of a law; `official`: its official text, where one is at hand.
///
/// # Errors
/// [`AknError`].
pub fn akn(library: &Library, law: &Instrument, official: Option<&str>) -> Result<String, AknError> {
    let iri = law.iri().ok_or(AknError::NoDate)?;
    let date = law.published.or(law.since).ok_or(AknError::NoDate)?;
    // A date within the identifier that the law file gives is the law's own.
    let enacted = iri.split('/').find_map(|part| part.parse().ok()).unwrap_or(date);
    let wordings = wordings(library, law);
    let mut document = Document {
        xml: Writer::new_with_indent(Cursor::new(Vec::new()), b' ', 1),
        law,
        iri,
        enacted,
    };
    document.write(&wordings, &official.map(articles).unwrap_or_default())?;
    let bytes = document.xml.into_inner().into_inner();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Every wording of the law's parts that the law files hold, in the order of its articles.
fn wordings(library: &Library, law: &Instrument) -> Vec<Wording> {
    let mut found = Vec::new();
    let mut add = |art: &str, since: Date, until: Option<Date>, words: Vec<Option<&String>>| {
        let words: Vec<String> = words.into_iter().flatten().cloned().collect();
        if let (Some(cite), false) = (cites(art).into_iter().next(), words.is_empty()) {
            found.push(Wording {
                cite,
                since,
                until,
                words,
            });
        }
    };
    for offence in library
        .offences
        .iter()
        .filter(|one| one.instrument == law.id && !one.secondary)
    {
        for one in offence.wordings() {
            add(
                &one.art,
                one.since,
                one.until,
                vec![one.text.as_ref(), Some(&one.penalty.text)],
            );
        }
    }
    let own = |increase: &str| {
        library
            .increase(increase)
            .is_some_and(|increase| increase.instrument == law.id)
    };
    for fraction in library.fractions.iter().filter(|one| own(&one.increase)) {
        for one in fraction.wordings() {
            add(&one.art, one.since, one.until, vec![one.text.as_ref()]);
        }
    }
    let begins = law.since;
    for rule in library.rules.iter().filter(|one| one.instrument == law.id) {
        if let (Some(art), Some(since)) = (&rule.art, rule.since.or(begins)) {
            add(art, since, rule.until, vec![rule.text.as_ref()]);
            for one in &rule.earlier {
                add(art, one.since, Some(one.until), vec![Some(&one.text)]);
            }
        }
    }
    found.retain(|wording| wording.cite.law.as_ref().is_none_or(|name| *name == law.id));
    found
}

struct Document<'a> {
    xml: Writer<Cursor<Vec<u8>>>,
    law: &'a Instrument,
    iri: String,
    enacted: Date,
}

type Written = std::io::Result<()>;

impl Document<'_> {
    fn write(&mut self, wordings: &[Wording], official: &[Article]) -> Written {
        self.xml
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let law = self.law;
        self.within("akomaNtoso", &[("xmlns", NAMESPACE)], |doc| {
            doc.within(
                "act",
                &[("name", law.kind()), ("contains", "multipleVersions")],
                |doc| {
                    doc.meta(wordings)?;
                    doc.within("preface", &[], |doc| {
                        doc.within("longTitle", &[], |doc| {
                            doc.within("p", &[], |doc| doc.text_in("docTitle", &[], &law.name))
                        })
                    })?;
                    doc.within("body", &[], |doc| doc.body(wordings, official))
                },
            )
        })
    }

    fn within(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        let mut start = quick_xml::events::BytesStart::new(name);
        for attribute in attributes {
            start.push_attribute(*attribute);
        }
        let end = start.to_end().into_owned();
        self.xml.write_event(Event::Start(start.borrow()))?;
        inside(self)?;
        self.xml.write_event(Event::End(end))
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> Written {
        let mut start = quick_xml::events::BytesStart::new(name);
        for attribute in attributes {
            start.push_attribute(*attribute);
        }
        self.xml.write_event(Event::Empty(start))
    }

    fn text_in(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> Written {
        self.within(name, attributes, |doc| {
            doc.xml.write_event(Event::Text(BytesText::new(text)))
        })
    }

    fn meta(&mut self, wordings: &[Wording]) -> Written {
        let law = self.law;
        let number = self.iri.rsplit('/').next().unwrap_or_default().to_owned();
        let place = self.iri.split('/').nth(2).unwrap_or("fed").to_owned();
        let (enacted, as_of) = (
            self.enacted.to_string(),
            law.text_as_of.unwrap_or(self.enacted).to_string(),
        );
        let work = format!("/akn/mx/act/{}/{place}/{enacted}/{number}", law.kind());
        let expression = format!("{work}/spa@{as_of}");
        self.within("meta", &[], |doc| {
            doc.within("identification", &[("source", SOURCE)], |doc| {
                doc.level("FRBRWork", &work, &enacted, |doc| {
                    doc.empty("FRBRcountry", &[("value", "mx")])?;
                    doc.empty("FRBRsubtype", &[("value", law.kind())])?;
                    doc.empty("FRBRnumber", &[("value", &number)])?;
                    doc.empty("FRBRname", &[("value", &law.name)])
                })?;
                doc.level("FRBRExpression", &expression, &as_of, |doc| {
                    doc.empty("FRBRlanguage", &[("language", "spa")])
                })?;
                let manifestation = format!("{expression}.xml");
                doc.level("FRBRManifestation", &manifestation, &as_of, |_| Ok(()))
            })?;
            if let (Some(day), Some(gazette)) = (law.published, &law.gazette) {
                doc.empty(
                    "publication",
                    &[("date", &day.to_string()), ("name", gazette), ("showAs", gazette)],
                )?;
            }
            doc.lifecycle(wordings)?;
            doc.within("references", &[("source", SOURCE)], |doc| {
                for (id, name) in [("resguardo", "Resguardo"), ("legislature", "Congreso")] {
                    let href = format!("/akn/ontology/organization/mx/{id}");
                    doc.empty("TLCOrganization", &[("eId", id), ("href", &href), ("showAs", name)])?;
                }
                let force = "/akn/ontology/concept/mx/vigencia";
                doc.empty(
                    "TLCConcept",
                    &[("eId", "force"), ("href", force), ("showAs", "vigencia")],
                )
            })
        })
    }

    fn level(&mut self, name: &str, value: &str, date: &str, more: impl FnOnce(&mut Self) -> Written) -> Written {
        let this = match value.strip_suffix(".xml") {
            Some(value) => format!("{value}/!main.xml"),
            None => format!("{value}/!main"),
        };
        let iri = self.iri.clone();
        self.within(name, &[], |doc| {
            doc.empty("FRBRthis", &[("value", &this)])?;
            doc.empty("FRBRuri", &[("value", value)])?;
            if name == "FRBRWork" {
                doc.empty("FRBRalias", &[("value", &iri), ("name", "eli")])?;
            }
            doc.empty("FRBRdate", &[("date", date), ("name", "publication")])?;
            doc.empty("FRBRauthor", &[("href", "#legislature")])?;
            more(doc)
        })
    }

    /// Days on which a wording begins or ends, and the spans between them.
    fn lifecycle(&mut self, wordings: &[Wording]) -> Written {
        let spans: BTreeSet<_> = wordings.iter().map(|one| (one.since, one.until)).collect();
        let ends = spans
            .iter()
            .filter_map(|(_, until)| until.and_then(|day| day.tomorrow().ok()));
        let days: BTreeSet<Date> = spans
            .iter()
            .map(|(since, _)| *since)
            .chain(ends)
            .chain([self.enacted])
            .collect();
        let enacted = self.enacted;
        self.within("lifecycle", &[("source", SOURCE)], |doc| {
            for day in &days {
                let kind = if *day == enacted { "generation" } else { "amendment" };
                let (id, date) = (format!("e_{day}"), day.to_string());
                doc.empty(
                    "eventRef",
                    &[("eId", &id), ("date", &date), ("type", kind), ("source", SOURCE)],
                )?;
            }
            Ok(())
        })?;
        if spans.is_empty() {
            return Ok(());
        }
        self.within("temporalData", &[("source", SOURCE)], |doc| {
            for (since, until) in &spans {
                doc.within("temporalGroup", &[("eId", &span(*since, *until))], |doc| {
                    let start = format!("#e_{since}");
                    let end = until.and_then(|day| day.tomorrow().ok()).map(|day| format!("#e_{day}"));
                    let mut attributes = vec![("start", start.as_str())];
                    attributes.extend(end.iter().map(|end| ("end", end.as_str())));
                    attributes.push(("refersTo", "#force"));
                    doc.empty("timeInterval", &attributes)
                })?;
            }
            Ok(())
        })
    }

    fn body(&mut self, wordings: &[Wording], official: &[Article]) -> Written {
        let mut held: BTreeMap<&str, Vec<&Wording>> = BTreeMap::new();
        for wording in wordings {
            held.entry(&wording.cite.art).or_default().push(wording);
        }
        // A text that holds several wordings of an article is not the law's in force: the law files say which is when.
        let single = |number: &str| {
            let mut same = official.iter().filter(|article| article.number == number);
            same.next().filter(|_| same.next().is_none())
        };
        let mut numbers: Vec<&str> = official.iter().map(|article| article.number.as_str()).collect();
        numbers.extend(held.keys());
        let mut written = BTreeSet::new();
        for number in numbers {
            let own = held.get(number).map_or(&[][..], Vec::as_slice);
            if written.insert(number) && (single(number).is_some() || !own.is_empty()) {
                self.article(number, single(number), own)?;
            }
        }
        Ok(())
    }

    fn article(&mut self, number: &str, official: Option<&Article>, wordings: &[&Wording]) -> Written {
        let path = cites(number).first().map_or_else(String::new, Cite::path);
        let iri = format!("{}/{path}", self.iri);
        self.within("article", &[("eId", &path)], |doc| {
            doc.within("num", &[], |doc| {
                doc.text_in("ref", &[("href", &iri)], &format!("Artículo {number}"))
            })?;
            let paragraphs = official.map_or(&[][..], |article| article.paragraphs.as_slice());
            for (n, text) in paragraphs.iter().enumerate() {
                let id = format!("{path}__para_{}", n + 1);
                doc.within("paragraph", &[("eId", &id)], |doc| {
                    doc.within("content", &[], |doc| doc.text_in("p", &[], text))
                })?;
            }
            let mut ids = BTreeSet::new();
            for wording in wordings {
                let part = wording.cite.path();
                let mut id = format!("{}__{}", part.replace('/', "__"), wording.since);
                while !ids.insert(id.clone()) {
                    id.push('x');
                }
                let iri = format!("{}/{part}/{}/spa", doc.iri, wording.since);
                let period = format!("#{}", span(wording.since, wording.until));
                doc.within(
                    "paragraph",
                    &[("eId", &id), ("status", "incomplete"), ("period", &period)],
                    |doc| {
                        doc.within("num", &[], |doc| doc.text_in("ref", &[("href", &iri)], &iri))?;
                        doc.within("content", &[], |doc| {
                            wording.words.iter().try_for_each(|text| doc.text_in("p", &[], text))
                        })
                    },
                )?;
            }
            Ok(())
        })
    }
}

fn span(since: Date, until: Option<Date>) -> String {
    match until {
        Some(until) => format!("t_{since}_{until}"),
        None => format!("t_{since}"),
    }
}
