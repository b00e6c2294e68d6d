//! Handle: a name or number at a service of a closed list, as written or as in the link of a profile.

use zeroize::Zeroizing;

use crate::text::plain_without_marks;
use crate::{IdentifierError, normal_form};

normal_form! {
    /// A name at a service: `instagram:alguien`.
    Handle
}

/// A service whose names can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Facebook and Messenger.
    Facebook,
    /// Instagram.
    Instagram,
    /// `TikTok`.
    TikTok,
    /// X, once Twitter.
    X,
    /// Telegram.
    Telegram,
    /// Snapchat.
    Snapchat,
    /// Discord, whose links carry no name.
    Discord,
    /// `OnlyFans`.
    OnlyFans,
}

/// What is known of a service's names.
struct Form {
    code: &'static str,
    domains: &'static [&'static str],
    /// What stands in a name beside letters and digits.
    marks: &'static str,
    len: std::ops::RangeInclusive<usize>,
    /// First parts of paths that are no name.
    other: &'static [&'static str],
}

impl Service {
    /// Every service of the list.
    pub const ALL: [Self; 8] = [
        Self::Facebook,
        Self::Instagram,
        Self::TikTok,
        Self::X,
        Self::Telegram,
        Self::Snapchat,
        Self::Discord,
        Self::OnlyFans,
    ];

    /// As it stands in a normal form.
    pub fn code(self) -> &'static str {
        self.form().code
    }

    /// The service with this code, in any case.
    pub fn read(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.code().eq_ignore_ascii_case(code))
    }

    /// First parts of paths there that are no profile.
    pub fn no_profile(self) -> &'static [&'static str] {
        self.form().other
    }

    fn form(self) -> Form {
        let form = |code, domains, marks, len, other| Form {
            code,
            domains,
            marks,
            len,
            other,
        };
        match self {
            Self::Facebook => form(
                "facebook",
                &["facebook.com", "fb.com", "m.me"],
                ".",
                5..=50,
                FACEBOOK_OTHER,
            ),
            Self::Instagram => form(
                "instagram",
                &["instagram.com", "instagr.am"],
                "._",
                1..=30,
                INSTAGRAM_OTHER,
            ),
            Self::TikTok => form("tiktok", &["tiktok.com"], "._", 2..=24, &[]),
            Self::X => form("x", &["x.com", "twitter.com"], "_", 1..=15, X_OTHER),
            Self::Telegram => form("telegram", &["t.me", "telegram.me"], "_", 4..=32, TELEGRAM_OTHER),
            Self::Snapchat => form("snapchat", &["snapchat.com"], "._-", 3..=15, &[]),
            Self::Discord => form("discord", &[], "._", 2..=32, &[]),
            Self::OnlyFans => form(
                "onlyfans",
                &["onlyfans.com"],
                "._-",
                3..=24,
                &["my", "posts", "action", "help"],
            ),
        }
    }
}

const FACEBOOK_OTHER: &[&str] = &[
    "ads",
    "business",
    "dialog",
    "events",
    "gaming",
    "groups",
    "hashtag",
    "help",
    "home.php",
    "l.php",
    "login",
    "media",
    "marketplace",
    "messages",
    "notes",
    "p",
    "page",
    "pages",
    "permalink.php",
    "photo",
    "photo.php",
    "photos",
    "policies",
    "posts",
    "profile",
    "public",
    "reel",
    "reels",
    "search",
    "settings",
    "share",
    "share.php",
    "sharer",
    "sharer.php",
    "stories",
    "story.php",
    "video.php",
    "videos",
    "watch",
];
const INSTAGRAM_OTHER: &[&str] = &[
    "about",
    "accounts",
    "ar",
    "channel",
    "developer",
    "direct",
    "explore",
    "legal",
    "p",
    "reel",
    "reels",
    "s",
    "share",
    "tv",
];
const X_OTHER: &[&str] = &[
    "compose",
    "explore",
    "hashtag",
    "home",
    "i",
    "intent",
    "login",
    "messages",
    "notifications",
    "search",
    "settings",
    "share",
    "tos",
];
const TELEGRAM_OTHER: &[&str] = &[
    "addemoji",
    "addlist",
    "addstickers",
    "addtheme",
    "bg",
    "boost",
    "c",
    "contact",
    "confirmphone",
    "invoice",
    "joinchat",
    "login",
    "proxy",
    "setlanguage",
    "share",
    "socks",
];

