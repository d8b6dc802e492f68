//! The code as a PNG image, one bit a pixel.

use png::{BitDepth, ColorType, Encoder};

use super::{Qr, QrError, font};

/// Pixels a module has at the least, and an image across.
const MODULE: usize = 8;
const ACROSS: usize = 480;

impl Qr {
    /// The code as a PNG image, at least eight pixels a module; each line of `caption` is printed
    /// below it (digits, Latin capitals and `-+:./_()`).
    ///
    /// # Errors
    /// [`QrError::Picture`] when it cannot be encoded.
    pub fn png(&self, caption: Option<&str>) -> Result<Vec<u8>, QrError> {
        let side = self.side();
        let module = MODULE.max(ACROSS.div_ceil(side));
        let across = side * module;
        let lines: Vec<&str> = caption
            .map(|text| text.lines().collect())
            .unwrap_or_default();
        let dot = dot_size(&lines, across);
        let line_height = (font::HEIGHT + 3) * dot;
        let margin = if lines.is_empty() { 0 } else { module };
        let mut image = Image::white(across, across + lines.len() * line_height + margin);
        for y in 0..across {
            for x in 0..across {
                if self.is_dark(x / module, y / module) {
                    image.blacken(x, y);
                }
            }
        }
        for (number, line) in lines.iter().enumerate() {
            image.print(line, across + number * line_height, dot);
        }
        image.encode().map_err(QrError::Picture)
    }
}

/// Dots of the widest line, a dot of space after each character.
fn dots_across(lines: &[&str]) -> usize {
    let longest = lines.iter().map(|line| line.chars().count()).max();
    longest.unwrap_or(0) * (font::WIDTH + 1)
}

/// As large as the widest line allows, within reason.
fn dot_size(lines: &[&str], across: usize) -> usize {
    (across / dots_across(lines).max(1)).clamp(1, 3)
}

struct Image {
    width: usize,
    height: usize,
    row_bytes: usize,
    bits: Vec<u8>,
}

impl Image {
    fn white(width: usize, height: usize) -> Self {
        let row_bytes = width.div_ceil(8);
        Self {
            width,
            height,
            row_bytes,
            bits: vec![0xff; row_bytes * height],
        }
    }

    /// Makes a pixel black; one outside is left out.
    fn blacken(&mut self, x: usize, y: usize) {
        if x < self.width && y < self.height {
            self.bits[y * self.row_bytes + x / 8] &= !(0x80 >> (x % 8));
        }
    }

    /// Prints `line` in the middle, from row `top` on, with dots of `dot` pixels.
    fn print(&mut self, line: &str, top: usize, dot: usize) {
        let left = self.width.saturating_sub(dots_across(&[line]) * dot) / 2;
        for (position, character) in line.chars().enumerate() {
            let left = left + position * (font::WIDTH + 1) * dot;
            for (row, dots) in font::glyph(character).into_iter().enumerate() {
                let set = (0..font::WIDTH).filter(|column| dots & (0x10 >> column) != 0);
                for column in set {
                    self.fill(left + column * dot, top + row * dot, dot);
                }
            }
        }
    }

    fn fill(&mut self, left: usize, top: usize, size: usize) {
        for y in top..top + size {
            for x in left..left + size {
                self.blacken(x, y);
            }
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let pixels = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, pixels(self.width), pixels(self.height));
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bits)?;
        writer.finish()?;
        Ok(file)
    }
}
