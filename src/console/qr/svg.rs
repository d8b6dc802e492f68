//! The code as an SVG drawing, one unit a module.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::Qr;
use super::page::escape;
use crate::lang::clean;

/// The largest letters, and how wide a column of text is, in parts of its height.
const LETTERS: f64 = 2.4;
const COLUMN: f64 = 0.62;

impl Qr {
    /// The code as an SVG drawing; each line of `caption` is written below it.
    #[must_use]
    pub fn svg(&self, caption: Option<&str>) -> String {
        let side = self.side();
        let lines: Vec<&str> = caption
            .map(|text| text.lines().collect())
            .unwrap_or_default();
        let letters = letter_size(&lines, side);
        let line_height = letters * 1.4;
        let height = to_units(side) + to_units(lines.len()) * line_height;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {height:.1}\" \
             width=\"{}\" height=\"{:.0}\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
             <path fill=\"#000\" shape-rendering=\"crispEdges\" d=\"{}\"/>\n",
            side * 8,
            height * 8.0,
            self.path(),
        );
        for (number, line) in lines.iter().enumerate() {
            let baseline = to_units(side) + to_units(number) * line_height + letters * 0.6;
            let line = escape(&clean(line));
            let middle = to_units(side) / 2.0;
            // Writing to a string cannot fail.
            let _ = writeln!(
                svg,
                "<text x=\"{middle}\" y=\"{baseline:.2}\" font-size=\"{letters:.2}\" \
                 font-family=\"sans-serif\" text-anchor=\"middle\">{line}</text>",
            );
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// The dark modules, each run of a row as one rectangle.
    fn path(&self) -> String {
        let side = self.side();
        let mut path = String::new();
        for y in 0..side {
            let mut x = 0;
            while x < side {
                let run = (x..side).take_while(|x| self.is_dark(*x, y)).count();
                if run > 0 {
                    let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
                }
                x += run.max(1);
            }
        }
        path
    }
}

fn letter_size(lines: &[&str], side: usize) -> f64 {
    let columns = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    (to_units(side) / (to_units(columns.max(1)) * COLUMN)).min(LETTERS)
}

fn to_units(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
