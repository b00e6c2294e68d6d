//! A relay between a client and the service, as an operator or a network has it: it notes what each connection carries,
//! and answers what it likes in the service's place.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use deployment::Call;
use protocol::http::SIGNATURE_HEADER;
use serde_json::Value;

use crate::stage::Stage;

/// What the relay answers instead of the service.
#[derive(Clone, Default)]
pub struct Lies {
    /// Bodies by path.
    pub bodies: Vec<(String, Vec<u8>)>,
    /// The clock in every answer's `Date`, POSIX seconds.
    pub date: Option<i64>,
}

/// A relay that runs. What it noted is read from it.
pub struct Relay {
    port: u16,
    connections: Arc<Mutex<Vec<Vec<Call>>>>,
}

impl Relay {
    /// Begins to relay to the stage's service.
    pub fn start(stage: &Stage, lies: Lies) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (to, noted, lies) = (stage.address().to_owned(), Arc::clone(&connections), Arc::new(lies));
        // It ends with the process: a test's or the command's.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (to, noted, lies) = (to.clone(), Arc::clone(&noted), Arc::clone(&lies));
                std::thread::spawn(move || drop(carry(client, &to, &noted, &lies)));
            }
        });
        Ok(Self { port, connections })
    }

    /// Writes a root of trust that leads clients through the relay; its path.
    pub fn root(&self, stage: &Stage) -> Result<PathBuf> {
        let mut root: Value = serde_json::from_slice(&std::fs::read(stage.path("root.json"))?)?;
        root["base_url"] = format!("http://127.0.0.1:{}", self.port).into();
        let path = stage.path(&format!("relayed-{}.json", self.port));
        std::fs::write(&path, serde_json::to_vec(&root)?)?;
        Ok(path)
    }

    /// The connections so far, each with its requests in order.
    pub fn connections(&self) -> Vec<Vec<Call>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Serves one connection until one side is done.
fn carry(client: TcpStream, to: &str, noted: &Mutex<Vec<Vec<Call>>>, lies: &Lies) -> Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(60)))?;
    let number = {
        let mut all = noted.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Vec::new());
        all.len() - 1
    };
    let mut reader = BufReader::new(client.try_clone()?);
    let mut writer = client;
    while let Some((head, body)) = message(&mut reader)? {
        let path = head[0].split(' ').nth(1).context("a request line")?.to_owned();
        if let Some(calls) = noted.lock().unwrap_or_else(PoisonError::into_inner).get_mut(number) {
            calls.push(Call {
                path: path.clone(),
                is_signed: field(&head, SIGNATURE_HEADER).is_some(),
                has_cookie: field(&head, "Cookie").is_some(),
            });
        }
        let answer = match lies.bodies.iter().find(|(lie, _)| *lie == path) {
            Some((_, body)) => {
                let length = body.len();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n");
                [head.as_bytes(), body].concat()
            }
            None => ask(to, &head, &body)?,
        };
        writer.write_all(&dated(&answer, lies.date)?)?;
    }
    Ok(())
}

/// Asks the service over a connection of its own.
fn ask(to: &str, head: &[String], body: &[u8]) -> Result<Vec<u8>> {
    let mut service = TcpStream::connect(to)?;
    let kept = head
        .iter()
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut text: String = kept.map(|line| format!("{line}\r\n")).collect();
    text.push_str("Connection: close\r\n\r\n");
    service.write_all(&[text.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    service.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The answer without `Connection`, and with the date that is wanted.
fn dated(answer: &[u8], date: Option<i64>) -> Result<Vec<u8>> {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("an answer's head")?;
    let (head, body) = answer.split_at(end);
    let head = std::str::from_utf8(head)?;
    let is_kept = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !line.starts_with("connection:") && (date.is_none() || !line.starts_with("date:"))
    };
    let mut lines: Vec<String> = head.split("\r\n").filter(is_kept).map(str::to_owned).collect();
    if let Some(date) = date {
        let shown = jiff::Timestamp::from_second(date)?.strftime("%a, %d %b %Y %H:%M:%S GMT");
        lines.push(format!("Date: {shown}"));
    }
    Ok([lines.join("\r\n").as_bytes(), body].concat())
}

/// Head lines and body of the next request; `None` when the client is done.
fn message(reader: &mut BufReader<TcpStream>) -> Result<Option<(Vec<String>, Vec<u8>)>> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" if head.is_empty() => {}
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let length = field(&head, "Content-Length").map_or(Ok(0), str::parse)?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

fn field<'a>(head: &'a [String], name: &str) -> Option<&'a str> {
    let mut fields = head.iter().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}
