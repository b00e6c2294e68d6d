//! Feeds (Atom, RFC 4287).

use protocol::Digest;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

use crate::registro::When;

/// An entry of the feed.
pub struct FeedEntry {
    /// When it happened or was seen, POSIX seconds.
    pub at: u64,
    /// What happened.
    pub title: String,
    /// The page about it, where there is one: a path on the feed's own site.
    pub link: Option<String>,
}

/// A feed of the log `origin`, newest entry first; `kind` tells feeds of one log apart. `updated`: POSIX seconds. What an entry
/// says and when make its name, so that a feed that is written anew names it as before.
///
/// # Errors
/// Never: it is written to memory.
pub fn feed(origin: &str, kind: &str, title: &str, updated: u64, entries: &[FeedEntry]) -> io::Result<Vec<u8>> {
    let authority = origin.split('/').next().unwrap_or(origin);
    let id = |of: &str| {
        let digest = Digest::of(of.as_bytes()).to_hex();
        format!("tag:{authority},2026:{kind}/{}", &digest[..32])
    };
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let feed = xml
        .create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
    feed.write_inner_content(|xml| {
        element(xml, "id", &id(origin))?;
        element(xml, "title", title)?;
        element(xml, "updated", &When::of(updated).machine)?;
        xml.create_element("author")
            .write_inner_content(|xml| element(xml, "name", origin))?;
        for entry in entries.iter().rev() {
            xml.create_element("entry").write_inner_content(|xml| {
                element(xml, "id", &id(&format!("{} {} {}", origin, entry.at, entry.title)))?;
                element(xml, "title", &entry.title)?;
                element(xml, "updated", &When::of(entry.at).machine)?;
                if let Some(link) = &entry.link {
                    let element = xml.create_element("link").with_attribute(("href", link.as_str()));
                    element.write_empty()?;
                }
                element(xml, "content", &entry.title)
            })?;
        }
        Ok(())
    })?;
    Ok(xml.into_inner())
}

fn element(xml: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(text))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quick_xml::Reader;

    /// The texts of one element, as a reader finds them.
    fn texts(feed: &[u8], name: &str) -> Vec<String> {
        let mut reader = Reader::from_reader(feed);
        let (mut inside, mut found) = (false, Vec::new());
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    inside = start.name().as_ref() == name.as_bytes();
                    if inside {
                        found.push(String::new());
                    }
                }
                Event::Text(text) if inside => *found.last_mut().expect("begun") += &text.decode().expect("UTF-8"),
                Event::GeneralRef(name) if inside => {
                    let name = name.decode().expect("UTF-8");
                    *found.last_mut().expect("begun") += match &*name {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        other => panic!("&{other};"),
                    };
                }
                Event::End(_) => inside = false,
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    #[test]
    fn a_feed_is_read_back_newest_first_and_names_its_entries_for_ever() {
        let entry = |at, title: &str| FeedEntry {
            at,
            title: title.to_owned(),
            link: (at == 2).then(|| "/es/registro/acto/7?a&b".to_owned()),
        };
        let entries = [entry(1, "<one> & more"), entry(2, "two")];
        let written = feed("demo.example/log", "monitor", "t", 9, &entries).expect("written");
        assert_eq!(texts(&written, "title"), ["t", "two", "<one> & more"]);
        let text = String::from_utf8_lossy(&written);
        assert_eq!(
            text.matches("<link href=\"/es/registro/acto/7?a&amp;b\"/>").count(),
            1,
            "{text}"
        );
        assert_eq!(texts(&written, "updated")[0], "1970-01-01T00:00:09Z");
        let ids = texts(&written, "id");
        assert!(
            ids.iter().all(|id| id.starts_with("tag:demo.example,2026:monitor/")),
            "{ids:?}"
        );
        let longer = [entry(1, "<one> & more"), entry(2, "two"), entry(2, "three")];
        let later = feed("demo.example/log", "monitor", "t", 10, &longer).expect("written");
        assert_eq!(
            texts(&later, "id")[2..],
            ids[1..],
            "and a new one has a name of its own"
        );
        assert_eq!(texts(&later, "id")[0], ids[0]);
    }
}
