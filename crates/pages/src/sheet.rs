//! Tables for programs that calculate (CSV, RFC 4180).

/// A text in a table. One that a program could take for a formula begins with an apostrophe.
pub(crate) fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}
