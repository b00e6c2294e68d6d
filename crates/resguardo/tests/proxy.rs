//! The configuration of docs/guides/proxy.md, read from the guide and run by nginx in front of the running program. Run
//! by `cargo xtask test proxy`, which installs nginx.

use crate::support;

use protocol::Digest;
use resguardo::line::ServiceLine;
use resguardo::remote::Remote;
use std::io::{Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use support::{Running, World};

/// The guide's server block, with the port to listen on, without TLS, in front of the service's port.
fn configuration(listen: u16, service: u16, folder: &std::path::Path) -> String {
    let guide = include_str!("../../../docs/guides/proxy.md");
    let (_, rest) = guide.split_once("```nginx\n").expect("a configuration");
    let (block, _) = rest.split_once("```").expect("its end");
    let is_tls = |line: &&str| !line.trim_start().starts_with("ssl_");
    let block: Vec<&str> = block.lines().filter(is_tls).collect();
    let block = block.join("\n");
    for (part, count) in [("listen 443 ssl;", 1), ("http://127.0.0.1:8080;", 2)] {
        assert_eq!(block.matches(part).count(), count, "{part}");
    }
    let block = block
        .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{listen};"))
        .replace("http://127.0.0.1:8080;", &format!("http://127.0.0.1:{service};"));
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{}}\nhttp {{\n\
         {temporary}{block}\n}}\n"
    )
}

/// nginx in front of the service's port.
fn proxy(world: &World, listen: u16, service: u16) -> Running {
    let folder = world.path("nginx");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("nginx.conf");
    std::fs::write(&path, configuration(listen, service, &folder)).expect("written");
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-e").arg(folder.join("error.log"));
    command.arg("-c").arg(&path).stdin(Stdio::null());
    Running(command.spawn().expect("nginx: `cargo xtask test proxy` installs it"))
}

/// Posts `bytes` zeros and reads to the end of the answer.
fn post(address: SocketAddr, path: &str, bytes: usize) -> String {
    let mut socket = TcpStream::connect(address).expect("a socket");
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {bytes}\r\n\r\n");
    said(&mut socket, &[head.as_bytes(), &vec![0; bytes]].concat())
}

/// Sends a request and reads to the end of the answer.
fn said(socket: &mut TcpStream, request: &[u8]) -> String {
    socket.write_all(request).expect("all of it is sent");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
#[ignore = "needs nginx: cargo xtask test proxy"]
fn the_guides_proxy_carries_filings_uploads_refusals_and_the_site_as_stated() {
    let mut world = World::prepared();
    world.cosign();
    world.council();
    // The address that the root of trust names is the proxy's.
    let (public, [inner]) = (world.ports[0], deployment::free_ports().expect("a port"));
    let path = world.path("operator/resguardo.toml");
    let config = std::fs::read_to_string(&path).expect("a configuration");
    let listen = format!("listen = \"127.0.0.1:{public}\"");
    assert_eq!(config.matches(&listen).count(), 1, "{config}");
    std::fs::write(
        &path,
        config.replace(&listen, &format!("listen = \"127.0.0.1:{inner}\"")),
    )
    .expect("written");
    let _proxy = proxy(&world, public, inner);
    world.serve();

    let evidence: Vec<u8> = (0..700_000u32).map(|i| (i % 251) as u8).collect();
    std::fs::write(world.path("evidence.bin"), &evidence).expect("written");
    world.file("phrase.txt", &["--receipt", "r", "--json", "evidence.bin"]);

    let remote = Remote::new(&world.base()).expect("an address");
    let file: Vec<u8> = (0..9_000_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let digest = Digest::of(&file);
    ServiceLine::over(remote)
        .upload(Cursor::new(&file), file.len() as u64, (&digest, None), &mut |_| ())
        .expect("uploaded");

    let address = SocketAddr::from(([127, 0, 0, 1], public));
    let ours = post(address, "/api/v1/filings", 2 << 20);
    assert!(ours.starts_with("HTTP/1.1 413"), "{ours}");
    assert!(
        ours.contains("application/problem+json") && ours.contains("too-large"),
        "{ours}"
    );
    let its = post(address, "/api/v1/filings", 6 << 20);
    assert!(its.starts_with("HTTP/1.1 413"), "{its}");

    // With no place on the disk for bodies, what is written without scripts goes through all the same; a filing of that size would not.
    std::fs::remove_dir_all(world.path("nginx/client_body")).expect("nginx made it");
    let parts = [("step", "write".to_owned()), ("account", "a".repeat(300_000))];
    let part = |(name, text)| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let body = parts.map(part).concat() + "--b--\r\n";
    let head = format!(
        "POST /es/sin-scripts HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut socket = TcpStream::connect(address).expect("a socket");
    let written = said(&mut socket, (head + &body).as_bytes());
    assert!(written.starts_with("HTTP/1.1 422") && written.contains(&"a".repeat(300_000)));
    let stored = post(address, "/api/v1/filings", 300_000);
    assert!(stored.starts_with("HTTP/1.1 500"), "{stored}");

    // What comes through it is what the log says that the service serves, headers too.
    world.run(&["verify-site"]).ok();

    let left = std::fs::read_dir(world.path("nginx")).expect("a folder").flatten();
    let logs: Vec<_> = left
        .map(|file| file.file_name())
        .filter(|name| name.to_string_lossy().contains("access"))
        .collect();
    assert!(logs.is_empty(), "no log of who came: {logs:?}");
}
