//! Title and logo of the pages.

use crate::cli::error::{CliError, read_failure};
use crate::lang::{Text, text};
use crate::serve::{Branding, Logo};
use crate::sys::files;

use super::ServeArgs;

/// The largest logo that is served.
const LIMIT: u64 = 512 << 10;

pub(super) fn load(args: &ServeArgs) -> Result<Branding, CliError> {
    let title = args.title.as_ref().map(|title| title.trim().to_owned());
    let Some(path) = &args.logo else {
        return Ok(Branding { title, logo: None });
    };
    let refused = |why: Text| {
        CliError::usage(text!(
            "cannot use the logo {}",
            "无法使用 logo {}",
            path.display()
        ))
        .cause(why)
    };
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let content_type = match ending.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => {
            return Err(refused(text!(
                "it is no .png, .jpg, .svg or .webp",
                "不是 .png、.jpg、.svg 或 .webp 文件"
            )));
        }
    };
    let bytes = files::read_bytes(path, LIMIT).map_err(|error| refused(read_failure(&error)))?;
    Ok(Branding {
        title,
        logo: Some(Logo {
            content_type,
            bytes,
        }),
    })
}
