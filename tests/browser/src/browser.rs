//! How the browser is started, and the screens it pretends to have.

use std::path::Path;

use serde_json::{Value, json};

/// A screen in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Part of a screenshot's name.
    pub name: &'static str,
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Device pixels for one CSS pixel.
    pub scale: u32,
    /// A phone: touch, and the page's own `viewport` counts.
    pub is_phone: bool,
}

impl Size {
    /// The phone in her hand.
    pub const PHONE: Self = Self {
        name: "360x740",
        width: 360,
        height: 740,
        scale: 2,
        is_phone: true,
    };
    /// A desk at 400 %, or the narrowest phone (WCAG 2.2, 1.4.10).
    pub const NARROW: Self = Self {
        name: "320x640",
        width: 320,
        height: 640,
        scale: 2,
        is_phone: true,
    };
    /// A desk.
    pub const DESK: Self = Self {
        name: "1280x800",
        width: 1280,
        height: 800,
        scale: 1,
        is_phone: false,
    };

    /// Parameters of `Emulation.setDeviceMetricsOverride`.
    pub(crate) fn metrics(self) -> Value {
        json!({
            "width": self.width,
            "height": self.height,
            "deviceScaleFactor": self.scale,
            "mobile": self.is_phone,
        })
    }
}

/// Capabilities of a browser that starts with nothing and talks to nobody by itself. `switches` are added to its own.
pub(crate) fn capabilities(program: &Path, profile: &Path, languages: &str, switches: &[&str]) -> Value {
    let user_data = format!("--user-data-dir={}", profile.display());
    let mut all = vec![
        "--headless=new",
        // The tests run as root in a container, where Chromium's own sandbox cannot.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A microphone that beeps. A page gets it only where the test allows it.
        "--use-fake-device-for-media-stream",
        // No name leads anywhere: what a page asks of others fails, and the exit's address is never called.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &user_data,
    ];
    all.extend(switches);
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "timeouts": {"script": 60_000, "pageLoad": 60_000, "implicit": 0},
        // A page that asks before it is left is answered by the test, not by the driver.
        "unhandledPromptBehavior": "accept",
        "goog:chromeOptions": {
            "binary": program,
            "args": all,
            "prefs": {"intl.accept_languages": languages},
        },
    })
}
