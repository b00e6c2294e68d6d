//! A page that does everything that ours must not, to show that the examination sees it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use anyhow::Result;

/// The text that the page leaves behind.
pub const LEFT: &str = "una frase que nadie debe hallar";

const PAGE: &str = r#"<!doctype html><title>bait</title><meta name="viewport" content="width=device-width">
<style>body { width: 2000px } p { color: #ccc }</style>
<p>pale</p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><input>
<script>
document.cookie = "left=1";
localStorage.setItem("left", "una frase que nadie debe hallar");
console.error("the bait complains");
setTimeout("document.title = 'a string ran'");
</script>"#;

/// Serves the page on a port of its own, for as long as the process lives; gives its address.
pub fn bait() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{PAGE}", PAGE.len());
        }
    });
    Ok(address)
}
