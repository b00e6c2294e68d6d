//! A person at a screen: a browser with a profile of her own.

use base64ct::{Base64, Encoding as _};
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::browser::{self, Size};
use crate::driver::{Element, Session};
use crate::stage::Stage;
use crate::wire::Wire;

/// How long something on the screen may take, on a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(180);
const GLANCE: Duration = Duration::from_millis(50);

/// A key without a letter (W3C WebDriver, 17.4.2).
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Tab,
    Enter,
    Space,
    Shift,
    Down,
}

impl Key {
    fn code(self) -> &'static str {
        match self {
            Self::Tab => "\u{e004}",
            Self::Enter => "\u{e007}",
            Self::Space => " ",
            Self::Shift => "\u{e008}",
            Self::Down => "\u{e015}",
        }
    }
}

/// A browser with a profile of its own.
pub struct Person<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) session: Session,
    pub(crate) name: String,
    /// What joins her to the service.
    pub wire: Wire,
    profile: PathBuf,
    size: Cell<Size>,
    console: RefCell<Vec<String>>,
}

impl<'a> Person<'a> {
    /// Opens a browser with an empty profile, as large as `size`, that asks for `languages` (`es-MX,es`).
    pub fn arrive(stage: &'a Stage, name: &str, languages: &str, size: Size) -> Result<Self> {
        Self::arrive_with(stage, name, languages, size, &[])
    }

    /// The same with a browser that is given these switches.
    pub fn arrive_with(stage: &'a Stage, name: &str, languages: &str, size: Size, switches: &[&str]) -> Result<Self> {
        let profile = stage.folder().join("profiles").join(name);
        ensure!(!profile.exists(), "{name} has a profile already");
        std::fs::create_dir_all(&profile)?;
        let session = stage
            .driver
            .session(&browser::capabilities(&stage.chromium, &profile, languages, switches))?;
        let person = Self {
            stage,
            session,
            name: name.to_owned(),
            wire: Wire::lay(&stage.service.borrow().base_url)?,
            profile,
            size: Cell::new(size),
            console: RefCell::default(),
        };
        std::fs::create_dir_all(person.saved())?;
        let downloads = json!({"behavior": "allow", "downloadPath": person.saved()});
        person.session.devtools("Browser.setDownloadBehavior", &downloads)?;
        person.resize(size)?;
        Ok(person)
    }

    /// Goes to a path of the service.
    pub fn open(&self, path: &str) -> Result<()> {
        self.open_url(&format!("{}{path}", self.wire.url))
    }

    /// Goes to an address.
    pub fn open_url(&self, url: &str) -> Result<()> {
        self.session.post("url", &json!({"url": url})).map(drop)
    }

    /// The address, as the bar shows it.
    pub fn address(&self) -> Result<String> {
        Ok(self.session.get("url")?.as_str().unwrap_or_default().to_owned())
    }

    /// The window's title.
    pub fn title(&self) -> Result<String> {
        Ok(self.session.get("title")?.as_str().unwrap_or_default().to_owned())
    }

    /// Gives her another screen.
    pub fn resize(&self, size: Size) -> Result<()> {
        self.session
            .devtools("Emulation.setDeviceMetricsOverride", &size.metrics())?;
        let touch = json!({"enabled": size.is_phone, "maxTouchPoints": 1});
        self.session.devtools("Emulation.setTouchEmulationEnabled", &touch)?;
        self.size.set(size);
        Ok(())
    }

    /// The screen she has.
    pub fn size(&self) -> Size {
        self.size.get()
    }

    /// Turns the page's scripts off or on, from the next page on.
    pub fn set_scripts(&self, are_on: bool) -> Result<()> {
        let value = json!({"value": !are_on});
        self.session
            .devtools("Emulation.setScriptExecutionDisabled", &value)
            .map(drop)
    }

    /// Has every next page run this first: takes from the browser what an older one lacks.
    pub fn set_older(&self, script: &str) -> Result<()> {
        let source = json!({"source": script});
        self.session
            .devtools("Page.addScriptToEvaluateOnNewDocument", &source)
            .map(drop)
    }

    /// Has the page's main thread run so many times slower; its workers run on as they did (tried with Chromium 156).
    pub fn slow_down(&self, rate: u32) -> Result<()> {
        self.session
            .devtools("Emulation.setCPUThrottlingRate", &json!({"rate": rate}))
            .map(drop)
    }

