//! The sandbox's clock.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Rejected;
use crate::sandbox::state::World;
use crate::sys::clock::timestamp;

/// A step of the clock, or its return to the machine's time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    offset: Option<Offset>,
    #[serde(default)]
    reset: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Offset {
    Seconds(i64),
    Text(String),
}

/// The farthest that the clock goes, either way: a hundred years.
const FARTHEST: i64 = 100 * 366 * 86_400;

/// Moves the clock and answers where it stands.
pub fn change(world: &mut World, change: &Change) -> Result<Value, Rejected> {
    let step = match &change.offset {
        None => 0,
        Some(Offset::Seconds(seconds)) => *seconds,
        Some(Offset::Text(text)) => seconds(text).ok_or_else(|| {
            let message =
                format!("an offset is like +2h, -30m, 1d12h or a number of seconds: {text}");
            Rejected::new(400, "clock", message)
        })?,
    };
    let from = if change.reset {
        0
    } else {
        world.clock.offset()
    };
    let offset = from
        .checked_add(step)
        .filter(|offset| offset.abs() <= FARTHEST)
        .ok_or_else(|| Rejected::new(400, "clock", "the clock does not go that far"))?;
    world.clock.set_offset(offset);
    world.clock_moved();
    world.mark_settings();
    Ok(json!({"offset": offset, "now": timestamp(world.now()).to_string()}))
}

/// `+2h`, `-90s`, `1d12h`, `300`
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Ok(seconds) = rest.parse::<u32>() {
        return Some(sign * i64::from(seconds));
    }
    let mut total: i64 = 0;
    let mut digits = String::new();
    for letter in rest.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    (digits.is_empty() && !rest.is_empty()).then_some(sign * total)
}
