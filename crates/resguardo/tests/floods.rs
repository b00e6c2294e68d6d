//! Crowds against the running program, over loopback and bounded: what one machine can hold open, half send or leave
//! behind. Each ends with an honest request that is answered, and a figure that must hold.

use crate::support;

use protocol::Digest;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use std::io::{Cursor, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use support::World;

/// What the whole process may take under attack (docs/guides/proxy.md).
const BOUND_KIB: u64 = 256 << 10;
const MIB: usize = 1 << 20;

fn address(world: &World) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], world.ports[0]))
}

/// A figure of the service's process in KiB: `VmRSS` now, `VmHWM` at most.
fn memory(world: &World, field: &str) -> u64 {
    let pid = world.service.as_ref().expect("a service").0.id();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .expect("a field");
    line.trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .expect("a number")
}

/// Sockets that have sent `start`; with the program's own queue full, some may not even connect.
fn crowd(world: &World, count: usize, start: &[u8]) -> Vec<TcpStream> {
    let address = address(world);
    let open = |_| {
        let mut socket = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
        socket.set_write_timeout(Some(Duration::from_secs(5))).ok()?;
        socket.write_all(start).ok()?;
        Some(socket)
    };
    (0..count).filter_map(open).collect()
}

/// Whether the other side has closed the socket.
fn is_closed(socket: &mut TcpStream) -> bool {
    socket.set_nonblocking(true).expect("a socket");
    let mut bytes = [0; 4096];
    loop {
        match socket.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

/// An honest request, which must be answered within a generous time.
#[track_caller]
fn is_answered(world: &World) {
    let since = Instant::now();
    let remote = Remote::new(&world.base()).expect("an address");
    let line = ServiceLine::over(remote);
    line.run(client::work::offer(line.wire(), None))
        .expect("an honest request is answered");
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
}

fn upload(world: &World, bytes: usize) {
    let file: Vec<u8> = (0..bytes).map(|i| (i * 7 % 251) as u8).collect();
    let remote = Remote::new(&world.base()).expect("an address");
    ServiceLine::over(remote)
        .upload(
            Cursor::new(&file),
            bytes as u64,
            (&Digest::of(&file), None),
            &mut |_| (),
        )
        .expect("an honest upload");
}

fn put(name: u32, last: usize, length: usize) -> Vec<u8> {
    let name = Digest::of(&name.to_be_bytes());
    format!(
        "PUT /api/v1/uploads/{name} HTTP/1.1\r\nHost: x\r\nContent-Range: bytes 0-{last}/*\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn no_crowd_keeps_honest_people_out() {
    rlimit::increase_nofile_limit(8_192).expect("files");
    let world = World::start();
    dripped_heads(&world);
    idle_uploads(&world);
    half_sent_bodies(&world);
    uploads_of_one_byte(&world);
    too_large_is_read(&world);
    assert!(!world.log().contains("panicked"), "{}", world.log());
}

/// 2,000 sockets that drip a head, a byte at a time.
fn dripped_heads(world: &World) {
    let mut sockets = crowd(world, 2_000, b"GET /");
    assert!(sockets.len() > 1_500, "{} sockets", sockets.len());
    is_answered(world);
    let since = Instant::now();
    while !sockets.is_empty() && since.elapsed() < Duration::from_secs(30) {
        sockets.retain_mut(|socket| {
            let is_open = !is_closed(socket);
            let _ = socket.write(b"x");
            is_open
        });
        is_answered(world);
        std::thread::sleep(Duration::from_millis(500));
    }
    let open = sockets.len();
    assert_eq!(open, 0, "a head has ten seconds, drip as it may");
}

/// 200 uploads of which the head and one byte came.
fn idle_uploads(world: &World) {
    let sockets: Vec<TcpStream> = (0..200)
        .flat_map(|name| crowd(world, 1, &[put(name, MIB - 1, MIB), b"x".to_vec()].concat()))
        .collect();
    assert_eq!(sockets.len(), 200);
    let since = Instant::now();
    upload(world, 3 * MIB);
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
}

/// Three times 1,020 bodies of 1 MiB of which the last byte does not come: memory that did not come back would add up.
fn half_sent_bodies(world: &World) {
    let before = memory(world, "VmRSS");
    let head = format!(
        "POST /api/v1/filings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {MIB}\r\n\r\n"
    );
    let body = [head.as_bytes(), vec![b' '; MIB - 1].as_slice()].concat();
    for _ in 0..3 {
        let sockets: Vec<TcpStream> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..4).map(|_| scope.spawn(|| crowd(world, 255, &body))).collect();
            senders
                .into_iter()
                .flat_map(|sender| sender.join().expect("sent"))
                .collect()
        });
        is_answered(world);
        upload(world, MIB);
        drop(sockets);
        let (now, most) = (memory(world, "VmRSS"), memory(world, "VmHWM"));
        eprintln!("memory in KiB: {before} before, {most} at most, {now} now");
        assert!(most < BOUND_KIB, "{most} KiB at most; {before} before, {now} now");
    }
}

/// 500 uploads of one byte without work: few are begun, and an honest client does the work that is asked.
fn uploads_of_one_byte(world: &World) {
    let mut refused = 0;
    for name in 1_000..1_500 {
        let mut socket = TcpStream::connect(address(world)).expect("a socket");
        socket.write_all(&put(name, 0, 1)).expect("sent");
        let _ = socket.write_all(b"x");
        let mut status = [0; 12];
        socket.read_exact(&mut status).expect("an answer");
        match &status[9..] {
            b"204" => {}
            b"428" => refused += 1,
            other => panic!("{}", String::from_utf8_lossy(other)),
        }
    }
    let folder = world.path("operator/store/uploads");
    let files = std::fs::read_dir(&folder).expect("the uploads").count();
    assert!(refused >= 430, "{refused} of 500 refused");
    assert!(files <= 70, "{files} files left");
    upload(world, 300_000);
}

/// A client that sends all of a body that is too large before it reads finds the answer.
fn too_large_is_read(world: &World) {
    for (path, bytes) in [("/api/v1/filings", 8 * MIB), ("/api/v1/office", 8 * MIB)] {
        let mut socket = TcpStream::connect(address(world)).expect("a socket");
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {bytes}\r\n\r\n");
        socket.write_all(head.as_bytes()).expect("sent");
        socket.write_all(&vec![0; bytes]).expect("all of it is sent");
        let mut answer = String::new();
        socket
            .read_to_string(&mut answer)
            .expect("the answer, and then the end");
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("\"code\":\"too-large\""), "{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    }
}
