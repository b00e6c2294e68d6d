//! A mail that says the same every time: that something waits.

use crate::disk;
use crate::failure::{CliCode, CliError, Outcome};
use crate::language::t;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message, SmtpTransport, Transport as _};
use protocol::Digest;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// Subject of every mail.
pub const SUBJECT: &str = "Resguardo";
/// Text of every mail.
pub const TEXT: &str = "Algo la/lo espera en Resguardo / Something waits for you\n";
/// How long the mail server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest password file and certificate in bytes.
const PASSWORD_MAX: u64 = 4_096;
const CERTIFICATE_MAX: u64 = 256 * 1024;

/// How the line to the mail server is sealed; without TLS none is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sealing {
    /// TLS from the first byte (usually port 465).
    #[default]
    Tls,
    /// TLS after a greeting (usually port 587); without it nothing is sent.
    Starttls,
}

/// A mail server and two addresses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    server: String,
    port: Option<u16>,
    #[serde(default)]
    sealing: Sealing,
    /// Certificate of the server's own authority, in PEM, where it has one.
    authority: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    from: Address,
    to: Address,
}

/// Ready to be sent.
pub struct Mail {
    transport: SmtpTransport,
    from: Address,
    to: Address,
}

impl Mail {
    /// Reads the password and the certificate; connects to nothing. `place` finds a file of the settings.
    ///
    /// # Errors
    /// Exit 2 for settings that cannot be used; exit 3 or 6 for a file that cannot be read.
    pub fn new(settings: &MailSettings, place: impl Fn(&Path) -> PathBuf) -> Outcome<Self> {
        let unusable = |why: &dyn std::fmt::Display| {
            CliError::usage(t!("the settings of the mail cannot be used"))
                .why(why)
                .remedy(t!("correct them; nothing was started"))
        };
        let mut tls = TlsParameters::builder(settings.server.clone());
        if let Some(path) = &settings.authority {
            let pem = disk::read(&place(path), CERTIFICATE_MAX)?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| unusable(&error))?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls.build().map_err(|error| unusable(&error))?;
        let (tls, usual_port) = match settings.sealing {
            Sealing::Tls => (Tls::Wrapper(tls), 465),
            Sealing::Starttls => (Tls::Required(tls), 587),
        };
        // The mail server is told the sender's domain, not the name of this machine.
        let hello = ClientId::Domain(settings.from.domain().to_owned());
        let mut transport = SmtpTransport::builder_dangerous(&settings.server)
            .port(settings.port.unwrap_or(usual_port))
            .hello_name(hello)
            .timeout(Some(PATIENCE))
            .tls(tls);
        match (&settings.user, &settings.password_file) {
            (Some(user), Some(path)) => {
                let text = disk::text(&place(path), PASSWORD_MAX)?;
                let password = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
                transport = transport.credentials(Credentials::new(user.clone(), password.to_string()));
            }
            (None, None) => {}
            _ => return Err(unusable(&t!("`user` and `password_file` stand together"))),
        }
        Ok(Self {
            transport: transport.build(),
            from: settings.from.clone(),
            to: settings.to.clone(),
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// Exit 5 when the mail server is away or refuses.
    pub fn send(&self) -> Outcome<()> {
        let name = Digest(crate::random::bytes()).to_hex();
        let message = Message::builder()
            .from(self.from.clone().into())
            .to(self.to.clone().into())
            .subject(SUBJECT)
            .message_id(Some(format!("<{}@{}>", &name[..32], self.from.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(TEXT.to_owned())
            .map_err(|_| CliError::bug("a mail that cannot be written"))?;
        let sent = self.transport.send(&message);
        sent.map(drop).map_err(|error| {
            CliError::new(CliCode::Mail, t!("the mail server did not take the notice"))
                .why(error)
                .remedy(t!(
                    "check its settings; it is tried again at every look, and nothing is lost"
                ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn half_of_a_login_and_an_address_that_is_none_are_refused() {
        let read = |more: &str| {
            let text = format!("server = \"mail.example\"\nfrom = \"a@example.org\"\n{more}");
            toml::from_str::<MailSettings>(&text)
        };
        assert!(read("to = \"nobody\"").is_err());
        assert!(
            read("to = \"b@example.org\"\nsealing = \"none\"").is_err(),
            "without TLS none is used"
        );
        for half in ["user = \"a\"", "password_file = \"p\""] {
            let settings = read(&format!("to = \"b@example.org\"\n{half}")).expect("settings");
            let refused = Mail::new(&settings, Path::to_owned).err().expect("refused");
            assert_eq!(refused.exit(), Exit::Usage);
        }
    }
}
