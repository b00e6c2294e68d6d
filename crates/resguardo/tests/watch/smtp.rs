//! A mail server on loopback, just enough to be sent a mail over TLS.

use base64ct::{Base64, Encoding as _};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What came in one mail.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The login, in base64.
    pub login: String,
    /// `MAIL` and `RCPT`.
    pub envelope: Vec<String>,
    /// Headers, each with its value.
    pub headers: Vec<(String, String)>,
    /// What stands below them.
    pub body: String,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find_map(|(name, value)| (name == wanted).then_some(value.as_str()))
    }
}

/// The server.
pub struct MailServer {
    pub port: u16,
    mails: Arc<Mutex<Vec<Received>>>,
    /// Refuses what is sent, as long as it is set.
    pub refuses: Arc<AtomicBool>,
}

impl MailServer {
    /// Listens; writes the certificate that it shows into `authority`, in PEM.
    pub fn start(authority: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let pem = Base64::encode_string(made.cert.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
        std::fs::write(authority, pem).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mails, refuses) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let server = Self {
            port,
            mails: Arc::clone(&mails),
            refuses: Arc::clone(&refuses),
        };
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                // A client that goes away in between is none of the test's.
                let _ = serve(client, connection, &mails, &refuses);
            }
        });
        server
    }

    /// All mails that were taken.
    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().unwrap().clone()
    }
}

fn serve(
    client: TcpStream,
    connection: ServerConnection,
    mails: &Mutex<Vec<Received>>,
    refuses: &AtomicBool,
) -> std::io::Result<()> {
    let mut line = BufReader::new(StreamOwned::new(connection, client));
    let say = |line: &mut BufReader<_>, text: &str| -> std::io::Result<()> {
        let out: &mut StreamOwned<ServerConnection, TcpStream> = line.get_mut();
        out.write_all(text.as_bytes())?;
        out.flush()
    };
    say(&mut line, "220 localhost ESMTP\r\n")?;
    let mut received = Received::default();
    loop {
        let mut command = String::new();
        if line.read_line(&mut command)? == 0 {
            return Ok(());
        }
        let command = command.trim_end();
        match command.split(' ').next().unwrap_or_default() {
            "EHLO" => say(&mut line, "250-localhost\r\n250 AUTH PLAIN\r\n")?,
            "AUTH" => {
                received.login = command.rsplit(' ').next().unwrap_or_default().to_owned();
                say(&mut line, "235 ok\r\n")?;
            }
            "MAIL" | "RCPT" => {
                received.envelope.push(command.to_owned());
                say(&mut line, "250 ok\r\n")?;
            }
            "DATA" => {
                say(&mut line, "354 go on\r\n")?;
                let mut text = String::new();
                while !text.ends_with("\r\n.\r\n") {
                    if line.read_line(&mut text)? == 0 {
                        return Ok(());
                    }
                }
                if refuses.load(Ordering::SeqCst) {
                    say(&mut line, "451 try later\r\n")?;
                    continue;
                }
                let (head, body) = text
                    .trim_end_matches(".\r\n")
                    .split_once("\r\n\r\n")
                    .unwrap_or_default();
                let headers = head.split("\r\n").filter_map(|header| header.split_once(": "));
                received.headers = headers
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                received.body = body.to_owned();
                mails.lock().unwrap().push(std::mem::take(&mut received));
                say(&mut line, "250 ok\r\n")?;
            }
            "QUIT" => return say(&mut line, "221 bye\r\n"),
            _ => say(&mut line, "250 ok\r\n")?,
        }
    }
}
