//! A browser without a driver: the DevTools protocol over a pipe. A driver speaks with browsers of its own age only; this
//! way the oldest that README promises is driven too.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

/// How long an answer, or something on the page, may take on a machine that builds at the same time.
const PATIENCE: Duration = Duration::from_secs(180);

/// A browser with one page, ended when dropped.
pub struct Plain {
    child: Child,
    to: RefCell<ChildStdin>,
    from: Receiver<Value>,
    last: RefCell<u64>,
    events: RefCell<VecDeque<Value>>,
    session: String,
}

impl Plain {
    /// Starts `program` with an empty profile.
    pub fn start(program: &Path, profile: &Path) -> Result<Self> {
        // The protocol has descriptors 3 and 4; standard input and output are the ends of pipes that we hold.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#])
            .arg(program)
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| program.display().to_string())?;
        let to = child.stdin.take().context("the browser's input")?;
        let mut output = BufReader::new(child.stdout.take().context("the browser's output")?);
        let (sender, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                if let Ok(value) = serde_json::from_slice(&message)
                    && sender.send(value).is_err()
                {
                    return;
                }
                message.clear();
            }
        });
        let mut browser = Self {
            child,
            to: to.into(),
            from,
            last: RefCell::new(0),
            events: RefCell::default(),
            session: String::new(),
        };
        let page = browser.call("Target.createTarget", &json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attach)?;
        browser.session = attached["sessionId"].as_str().context("a session")?.to_owned();
        browser.call("Page.enable", &json!({}))?;
        browser.call("Runtime.enable", &json!({}))?;
        Ok(browser)
    }

    /// Its own name and version.
    pub fn version(&self) -> Result<String> {
        let version = self.call("Browser.getVersion", &json!({}))?;
        Ok(version["product"].as_str().unwrap_or_default().to_owned())
    }

    /// Goes to an address.
    pub fn open(&self, url: &str) -> Result<()> {
        self.call("Page.navigate", &json!({"url": url})).map(drop)
    }

    /// The value of an expression in the page.
    pub fn run(&self, expression: &str) -> Result<Value> {
        let asked =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": false});
        let mut answer = self.call("Runtime.evaluate", &asked)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("{expression}: {thrown}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// Waits until an expression is true.
    pub fn until(&self, expression: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        // While a page loads there may be nothing to ask.
        while self.run(expression).unwrap_or_default() != true {
            if Instant::now() > deadline {
                let shown = self.run("document.body.innerText").unwrap_or_default();
                bail!("waits in vain for {expression}; it shows {shown}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Waits until what a selector finds is on the screen, and clicks on its middle as a hand would.
    pub fn click(&self, selector: &str) -> Result<()> {
        let found = format!("document.querySelector({})", json!(selector));
        self.until(&format!(
            "({found}?.getClientRects().length ?? 0) > 0 && !{found}.disabled"
        ))?;
        let at = self.run(&format!(
            "(() => {{ const at = {found}; at.scrollIntoView({{block: 'center'}}); const box = at.getBoundingClientRect();
              return [box.left + box.width / 2, box.top + box.height / 2]; }})()"
        ))?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Types into what a selector finds.
    pub fn write(&self, selector: &str, text: &str) -> Result<()> {
        self.click(selector)?;
        self.call("Input.insertText", &json!({"text": text})).map(drop)
    }

    /// Chooses files.
    pub fn choose(&self, selector: &str, files: &[&Path]) -> Result<()> {
        let asked = json!({"expression": format!("document.querySelector({})", json!(selector))});
        let found = self.call("Runtime.evaluate", &asked)?;
        let chosen = json!({"files": files, "objectId": found["result"]["objectId"]});
        self.call("DOM.setFileInputFiles", &chosen).map(drop)
    }

    /// Loads the page anew, as the button of the browser does. True if it asks first; then the answer is to stay.
    pub fn asks_before_reload(&self) -> Result<bool> {
        self.events.borrow_mut().clear();
        self.send("Page.reload", &json!({}))?;
        let mut seen = Vec::new();
        loop {
            let event = self
                .event()
                .with_context(|| format!("neither asked nor loaded: {}", seen.join(", ")))?;
            seen.extend(event["method"].as_str().map(str::to_owned));
            match event["method"].as_str() {
                Some("Page.javascriptDialogOpening") => {
                    let is_this = event["params"]["type"] == "beforeunload";
                    self.call("Page.handleJavaScriptDialog", &json!({"accept": false}))?;
                    return Ok(is_this);
                }
                Some("Page.loadEventFired") => return Ok(false),
                _ => {}
            }
        }
    }

    fn event(&self) -> Result<Value> {
        if let Some(event) = self.events.borrow_mut().pop_front() {
            return Ok(event);
        }
        self.from.recv_timeout(PATIENCE).context("the browser is silent")
    }

    fn send(&self, method: &str, parameters: &Value) -> Result<u64> {
        let id = *self.last.borrow() + 1;
        *self.last.borrow_mut() = id;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.to.borrow_mut().write_all(&bytes)?;
        Ok(id)
    }

    fn call(&self, method: &str, parameters: &Value) -> Result<Value> {
        let id = self.send(method, parameters)?;
        loop {
            let mut message = self.from.recv_timeout(PATIENCE).context("the browser is silent")?;
            if message["id"] != id {
                if message.get("method").is_some() {
                    self.events.borrow_mut().push_back(message);
                }
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(message["result"].take());
        }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
