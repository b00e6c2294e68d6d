//! A page that does everything that ours must not, to show that the examination sees it.

use anyhow::Result;

use crate::files::{File, serve};

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
    serve(vec![File::page(PAGE)])
}
