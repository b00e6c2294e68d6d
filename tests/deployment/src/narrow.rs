//! A proxy that takes little at once, as many have in front of them without knowing.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What such a proxy answers, with a page of its own.
const ANSWER: &[u8] = b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\
    Connection: close\r\n\r\n<h1>413</h1>\n";

/// What went through: the chunks that passed, and how many bodies were refused.
#[derive(Default)]
pub struct Passed {
    chunks: Mutex<Vec<usize>>,
    refused: AtomicUsize,
}

impl Passed {
    /// Bytes of each chunk that passed.
    pub fn chunks(&self) -> Vec<usize> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bodies were refused.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

/// A proxy in front of `service` that answers 413 to a body above `limit` bytes; gives its address. Where it `cuts`, it
/// does so before it has read the body, so that the client may see no answer but a broken line.
///
/// # Errors
/// No port.
pub fn narrow(service: SocketAddr, limit: usize, cuts: bool) -> io::Result<(String, Arc<Passed>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    let passed = Arc::new(Passed::default());
    let counts = Arc::clone(&passed);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let counts = Arc::clone(&counts);
            std::thread::spawn(move || one_call(client, service, limit, cuts, &counts));
        }
    });
    Ok((address, passed))
}

fn one_call(mut client: TcpStream, service: SocketAddr, limit: usize, cuts: bool, counts: &Passed) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length, mut is_chunk) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        is_chunk |= line.starts_with("PUT ");
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(usize::MAX);
        }
        if line.trim().is_empty() {
            head.push_str("Connection: close\r\n\r\n");
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    if length > limit {
        counts.refused.fetch_add(1, Ordering::SeqCst);
        if !cuts {
            io::copy(&mut reader.take(length as u64), &mut io::sink())?;
        }
        client.write_all(ANSWER)?;
        return client.shutdown(Shutdown::Both);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut server = TcpStream::connect(service)?;
    server.write_all(head.as_bytes())?;
    server.write_all(&body)?;
    if is_chunk {
        counts
            .chunks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(length);
    }
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}
