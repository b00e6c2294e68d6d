//! A verb whose answer is lost on the way says so, and run again files nothing twice.

mod support;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use support::World;

/// A line that carries everything to the service and everything back, but the answers to acts. Gives its address and a
/// counter of the answers that it has lost.
fn deaf_line(service: SocketAddr) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let lost = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lost);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, count) = (client.expect("a connection"), Arc::clone(&count));
            std::thread::spawn(move || carry(client, service, &count));
        }
    });
    (address, lost)
}

/// One connection: what comes goes on, and what is answered comes back, until an act is answered.
fn carry(mut client: TcpStream, service: SocketAddr, lost: &AtomicUsize) {
    let mut server = TcpStream::connect(service).expect("the service");
    let (mut up, mut to) = (
        client.try_clone().expect("a socket"),
        server.try_clone().expect("a socket"),
    );
    let acts = Arc::new(AtomicUsize::new(0));
    let posted = Arc::clone(&acts);
    std::thread::spawn(move || {
        let mut bytes = [0u8; 16 * 1024];
        while let Ok(count @ 1..) = up.read(&mut bytes) {
            if bytes.starts_with(b"POST /api/v1/acts ") {
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

/// Acts of a kind in the case that her words lead to, and the log's time, POSIX seconds.
fn acts(world: &World, name: &str) -> (usize, u64) {
    let run = world.run(&["inbox", "--phrase-file", "phrase.txt", "--json"]).ok();
    let time = run.event("result")["time"].as_u64().expect("a time");
    let filing = run.event("filing");
    let acts = filing["acts"].as_array().cloned().unwrap_or_default();
    (acts.iter().filter(|act| act["body"]["act"] == name).count(), time)
}

#[test]
fn an_act_whose_answer_is_lost_is_filed_once() {
    let mut world = World::start();
    let service = SocketAddr::from(([127, 0, 0, 1], world.ports[0]));
    let (address, lost) = deaf_line(service);
    let mut root: Value =
        serde_json::from_slice(&std::fs::read(world.path("root.json")).expect("a root")).expect("JSON");
    root["base_url"] = address.into();
    std::fs::write(world.path("deaf.json"), root.to_string()).expect("written");
    world.file("phrase.txt", &[]);
    let case = world.acknowledge(&support::SEATS, "all");
    world.until("every acknowledgement in the log", || {
        (acts(&world, "ack").0 == support::SEATS.len()).then_some(())
    });
    // Without a cosigner no step is taken, so that what was sent is promised and not in the log.
    world.cosigner = None;
    let refer = ["refer", &case, "--reader", "6"];
    let deaf = [&refer[..], &["--root", "deaf.json"]].concat();
    world.desk("ombudsman", &deaf).failed(5, "unreachable");
    let sent = lost.load(Ordering::SeqCst);
    assert!(sent > 1, "it was sent again and again, and nobody answered: {sent}");
    world.desk("ombudsman", &refer).ok();
    world.desk("ombudsman", &refer).ok();
    world.cosign();
    let logged = world.until("the referral in the log", || {
        let (count, time) = acts(&world, "referral");
        (count > 0).then_some(time)
    });
    world.desk("ombudsman", &refer).failed(4, "done");
    // A second one would be in one of the next steps, of a second each.
    let count = world.until("three steps more", || {
        let (count, time) = acts(&world, "referral");
        (time > logged + 3).then_some(count)
    });
    assert_eq!(count, 1);
}
