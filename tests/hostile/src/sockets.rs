//! Plain sockets that send what no honest client sends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

/// Connections that are held open; dropped, they close.
pub struct Held {
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.workers.drain(..).for_each(|worker| drop(worker.join()));
    }
}

/// Threads that share the connections.
const WORKERS: usize = 32;

/// Opens `count` connections that each begin with `start`, then send one byte every two seconds; `Held` ends them. Those that
/// the service closes are opened anew.
pub fn drip(address: &str, count: usize, start: &'static [u8]) -> Held {
    hold(count, address, move |socket| socket.write_all(start).is_ok(), true)
}

/// Opens `count` connections that each send `bytes`, as far as they are taken, and then nothing.
pub fn stall(address: &str, count: usize, bytes: Vec<u8>) -> Held {
    hold(
        count,
        address,
        move |socket| {
            // What the service does not read stays unsent: the attacker goes on to its next connection.
            let _ = socket.write_all(&bytes);
            true
        },
        false,
    )
}

fn hold(
    count: usize,
    address: &str,
    begin: impl Fn(&mut TcpStream) -> bool + Send + Sync + 'static,
    is_dripping: bool,
) -> Held {
    let (stop, begin) = (Arc::new(AtomicBool::new(false)), Arc::new(begin));
    let workers = (0..WORKERS)
        .map(|worker| {
            let share = count / WORKERS + usize::from(worker < count % WORKERS);
            let (stop, begin, address) = (Arc::clone(&stop), Arc::clone(&begin), address.to_owned());
            std::thread::spawn(move || {
                let open = || {
                    let address = address.parse().ok()?;
                    let mut socket = TcpStream::connect_timeout(&address, Duration::from_millis(500)).ok()?;
                    socket.set_write_timeout(Some(Duration::from_millis(400))).ok()?;
                    begin(&mut socket).then_some(socket)
                };
                let mut sockets: Vec<TcpStream> = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    while sockets.len() < share && !stop.load(Ordering::Relaxed) {
                        let Some(socket) = open() else { break };
                        sockets.push(socket);
                    }
                    for _ in 0..20 {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        std::thread::sleep(Duration::from_millis(100));
                    }
                    if is_dripping {
                        sockets.retain_mut(|socket| socket.write_all(b"x").is_ok() && !is_closed(socket));
                    }
                }
            })
        })
        .collect();
    Held { stop, workers }
}

/// Whether the service has closed its side or answered.
fn is_closed(socket: &mut TcpStream) -> bool {
    let _ = socket.set_nonblocking(true);
    let mut byte = [0];
    let outcome = socket.read(&mut byte);
    let _ = socket.set_nonblocking(false);
    !matches!(outcome, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

/// Connections to the service that the system shows as established.
pub fn established(port: u16) -> Result<usize> {
    let wanted = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let is_one = |line: &&str| {
        let mut fields = line.split_whitespace();
        fields.nth(1).is_some_and(|local| local.ends_with(&wanted)) && fields.nth(1) == Some("01")
    };
    Ok(table.lines().filter(is_one).count())
}
