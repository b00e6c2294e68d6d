//! A line on which answers get lost.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A line that carries everything to the service and everything back, but the answers to what is posted to `path`. Gives
/// its address and a counter of the answers that it has lost.
pub fn deaf_line(service: SocketAddr, path: &str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let lost = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lost);
    let start = Arc::new(format!("POST {path} ").into_bytes());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, count) = (client.expect("a connection"), Arc::clone(&count));
            let start = Arc::clone(&start);
            std::thread::spawn(move || carry(client, service, &start, &count));
        }
    });
    (address, lost)
}

/// One connection: what comes goes on, and what is answered comes back, until what was posted is answered.
fn carry(mut client: TcpStream, service: SocketAddr, start: &Arc<Vec<u8>>, lost: &AtomicUsize) {
    let mut server = TcpStream::connect(service).expect("the service");
    let (mut up, mut to) = (
        client.try_clone().expect("a socket"),
        server.try_clone().expect("a socket"),
    );
    let acts = Arc::new(AtomicUsize::new(0));
    let posted = Arc::clone(&acts);
    let start = Arc::clone(start);
    std::thread::spawn(move || {
        let mut bytes = [0u8; 16 * 1024];
        while let Ok(count @ 1..) = up.read(&mut bytes) {
            if bytes.starts_with(&start) {
                posted.fetch_add(1, Ordering::SeqCst);
            }
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut bytes = [0u8; 16 * 1024];
    while let Ok(count @ 1..) = server.read(&mut bytes) {
        if acts.load(Ordering::SeqCst) > 0 {
            lost.fetch_add(1, Ordering::SeqCst);
            break;
        }
        if client.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
