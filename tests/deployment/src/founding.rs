//! From nothing to a published council, with the verbs that people use. Who runs them, and how a failure is told, is the
//! caller's.

use std::path::Path;

use anyhow::{Context as _, Result};

/// A deployment to be made in a folder.
pub struct Founding<'a> {
    /// Where everything lies: `operator/`, key files, cards, `root.json`.
    pub folder: &'a Path,
    /// Addresses of the service, its metrics and the cosigner, as `127.0.0.1:8620`.
    pub addresses: [String; 3],
    /// Names of the seats' key files, in the order of their numbers.
    pub seats: &'a [&'a str],
    /// The institution of whoever has a key file of that name.
    pub institution: fn(&str) -> &str,
    /// Seconds a step, and between two deliveries.
    pub step_s: u32,
    /// Entries a step.
    pub pace: u32,
    /// Zero bits asked of a filing.
    pub work_bits: u8,
    /// Waiting times in seconds: of requests, of urgent ones.
    pub waits_s: [u32; 2],
}

/// A key and its passphrase, as every verb takes them.
pub fn key_arguments(name: &str) -> [String; 4] {
    let file = |ending: &str| format!("{name}.{ending}");
    [
        "--key".to_owned(),
        file("key"),
        "--passphrase-file".to_owned(),
        file("pass"),
    ]
}

/// The arguments of `key new`.
fn new_key(name: &str, institution: &str, role: &str) -> Vec<String> {
    let fixed = ["key", "new", "--low-work", "--role", role, "--institution", institution];
    let all = fixed.iter().map(ToString::to_string);
    all.chain(["--passphrase-out".to_owned(), format!("{name}.pass"), name.to_owned()])
        .collect()
}

impl Founding<'_> {
    /// Makes the operator's folder and the keys of seats, of a reader `lawyer`, of `cosigner`, and of `others`.
    ///
    /// # Errors
    /// The verb's; storage.
    pub fn prepare(&self, others: &[(&str, &str)], run: &dyn Fn(&[&str]) -> Result<String>) -> Result<()> {
        let [service, admin, _] = &self.addresses;
        let (base_url, step_s, pace) = (
            format!("http://{service}"),
            self.step_s.to_string(),
            self.pace.to_string(),
        );
        let fixed = [
            "init",
            "--origin",
            "demo.test/log",
            "--folder",
            "operator",
            "--low-work",
        ];
        let times = ["--step-s", &step_s, "--delivery-s", &step_s, "--pace", &pace];
        let places = ["--base-url", &base_url, "--listen", service, "--admin", admin];
        run(&[&fixed[..], &times, &places, &["--passphrase-out", "operator.pass"]].concat())?;
        let config = self.folder.join("operator/resguardo.toml");
        let mut table: toml::Table = std::fs::read_to_string(&config)?.parse()?;
        table.insert("work_bits".to_owned(), toml::Value::Integer(self.work_bits.into()));
        let why: toml::Table = [
            ("es", "Es una prueba: aquí no atiende nadie."),
            ("en", "A trial: nobody answers here."),
        ]
        .map(|(tag, why)| (tag.to_owned(), toml::Value::String(why.to_owned())))
        .into_iter()
        .collect();
        table.insert("no_help".to_owned(), toml::Value::Table(why));
        table.insert("nojs_clearnet".to_owned(), toml::Value::Boolean(true));
        std::fs::write(config, table.to_string())?;
        let seats = self.seats.iter().map(|name| (*name, "seat"));
        let fixed = [("lawyer", "reader"), ("cosigner", "cosigner")];
        for (name, role) in seats.chain(fixed).chain(others.iter().copied()) {
            run(&words(&new_key(name, (self.institution)(name), role)))?;
        }
        Ok(())
    }

    /// The arguments of the cosigner's process.
    ///
    /// # Errors
    /// Storage: the operator's folder must be there.
    pub fn cosign(&self) -> Result<Vec<String>> {
        let log = std::fs::read_to_string(self.folder.join("operator/log.vkey")).context("the log's key")?;
        let fixed = ["node", "cosign", "--name", "cosigner.test", "--state", "cosigner-state"];
        let places = ["--log", log.trim(), "--listen", &self.addresses[2]];
        let all = fixed.iter().chain(&places).map(ToString::to_string);
        Ok(all.chain(key_arguments("cosigner")).collect())
    }

    /// From cards to a published council: three seats open an account, four an identity.
    ///
    /// # Errors
    /// The verb's; storage.
    pub fn council(&self, run: &dyn Fn(&[&str]) -> Result<String>) -> Result<()> {
        let vkey = run(&[&words(&self.cosign()?)[..], &["--show-vkey"]].concat())?;
        let cosigner = format!("{} http://{}", vkey.trim(), self.addresses[2]);
        let cards: Vec<String> = self.seats.iter().map(|name| format!("{name}.card")).collect();
        let [objection_s, urgent_s] = self.waits_s.map(|wait| wait.to_string());
        let config = ["--config", "operator/resguardo.toml"];
        let parties = ["--readers", "lawyer.card", "--cosigners", &cosigner];
        let rules = [
            "--account",
            "3",
            "--identity",
            "4",
            "--objection-s",
            &objection_s,
            "--urgent-s",
            &urgent_s,
        ];
        run(&[&["council", "draft"], &words(&cards)[..], &parties, &rules, &config].concat())?;
        let mut signed = Vec::new();
        for name in self.seats {
            let out = format!("{name}.signed");
            let sign = ["council", "sign", "draft.json", "--out", &out];
            run(&[&sign[..], &words(&key_arguments(name))].concat())?;
            signed.push(out);
        }
        run(&[&["council", "publish", "draft.json"], &words(&signed)[..], &config].concat())?;
        Ok(())
    }
}

fn words(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}
