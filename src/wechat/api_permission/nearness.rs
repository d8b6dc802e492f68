//! Calls whose path is nearly the one that was asked for.

use super::{ApiPermission, all};

/// The calls nearest to `path`, the nearest first, at most `limit`; none when nothing is near. The
/// same last segment, or WeChat's name for the call, is nearer than any misspelling.
#[must_use]
pub fn near(path: &str, limit: usize) -> Vec<&'static ApiPermission> {
    let wanted = path.to_ascii_lowercase();
    let last = last_segment(&wanted);
    if last.is_empty() {
        return Vec::new();
    }
    let allowed = (wanted.len() / 4).max(2);
    let mut found: Vec<_> = all()
        .iter()
        .filter_map(|call| {
            let known = call.path.to_ascii_lowercase();
            let same = last_segment(&known) == last || call.name.eq_ignore_ascii_case(last);
            let distance = distance(&wanted, &known)
                .min(distance(&wanted, known.trim_start_matches("/cgi-bin")));
            (same || distance <= allowed).then_some((!same, distance, call))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1, &a.2.path).cmp(&(b.0, b.1, &b.2.path)));
    found
        .into_iter()
        .map(|(_, _, call)| call)
        .take(limit)
        .collect()
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// How many letters have to be put in, left out or changed.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.iter().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(to) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
