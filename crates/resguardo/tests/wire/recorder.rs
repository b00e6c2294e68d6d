//! A SOCKS5 proxy and a plain relay on loopback that write down what goes over each connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use deployment::{Call, Calls};

/// One connection of a client.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// User's name at the proxy, with its password.
    pub name: Option<(String, String)>,
    /// The host as the client names it to the proxy.
    pub host: Option<String>,
    /// Each with its place among all calls that were recorded.
    pub calls: Vec<(usize, Call)>,
}

/// What is answered in the service's place.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// 404.
    Missing,
    /// 200, with other bytes.
    Altered,
}

#[derive(Default)]
struct Book {
    lines: Vec<Line>,
    calls: usize,
    withheld: Vec<(String, Answer)>,
    next_blob: Option<Answer>,
}

/// Listens until the test ends.
#[derive(Clone)]
pub struct Recorder {
    pub address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

impl Recorder {
    /// A proxy that leads every connection to `service`, whatever host it is asked for.
    pub fn socks(service: SocketAddr) -> Self {
        Self::listen(service, true)
    }

    /// A relay in the service's place.
    pub fn relay(service: SocketAddr) -> Self {
        Self::listen(service, false)
    }

    fn listen(service: SocketAddr, is_proxy: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let recorder = Self {
            address: listener.local_addr().expect("an address"),
            book: Arc::default(),
        };
        let own = recorder.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let own = own.clone();
                std::thread::spawn(move || own.serve(client, service, is_proxy));
            }
        });
        recorder
    }

    /// What was recorded since the last time.
    pub fn take(&self) -> Vec<Line> {
        std::mem::take(&mut self.book.lock().expect("the book").lines)
    }

    /// Answers these paths in the service's place, and no others.
    pub fn withhold(&self, paths: &[(String, Answer)]) {
        self.book.lock().expect("the book").withheld = paths.to_vec();
    }

    /// Answers the next file that is asked for in the service's place.
    pub fn withhold_next_blob(&self, answer: Answer) {
        self.book.lock().expect("the book").next_blob = Some(answer);
    }

    fn serve(&self, mut client: TcpStream, service: SocketAddr, is_proxy: bool) -> Option<()> {
        let mut line = Line::default();
        if is_proxy {
            let [name, word, host] = greet(&mut client)?;
            (line.name, line.host) = (Some((name, word)), Some(host));
        }
        let number = {
            let mut book = self.book.lock().expect("the book");
            book.lines.push(line);
            book.lines.len() - 1
        };
        let mut server = TcpStream::connect(service).ok()?;
        let (mut back_from, mut back_to) = (server.try_clone().ok()?, client.try_clone().ok()?);
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut back_from, &mut back_to);
            let _ = back_to.shutdown(Shutdown::Write);
        });
        let (mut reader, mut bytes) = (Calls::default(), [0u8; 16 * 1024]);
        while let Ok(count @ 1..) = client.read(&mut bytes) {
            let mut answered = None;
            for call in reader.push(&bytes[..count]) {
                answered = self.note(number, call).or(answered);
            }
            match answered {
                None => server.write_all(&bytes[..count]).ok()?,
                Some(Answer::Missing) => client
                    .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    .ok()?,
                Some(Answer::Altered) => client
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother")
                    .ok()?,
            }
        }
        let _ = server.shutdown(Shutdown::Write);
        Some(())
    }

    /// Writes a call down; gives what it is answered here.
    fn note(&self, line: usize, call: Call) -> Option<Answer> {
        let mut book = self.book.lock().expect("the book");
        let order = book.calls;
        book.calls += 1;
        let withheld = book.withheld.iter().find(|(path, _)| *path == call.path);
        let mut answer = withheld.map(|(_, answer)| *answer);
        if call.path.starts_with("/api/v1/blobs/") {
            answer = answer.or(book.next_blob.take());
        }
        if let Some(line) = book.lines.get_mut(line) {
            line.calls.push((order, call));
        }
        answer
    }
}

/// RFC 1928 and 1929, as far as one client needs it: name and password are asked for, any are taken. Gives both, and the
/// host.
fn greet(client: &mut TcpStream) -> Option<[String; 3]> {
    let count = take(client, 2)?[1];
    let methods = take(client, count.into())?;
    assert!(methods.contains(&2), "the client must have a name at the proxy");
    client.write_all(&[5, 2]).ok()?;
    let length = take(client, 2)?[1];
    let name = String::from_utf8(take(client, length.into())?).ok()?;
    let length = take(client, 1)?[0];
    let word = String::from_utf8(take(client, length.into())?).ok()?;
    client.write_all(&[1, 0]).ok()?;
    let host = match take(client, 4)?[3] {
        3 => {
            let length = take(client, 1)?[0];
            String::from_utf8(take(client, length.into())?).ok()?
        }
        1 => format!("{:?}", take(client, 4)?),
        _ => format!("{:?}", take(client, 16)?),
    };
    take(client, 2)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    Some([name, word, host])
}

fn take(client: &mut TcpStream, count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    client.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
