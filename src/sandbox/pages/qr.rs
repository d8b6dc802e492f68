//! A QR code as a drawing inside the page.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// The light margin that scanners need around a code, in modules.
const QUIET_ZONE: usize = 4;

/// The drawing, black on white on any page; nothing for a text that no code can hold.
pub fn drawing(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, module) in code.into_colors().into_iter().enumerate() {
        if module == Color::Dark {
            let (x, y) = (at % width + QUIET_ZONE, at / width + QUIET_ZONE);
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    let side = width + 2 * QUIET_ZONE;
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"授权二维码\" viewBox=\"0 0 {side} {side}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\
         <path fill=\"#000\" shape-rendering=\"crispEdges\" d=\"{path}\"/></svg>"
    ))
}