impl Handle {
    /// Reads a name at a service, or a link of a profile, which names its service.
    ///
    /// # Errors
    /// [`IdentifierError`] says what is wrong.
    pub fn read(service: Option<Service>, text: &str) -> Result<Self, IdentifierError> {
        let mut text = plain_without_marks(text)?;
        text.make_ascii_lowercase();
        let scheme = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let (named, name) = if let Some(link) = scheme {
            linked(link)?
        } else if let Some((service, name)) = prefixed(&text) {
            (service, name)
        } else if text.contains('/') {
            linked(&text)?
        } else {
            (service.ok_or(IdentifierError::ServiceMissing)?, text.as_str())
        };
        if service.is_some_and(|service| service != named) {
            return Err(IdentifierError::Differs);
        }
        named_at(named, name).map(Self)
    }
}

/// A normal form.
fn prefixed(text: &str) -> Option<(Service, &str)> {
    let (code, name) = text.split_once(':')?;
    Some((Service::read(code)?, name))
}

/// The normal form of a name, with or without its `@`.
fn named_at(service: Service, name: &str) -> Result<Zeroizing<String>, IdentifierError> {
    let form = service.form();
    let name = name.trim();
    let name = name.strip_prefix('@').unwrap_or(name);
    let mut normal = Zeroizing::new(String::with_capacity(form.code.len() + 1 + name.len()));
    normal.push_str(form.code);
    normal.push(':');
    let begin = normal.len();
    if !name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || form.marks.contains(letter))
        || name.starts_with('.')
        || name.ends_with('.')
        || (service == Service::Telegram && !name.starts_with(|letter: char| letter.is_ascii_alphabetic()))
    {
        return Err(IdentifierError::HandleCharacter);
    }
    // Facebook reads a name with and without dots as one.
    let kept = name
        .chars()
        .filter(|letter| !(service == Service::Facebook && *letter == '.'));
    normal.extend(kept);
    if !form.len.contains(&(normal.len() - begin)) {
        return Err(IdentifierError::HandleLength);
    }
    Ok(normal)
}

/// The service of a link in lower case and without its scheme, and the name that it leads to.
fn linked(link: &str) -> Result<(Service, &str), IdentifierError> {
    let end = link.find(['/', '?', '#']).unwrap_or(link.len());
    let (host, rest) = link.split_at(end);
    let service = service_of(host).ok_or(IdentifierError::ServiceUnknown)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let at = |part| strip_at(part);
    let name = match (service, first) {
        (Service::Facebook, "profile.php") => query.split('&').find_map(|field| field.strip_prefix("id=")),
        (Service::Facebook, "people") => parts.nth(1),
        (Service::Instagram, "stories") => parts.next().filter(|name| *name != "highlights"),
        (Service::Telegram, "s") | (Service::Snapchat, "add") => parts.next(),
        (Service::TikTok | Service::Snapchat, name) => at(name),
        (Service::Telegram, name) if name.starts_with('+') => None,
        (_, name) if service.form().other.contains(&name) => None,
        (_, name) => Some(at(name).unwrap_or(name)),
    };
    name.filter(|name| !name.is_empty())
        .map(|name| (service, name))
        .ok_or(IdentifierError::NotProfile)
}

/// A part of a path without the `@` that it begins with.
fn strip_at(part: &str) -> Option<&str> {
    part.strip_prefix('@').or_else(|| part.strip_prefix("%40"))
}

/// The service whose domain this is, or one of its hosts for telephones, browsers and languages.
fn service_of(host: &str) -> Option<Service> {
    let is_of = |domain: &&str| match host.strip_suffix(*domain) {
        Some("") => true,
        Some(sub) => sub.strip_suffix('.').is_some_and(is_same_site),
        None => false,
    };
    Service::ALL
        .into_iter()
        .find(|service| service.form().domains.iter().any(is_of))
}

/// Names of hosts that show the same profiles: `www`, `m`, `es-la` and kin.
fn is_same_site(sub: &str) -> bool {
    let language = |part: &str| part.len() == 2 && part.bytes().all(|letter| letter.is_ascii_lowercase());
    matches!(sub, "www" | "m" | "mobile" | "web" | "mbasic" | "touch")
        || language(sub)
        || sub
            .split_once('-')
            .is_some_and(|(one, other)| language(one) && language(other))
}
