//! Fetches pages and files as a browser does, so that a service cannot tell from the call that somebody compares. What it can
//! still tell: the handshake of TLS, and that everything is fetched in one visit.

use super::Network;
use crate::clock::Stopwatch;
use crate::failure::{CliError, Outcome};
use crate::language::t;
use client::site::{ServedFile, SiteCall};
use protocol::served;
use protocol::statement::SITE_FILE_MAX;
use std::io::Read;
use std::time::Duration;
use ureq::Agent;

/// Waits before a call is tried again when the network or the server is away, in milliseconds.
const PAUSES_MS: [u64; 2] = [500, 2_500];

/// Longest visit: a service that answers slowly on purpose does not keep anybody for ever.
const VISIT_MAX: Duration = Duration::from_secs(30 * 60);

/// How a browser names itself and what it takes.
struct Profile {
    agent: &'static str,
    page: &'static str,
    script: &'static str,
    style: &'static str,
    image: &'static str,
    languages: [(&'static str, &'static str); 2],
    /// Headers of a page alone.
    of_page: &'static [(&'static str, &'static str)],
}

/// The most usual one on a phone, and the one that comes with Tor. A visit draws one.
const PROFILES: [Profile; 2] = [
    Profile {
        agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        page: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,\
               application/signed-exchange;v=b3;q=0.7",
        script: "*/*",
        style: "text/css,*/*;q=0.1",
        image: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        languages: [("es", "es-MX,es;q=0.9,en;q=0.8"), ("en", "en-US,en;q=0.9")],
        of_page: &[("sec-ch-ua-mobile", "?1"), ("sec-ch-ua-platform", "\"Android\"")],
    },
    Profile {
        agent: "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0",
        page: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        script: "*/*",
        style: "text/css,*/*;q=0.1",
        image: "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        languages: [("es", "es-MX,es;q=0.8,en-US;q=0.5,en;q=0.3"), ("en", "en-US,en;q=0.5")],
        of_page: &[],
    },
];

/// A browser that is used for one visit: a connection, and over Tor a circuit, of its own.
pub(crate) struct Browser {
    base: String,
    agent: Agent,
    profile: &'static Profile,
    encodings: &'static str,
    since: Stopwatch,
}

impl Browser {
    /// At the service's address.
    ///
    /// # Errors
    /// Exit 2 where the proxy's address cannot be used.
    pub fn new(base: &str, network: &Network) -> Outcome<Self> {
        let [draw] = client::random::bytes::<1>();
        // On the clear, but for this machine itself, browsers take no brotli.
        let host = base.split("//").nth(1).unwrap_or_default();
        let is_secure = base.starts_with("https://") || host.starts_with("127.0.0.1") || host.starts_with("localhost");
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            agent: network.line()?,
            profile: &PROFILES[usize::from(draw) % PROFILES.len()],
            encodings: if is_secure {
                "gzip, deflate, br"
            } else {
                "gzip, deflate"
            },
            since: Stopwatch::start(),
        })
    }

    /// Fetches a page or a file and unpacks it. Whatever the status, it is an answer, unless the service is away.
    ///
    /// # Errors
    /// Network.
    pub fn fetch(&self, call: &SiteCall<'_>) -> Outcome<ServedFile> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            if self.since.elapsed() > VISIT_MAX {
                return Err(
                    CliError::new(client::Local::Unreachable, t!("{} answers too slowly", self.base))
                        .why(t!("a visit to a site takes half an hour at most"))
                        .remedy(t!(
                            "nothing was lost; run it again, by another way into the network where there is one"
                        )),
                );
            }
            let outcome = self.fetch_once(call);
            let is_away = outcome
                .as_ref()
                .map_or(true, |served| matches!(served.status, 502..=504));
            match pauses.next() {
                Some(pause) if is_away => std::thread::sleep(Duration::from_millis(*pause)),
                _ => return outcome.map_err(|error| self.away(&error)),
            }
        }
    }

    fn fetch_once(&self, call: &SiteCall<'_>) -> Result<ServedFile, ureq::Error> {
        let profile = self.profile;
        let kind = served::media_type(call.path).split(';').next().unwrap_or_default();
        let (accept, dest) = match kind {
            "text/html" => (profile.page, "document"),
            "text/css" => (profile.style, "style"),
            "text/javascript" => (profile.script, "script"),
            "image/png" => (profile.image, "image"),
            _ => (profile.script, "empty"),
        };
        let is_page = dest == "document";
        let (site, mode) = match dest {
            "document" => ("none", "navigate"),
            "style" | "image" => ("same-origin", "no-cors"),
            _ => ("same-origin", "cors"),
        };
        let languages = profile
            .languages
            .iter()
            .find(|(language, _)| *language == call.language);
        let (_, language) = languages.unwrap_or(&profile.languages[0]);
        let mut asking = self.agent.get(format!("{}{}", self.base, call.path));
        asking = asking
            .header("user-agent", profile.agent)
            .header("accept", accept)
            .header("accept-language", *language)
            .header("accept-encoding", self.encodings)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", mode)
            .header("sec-fetch-dest", dest);
        if is_page {
            asking = asking
                .header("upgrade-insecure-requests", "1")
                .header("sec-fetch-user", "?1");
            for (name, value) in profile.of_page {
                asking = asking.header(*name, *value);
            }
        }
        let (parts, body) = asking.call()?.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().take(SITE_FILE_MAX + 1).read_to_end(&mut bytes)?;
        let headers = parts.headers.iter();
        let headers = headers.map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        let headers: Vec<(String, String)> = headers.collect();
        let is_packed = headers
            .iter()
            .any(|(name, value)| name == "content-encoding" && value == "br");
        Ok(ServedFile {
            status: parts.status.as_u16(),
            body: if is_packed { unpacked(bytes) } else { bytes },
            headers,
        })
    }

    fn away(&self, error: &ureq::Error) -> CliError {
        CliError::new(client::Local::Unreachable, t!("{} does not answer", self.base))
            .why(error)
            .remedy(t!(
                "nothing was lost; check the address and the network, then run it again"
            ))
    }
}

/// What a browser makes of brotli; what is none stays as it is, and is then not what was stated.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    let mut whole = Vec::new();
    let mut reader = brotli::Decompressor::new(bytes.as_slice(), 4_096).take(SITE_FILE_MAX + 1);
    match reader.read_to_end(&mut whole) {
        Ok(_) => whole,
        Err(_) => bytes,
    }
}
