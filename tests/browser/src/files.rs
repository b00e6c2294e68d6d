//! A few files behind an address of their own, for pages that are not the service's.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::Result;

/// A file as a browser gets it.
pub struct File {
    /// Its path, from the root on.
    pub path: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl File {
    /// The page at the root.
    pub fn page(html: &str) -> Self {
        Self {
            path: "/".to_owned(),
            media_type: "text/html; charset=utf-8",
            bytes: html.into(),
        }
    }
}

/// Serves the files on a port of its own, for as long as the process lives; gives the address of the root.
pub fn serve(files: Vec<File>) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            // A browser opens connections that it does not use at once.
            std::thread::spawn(move || answer(stream, &files));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream, files: &[File]) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let request = lines.next()?.ok()?;
    let path = request.split(' ').nth(1)?.to_owned();
    // To the end of the head: an answer before it would cut the connection.
    while !lines.next()?.ok()?.is_empty() {}
    let (status, media_type, bytes) = match files.iter().find(|file| file.path == path) {
        Some(file) => ("200 OK", file.media_type, file.bytes.as_slice()),
        None => ("404 Not Found", "text/plain", &b"nothing"[..]),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n", bytes.len()).ok()?;
    stream.write_all(bytes).ok()
}
