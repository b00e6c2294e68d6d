//! Uploads over a line that breaks go on where the service stands.

use crate::support;

use deployment::narrow;
use protocol::Digest;
use resguardo::failure::Exit;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use std::io::{Cursor, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::World;

/// Bytes that a broken connection lets through.
const UNTIL_BROKEN: usize = 300_000;

/// A line to the service whose first `breaks` connections end after [`UNTIL_BROKEN`] bytes. Gives its address and a
/// counter of the connections that were broken.
fn line(service: SocketAddr, breaks: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let broken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&broken);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a connection");
            let server = TcpStream::connect(service).expect("the service");
            let is_bad = count.load(Ordering::SeqCst) < breaks;
            let (from, to) = (
                client.try_clone().expect("a socket"),
                server.try_clone().expect("a socket"),
            );
            let count = Arc::clone(&count);
            std::thread::spawn(move || forward(from, to, is_bad.then_some(&*count)));
            std::thread::spawn(move || forward(server, client, None));
        }
    });
    (address, broken)
}

fn forward(mut from: TcpStream, mut to: TcpStream, broken: Option<&AtomicUsize>) {
    let mut bytes = [0u8; 16 * 1024];
    let mut passed = 0;
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        passed += count;
        if let Some(broken) = broken.filter(|_| passed > UNTIL_BROKEN) {
            broken.fetch_add(1, Ordering::SeqCst);
            let _ = from.shutdown(Shutdown::Both);
            break;
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn an_upload_survives_a_line_that_breaks() {
    let world = World::start();
    let service = SocketAddr::from(([127, 0, 0, 1], world.ports[0]));
    let (address, broken) = line(service, 6);
    let remote = Remote::new(&address).expect("an address");
    let file: Vec<u8> = (0u32..3_000_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let digest = Digest::of(&file);
    let mut sent = 0;
    ServiceLine::over(remote)
        .upload(Cursor::new(&file), file.len() as u64, (&digest, None), &mut |bytes| {
            sent += bytes
        })
        .expect("uploaded");
    assert!(broken.load(Ordering::SeqCst) >= 4, "the line did break");
    let direct = Remote::new(&world.base()).expect("an address");
    // That it is whole the service has said: its digest is that of the file. Nobody is served what no form names.
    let line = ServiceLine::over(direct.clone());
    assert!(line.run(line.wire().blob(&digest)).expect("asked").is_none());
    let other = ServiceLine::over(direct.clone()).upload(
        Cursor::new(&file),
        file.len() as u64,
        (&Digest([1; 32]), None),
        &mut |_| (),
    );
    assert_eq!(other.expect_err("another digest").exit(), Exit::Check);
    let short = ServiceLine::over(direct.clone()).upload(
        Cursor::new(&file[..1000]),
        file.len() as u64,
        (&digest, None),
        &mut |_| (),
    );
    assert_eq!(
        short.expect_err("the file is shorter than it was").exit(),
        Exit::Storage
    );
}

#[test]
fn a_proxy_that_takes_little_at_once_gets_smaller_chunks() {
    let world = World::start();
    let service = SocketAddr::from(([127, 0, 0, 1], world.ports[0]));
    let file: Vec<u8> = (0u32..3_000_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8)
        .collect();
    let digest = Digest::of(&file);
    let limits = [
        (1 << 20, false),
        (1 << 20, true),
        (300_000, false),
        (100_000, true),
        (64 << 10, false),
    ];
    for (limit, cuts) in limits {
        let (address, passed) = narrow(service, limit, cuts).expect("a port");
        let remote = Remote::new(&address).expect("an address");
        let upload = || {
            ServiceLine::over(remote.clone()).upload(
                Cursor::new(&file),
                file.len() as u64,
                (&digest, None),
                &mut |_| (),
            )
        };
        upload().unwrap_or_else(|failure| panic!("below {limit}: {failure:?}"));
        let took = passed.refused();
        assert!(took > 0, "{limit}: something was refused");
        let sent: usize = passed.chunks().iter().sum();
        assert_eq!(sent, file.len(), "{limit}: what had passed is not sent again");
        if !cuts {
            upload().expect("once more");
            assert_eq!(passed.refused(), took, "{limit}: it is remembered");
        }
    }
    // Below the smallest chunk there is no way through, and it says so at once.
    let (address, passed) = narrow(service, 60_000, false).expect("a port");
    let remote = Remote::new(&address).expect("an address");
    let failure =
        ServiceLine::over(remote.clone()).upload(Cursor::new(&file), file.len() as u64, (&digest, None), &mut |_| ());
    assert!(failure.is_err() && passed.refused() <= 4, "{failure:?}");
}
