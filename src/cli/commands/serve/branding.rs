//! Title and logo of the pages.

use crate::cli::error::CliError;
use crate::serve::{Branding, Logo};
use crate::sys::files;

use super::ServeArgs;

/// The largest logo that is served.
const LIMIT: usize = 512 * 1024;

pub(super) fn load(args: &ServeArgs) -> Result<Branding, CliError> {
    let title = args.title.as_ref().map(|title| title.trim().to_owned());
    let Some(path) = &args.logo else {
        return Ok(Branding { title, logo: None });
    };
    let refused =
        |why: String| CliError::usage(format!("cannot use the logo {}", path.display())).cause(why);
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let content_type = match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => return Err(refused("it is no .png, .jpg, .svg or .webp".to_owned())),
    };
    let bytes = files::read_bytes(path).map_err(|error| refused(error.to_string()))?;
    if bytes.len() > LIMIT {
        return Err(refused(format!(
            "it has {} bytes; the most is {LIMIT}",
            bytes.len()
        )));
    }
    Ok(Branding {
        title,
        logo: Some(Logo {
            content_type,
            bytes,
        }),
    })
}