    /// Cuts the network, or joins it again; the page is told, as a phone would tell it.
    pub fn set_online(&self, is_online: bool) -> Result<()> {
        self.wire.set_joined(is_online);
        let conditions = json!({
            "offline": !is_online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.session
            .devtools("Network.emulateNetworkConditions", &conditions)
            .map(drop)
    }

    /// Joins the network again and presses "try now" for as long as the page waits.
    pub fn try_again(&self) -> Result<()> {
        self.set_online(true)?;
        self.until("the page to go on", || {
            if self.sees("#net-now")? {
                self.run("document.getElementById('net-now').click()", &[])?;
            }
            Ok((!self.sees("#net")?).then_some(()))
        })
    }

    /// Clicks on what a CSS selector finds, once it is there and can be used.
    pub fn click(&self, selector: &str) -> Result<()> {
        let mut error = None;
        self.until(&format!("{selector} to click on"), || {
            let Some(element) = self.session.find(selector)? else {
                return Ok(None);
            };
            // A page that moves while it is clicked on is clicked on again, as a person would.
            match self.session.is_ready(&element).and_then(|is_ready| match is_ready {
                true => self.session.click(&element).map(Some),
                false => Ok(None),
            }) {
                Ok(clicked) => Ok(clicked),
                Err(cause) => {
                    // Under what stays at the top of the window: a person would scroll.
                    let scroll = "document.querySelector(arguments[0])?.scrollIntoView({block: 'center'})";
                    self.run(scroll, &[json!(selector)])?;
                    error = Some(cause);
                    Ok(None)
                }
            }
        })
        .map_err(|timeout| match error {
            Some(cause) => timeout.context(format!("{cause:#}")),
            None => timeout,
        })
    }

    /// Types into what a CSS selector finds.
    pub fn write(&self, selector: &str, text: &str) -> Result<()> {
        let element = self.wait_for(selector)?;
        self.session.keys(&element, text)
    }

    /// Chooses files for a file input, which may be hidden behind its label.
    pub fn choose(&self, selector: &str, files: &[&Path]) -> Result<()> {
        let element = self.until(selector, || self.session.find(selector))?;
        let paths: Vec<&str> = files.iter().filter_map(|file| file.to_str()).collect();
        ensure!(paths.len() == files.len(), "a path is not a text");
        self.session.keys(&element, &paths.join("\n"))
    }

    /// Presses a key where the focus is.
    pub fn press(&self, key: Key) -> Result<()> {
        let strokes = ["keyDown", "keyUp"].map(|stroke| json!({"type": stroke, "value": key.code()}));
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]});
        self.session.post("actions", &actions).map(drop)
    }

    /// Keys, pointers and wheels as WebDriver's actions (17.5).
    pub fn perform(&self, sources: Value) -> Result<()> {
        self.session.post("actions", &json!({"actions": sources})).map(drop)
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.session.devtools(command, parameters)
    }

    /// Types where the focus is.
    pub fn type_here(&self, text: &str) -> Result<()> {
        self.session.keys(&self.session.active()?, text)
    }

    /// True if the focus is on what a CSS selector finds.
    pub fn is_on(&self, selector: &str) -> Result<bool> {
        let script = "return document.activeElement?.matches(arguments[0]) ?? false";
        Ok(self.run(script, &[json!(selector)])? == true)
    }

    /// Walks with Tab until the focus is on what a selector finds; says after how many steps.
    pub fn tab_to(&self, selector: &str, steps_max: usize) -> Result<usize> {
        for step in 0..=steps_max {
            if self.is_on(selector)? {
                return Ok(step);
            }
            self.press(Key::Tab)?;
        }
        bail!(
            "{}: {selector} is not reached with {steps_max} Tabs\n{}",
            self.name,
            self.seen()
        )
    }

    /// Waits until what a CSS selector finds is on the screen and can be used.
    pub fn wait_for(&self, selector: &str) -> Result<Element> {
        self.until(selector, || {
            let Some(element) = self.session.find(selector)? else {
                return Ok(None);
            };
            Ok(self.session.is_ready(&element).unwrap_or(false).then_some(element))
        })
    }

    /// Whether a CSS selector finds something on the screen now.
    pub fn sees(&self, selector: &str) -> Result<bool> {
        let found = self.session.find(selector)?;
        Ok(found.is_some_and(|element| self.session.is_ready(&element).unwrap_or(false)))
    }

    /// The text of what a CSS selector finds, as it is shown.
    pub fn text(&self, selector: &str) -> Result<String> {
        let element = self.wait_for(selector)?;
        let text = self.run("return arguments[0].innerText", &[element.argument()])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The texts of everything that a CSS selector finds.
    pub fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(found => found.innerText)";
        let texts = self.run(script, &[json!(selector)])?;
        let texts = texts.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        Ok(texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
    }

    /// Runs a function body in the page.
    pub fn run(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.session.script(body, arguments)
    }

    /// Runs a function body whose last argument takes the answer.
    pub fn run_later(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.session.script_later(body, arguments)
    }

    /// Asks until there is an answer; after [`PATIENCE`] it fails with what is on the screen.
    pub fn until<T>(&self, what: &str, ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        self.until_within(PATIENCE, what, ask)
    }

    /// The same for what takes longer than all else.
    pub fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        mut ask: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(answer) = ask()? {
                return Ok(answer);
            }
            if Instant::now() >= deadline {
                let file = self.stage.screenshots.join(format!("failed-{}.png", self.name));
                let _ = self.shoot(&file, self.size().scale);
                bail!("{} waits in vain for {what}\n{}", self.name, self.seen());
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Address, text and console, for a failure's message.
    pub fn seen(&self) -> String {
        let text = self
            .run("return document.body?.innerText ?? ''", &[])
            .unwrap_or_default();
        let shown: String = text.as_str().unwrap_or_default().chars().take(1500).collect();
        let console = self.console().unwrap_or_default().join("\n  ");
        format!("at {}\n{shown}\nconsole: {console}", self.address().unwrap_or_default())
    }

    /// Everything that the browser's console said since she arrived: errors, warnings, violations of the policy.
    pub fn console(&self) -> Result<Vec<String>> {
        let entries = self.session.post("se/log", &json!({"type": "browser"}))?;
        let lines = entries.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        self.console.borrow_mut().extend(lines.map(|entry| {
            let part = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}: {}", part("level"), part("source"), part("message"))
        }));
        Ok(self.console.borrow().clone())
    }

    /// Fails if the console said anything but what was to be expected.
    pub fn is_quiet(&self, expected: &[&str]) -> Result<()> {
        let said: Vec<String> = self
            .console()?
            .into_iter()
            .filter(|line| !expected.iter().any(|part| line.contains(part)))
            .collect();
        ensure!(
            said.is_empty(),
            "{}'s console says:\n  {}",
            self.name,
            said.join("\n  ")
        );
        Ok(())
    }

    /// The screen as PNG with so many device pixels for one CSS pixel; gives its size in pixels.
    pub(crate) fn shoot(&self, file: &Path, scale: u32) -> Result<(u32, u32)> {
        let size = self.size();
        let at = self.run("return [scrollX, scrollY]", &[])?;
        let shown = json!({
            "x": at[0], "y": at[1], "width": size.width, "height": size.height,
            "scale": f64::from(scale) / f64::from(size.scale),
        });
        let parameters = json!({"format": "png", "clip": shown});
        let shot = self.session.devtools("Page.captureScreenshot", &parameters)?;
        let data = shot["data"].as_str().context("a screenshot")?;
        let png = Base64::decode_vec(data)?;
        let side = |at: usize| -> Result<u32> {
            let bytes = png.get(at..at + 4).context("a PNG's head")?;
            Ok(u32::from_be_bytes(bytes.try_into()?))
        };
        let size = (side(16)?, side(20)?);
        std::fs::write(file, &png)?;
        Ok(size)
    }

    /// What the browser itself says that it keeps for an origin; empty when nothing.
    pub fn keeps(&self, origin: &str) -> Result<Vec<String>> {
        let origin = origin.trim_end_matches('/');
        let mut kept = Vec::new();
        let cookies = self.session.devtools("Storage.getCookies", &json!({}))?;
        if cookies["cookies"].as_array().is_none_or(|cookies| !cookies.is_empty()) {
            kept.push(format!("cookies {cookies}"));
        }
        let usage = self
            .session
            .devtools("Storage.getUsageAndQuota", &json!({"origin": origin}))?;
        for part in usage["usageBreakdown"].as_array().context("the usage")? {
            if part["usage"].as_f64() != Some(0.0) {
                kept.push(part.to_string());
            }
        }
        let id = json!({"storageId": {"securityOrigin": origin, "isLocalStorage": true}});
        self.session.devtools("DOMStorage.enable", &json!({}))?;
        let items = self.session.devtools("DOMStorage.getDOMStorageItems", &id);
        if let Ok(items) = items
            && items["entries"].as_array().is_none_or(|entries| !entries.is_empty())
        {
            kept.push(format!("local storage {items}"));
        }
        Ok(kept)
    }

    /// Where files lie that she chose to save.
    pub fn saved(&self) -> PathBuf {
        self.stage.folder().join("saved").join(&self.name)
    }

    /// Waits for a file that she saved, whole.
    pub fn saved_file(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.saved().join(name);
        self.until(&format!("the saved file {name}"), || Ok(path.is_file().then_some(())))?;
        // The browser gives a file its name once it is whole.
        Ok(std::fs::read(path)?)
    }

    /// Closes the browser; what is left of her is a folder.
    pub fn leave(self) -> PathBuf {
        let profile = self.profile.clone();
        drop(self);
        profile
    }
}
