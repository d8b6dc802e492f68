//! `link --save FILE`: the QR code as a picture, with the time it dies.

use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::exit::Kind;
use crate::console::Console;
use crate::console::qr::Qr;
use crate::console::when;
use crate::flow::AuthorizationLink;
use crate::sys::files;

/// What the file's ending asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum PictureFormat {
    Png,
    Svg,
    Html,
}

pub(super) fn format_of(path: &Path) -> Result<PictureFormat, CliError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "png" => Ok(PictureFormat::Png),
        "svg" => Ok(PictureFormat::Svg),
        "html" | "htm" => Ok(PictureFormat::Html),
        _ => Err(CliError::usage(format!("cannot tell the format of {}", path.display()))
            .hint("end the name in .png, .svg or .html")),
    }
}

pub(super) fn save(
    console: &Console,
    path: &Path,
    format: PictureFormat,
    link: &AuthorizationLink,
) -> Result<(), CliError> {
    let wrong = |error: &dyn std::fmt::Display| {
        CliError::new(Kind::Internal, "cannot draw the QR code").cause(error.to_string())
    };
    let url = link.url.expose();
    let qr = Qr::encode(url).map_err(|error| wrong(&error))?;
    let dies = when::local_with_offset(link.expires_at, console.zone());
    let picture = match format {
        PictureFormat::Png => qr.png(Some(&dies)).map_err(|error| wrong(&error))?,
        PictureFormat::Svg => qr.svg(Some(&dies)).into_bytes(),
        PictureFormat::Html => qr.html(url, &dies).into_bytes(),
    };
    files::replace_private(path, &picture).map_err(|error| {
        CliError::new(Kind::Usage, format!("cannot write {}", path.display()))
            .cause(error.to_string())
            .hint("name a file in a folder that is yours")
    })
}
