//! The driver's process, and one session of it: WebDriver's calls as JSON over loopback.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};

/// The name under which WebDriver passes an element (W3C WebDriver, 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Longest answer of the driver: a screenshot of a whole page.
const ANSWER_MAX: u64 = 64 << 20;
/// Longest call: a script that waits, or a page that loads while the machine is busy.
const CALL_S: u64 = 90;
/// How often the driver is started before that is a failure.
const STARTS: u32 = 5;

/// chromedriver, ended when dropped.
pub struct Driver {
    child: Child,
    /// Kept open, so that the driver can go on writing.
    _output: BufReader<ChildStdout>,
    base: String,
}

impl Driver {
    /// Starts the driver on a port that it chooses. It takes the same one of IPv4 and IPv6, ends where somebody else has the
    /// second, and is started again.
    pub fn start(program: &Path) -> Result<Self> {
        for _ in 0..STARTS {
            if let Some(driver) = Self::try_start(program)? {
                return Ok(driver);
            }
        }
        bail!("chromedriver ended {STARTS} times before it named its port")
    }

    /// `None` when it ended before it named its port.
    fn try_start(program: &Path) -> Result<Option<Self>> {
        let mut child = Command::new(program)
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| program.display().to_string())?;
        let mut output = BufReader::new(child.stdout.take().context("the driver's output")?);
        let mut line = String::new();
        while output.read_line(&mut line)? > 0 {
            if let Some((_, port)) = line.trim_end().rsplit_once("successfully on port ") {
                let base = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
                return Ok(Some(Self {
                    child,
                    _output: output,
                    base,
                }));
            }
            line.clear();
        }
        child.wait()?;
        Ok(None)
    }

    /// Its process; the browsers' are below it.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A browser with these capabilities.
    pub fn session(&self, capabilities: &Value) -> Result<Session> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(CALL_S)))
            .build()
            .into();
        let answer = post(
            &agent,
            &format!("{}/session", self.base),
            &json!({"capabilities": {"alwaysMatch": capabilities}}),
        )?;
        let id = answer["sessionId"].as_str().context("a session")?;
        Ok(Session {
            base: format!("{}/session/{id}", self.base),
            agent,
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One browser.
pub struct Session {
    base: String,
    agent: ureq::Agent,
}

/// The browser ends with its session, as when its last window is closed: it writes what it would keep.
impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.base).call();
    }
}

/// An element of the page as the driver names it.
pub struct Element(String);

impl Session {
    /// POST below the session.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        post(&self.agent, &format!("{}/{path}", self.base), body)
    }

    /// GET below the session.
    pub fn get(&self, path: &str) -> Result<Value> {
        let mut answer = self.agent.get(format!("{}/{path}", self.base)).call()?;
        value(path, &answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?)
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Runs a function body in the page; its policy does not govern this, so it proves nothing about the policy.
    pub fn script(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("execute/sync", &json!({"script": body, "args": arguments}))
    }

    /// Runs a function body whose last argument is the function that takes the answer.
    pub fn script_later(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("execute/async", &json!({"script": body, "args": arguments}))
    }

    /// The first element that a CSS selector finds.
    pub fn find(&self, selector: &str) -> Result<Option<Element>> {
        let found = self.post("elements", &json!({"using": "css selector", "value": selector}))?;
        Ok(found[0][ELEMENT].as_str().map(|id| Element(id.to_owned())))
    }

    /// The element that has the focus.
    pub fn active(&self) -> Result<Element> {
        let found = self.get("element/active")?;
        Ok(Element(
            found[ELEMENT].as_str().context("nothing has the focus")?.to_owned(),
        ))
    }

    /// True if the element is on the screen and can be used.
    pub fn is_ready(&self, element: &Element) -> Result<bool> {
        let Element(id) = element;
        let is = |what: &str| -> Result<bool> { Ok(self.get(&format!("element/{id}/{what}"))? == true) };
        Ok(is("displayed")? && is("enabled")?)
    }

    /// A click with the pointer in the middle of the element; an error if something lies over it.
    pub fn click(&self, element: &Element) -> Result<()> {
        self.post(&format!("element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Keys, one after the other; for a file input, paths one a line.
    pub fn keys(&self, element: &Element, text: &str) -> Result<()> {
        self.post(&format!("element/{}/value", element.0), &json!({"text": text}))
            .map(drop)
    }
}

impl Element {
    /// The element as an argument of a script.
    pub fn argument(&self) -> Value {
        json!({ELEMENT: self.0})
    }
}

fn post(agent: &ureq::Agent, url: &str, body: &Value) -> Result<Value> {
    let mut answer = agent
        .post(url)
        .header("Content-Type", "application/json")
        .send(&serde_json::to_vec(body)?[..])?;
    value(url, &answer.body_mut().with_config().limit(ANSWER_MAX).read_to_vec()?)
}

/// The value of an answer, or the error that it tells.
fn value(call: &str, bytes: &[u8]) -> Result<Value> {
    let mut answer: Value = serde_json::from_slice(bytes).with_context(|| call.to_owned())?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => {
            let message = value["message"].as_str().unwrap_or_default();
            let first = message.lines().next().unwrap_or_default();
            Err(anyhow!("{}: {error}: {first}", call.rsplit('/').next().unwrap_or(call)))
        }
        None => Ok(value),
    }
}
