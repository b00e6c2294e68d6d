//! `[[speech]]`: how people say a fact, an offence or a law.

use crate::library::Library;
use crate::load::parts::plain;
use crate::read::Table;
use crate::speech::{Bilingual, Speech};

pub(super) fn speech(root: &Table<'_>, library: &mut Library) {
    for table in root.tables("speech") {
        let (fact, offence, law) = (table.text_opt("fact"), table.text_opt("offence"), table.text_opt("law"));
        let name = match (fact, offence, law) {
            (Some(id), None, None) => {
                said_fact(&table, &id, library);
                table.done();
                continue;
            }
            (None, Some(id), None) => {
                let label = library.offence(&id).map(|offence| offence.es.clone());
                if label.is_none() {
                    table.fault(format!("`{id}` is not an offence"));
                }
                (id, label.unwrap_or_default())
            }
            (None, None, Some(id)) => (id, table.text("es")),
            _ => {
                table.fault("speech is of one `fact`, `offence` or `law`");
                continue;
            }
        };
        let (id, es) = name;
        let en = table.text("en");
        if library.names.insert(id.clone(), Bilingual { es, en }).is_some() {
            table.fault(format!("`{id}` is named twice"));
        }
        table.done();
    }
}

fn said_fact(table: &Table<'_>, id: &str, library: &mut Library) {
    let Some(&fact) = library.index.get(id) else {
        table.fault(format!("`{id}` is not a fact"));
        return;
    };
    let speech = Speech {
        clause: Bilingual {
            es: table.text("es"),
            en: table.text("en"),
        },
        words: Bilingual {
            es: plain(table, "words"),
            en: plain(table, "words_en"),
        },
    };
    if library.speech.insert(fact, speech).is_some() {
        table.fault(format!("`{id}` is said twice"));
    }
}
