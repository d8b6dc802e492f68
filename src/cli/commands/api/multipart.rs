//! Bodies of `multipart/form-data`: uploads of pictures and files.

use std::path::Path;

use crate::cli::error::CliError;
use crate::lang::text;
use crate::sys::random;

/// One part of a form.
pub(super) struct Part {
    /// The field.
    pub(super) name: String,
    /// The file's name and media type; a text has none.
    pub(super) file: Option<(String, String)>,
    /// Where the file is, as it was named.
    pub(super) source: Option<String>,
    /// What is in it.
    pub(super) content: Vec<u8>,
}

/// What extensions that WeChat takes stand for.
const TYPES: [(&str, &str); 11] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("mp3", "audio/mpeg"),
    ("amr", "audio/amr"),
    ("mp4", "video/mp4"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("json", "application/json"),
];

impl Part {
    /// A file; `kind` is its media type where the user said it.
    pub(super) fn file(
        name: &str,
        path: &Path,
        kind: Option<&str>,
        content: Vec<u8>,
    ) -> Result<Self, CliError> {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let known = TYPES.iter().find(|(known, _)| extension == *known);
        let guessed = known.map_or("application/octet-stream", |(_, kind)| kind);
        Ok(Self {
            name: header_text(name)?,
            file: Some((header_text(&file)?, header_text(kind.unwrap_or(guessed))?)),
            source: Some(path.display().to_string()),
            content,
        })
    }

    /// A text.
    pub(super) fn text(name: &str, text: &str) -> Result<Self, CliError> {
        Ok(Self {
            name: header_text(name)?,
            file: None,
            source: None,
            content: text.as_bytes().to_vec(),
        })
    }
}

/// A text that may stand in a header between quotes.
fn header_text(text: &str) -> Result<String, CliError> {
    if text.contains(['"', '\r', '\n', '\\']) {
        return Err(CliError::usage(text!(
            "`{text}` cannot be the name of a part",
            "`{text}` 不能用作表单项名称"
        )));
    }
    Ok(text.to_owned())
}

/// The content type and the body of a form.
pub(super) fn encode(parts: &[Part]) -> (String, Vec<u8>) {
    let boundary = format!("wxauth-{}", random::hex(16));
    let mut body = Vec::new();
    for part in parts {
        let name = &part.name;
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"");
        if let Some((file, kind)) = &part.file {
            head.push_str(&format!("; filename=\"{file}\"\r\nContent-Type: {kind}"));
        }
        head.push_str("\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
