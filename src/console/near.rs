//! What somebody meant who wrote a name not quite right.

/// The name that whoever wrote `wanted` most likely meant; each has its titles for people beside it.
pub(super) fn near<'a>(
    wanted: &str,
    known: impl Iterator<Item = (&'a str, [&'a str; 2])>,
) -> Option<String> {
    let wanted = wanted.trim().to_lowercase().replace(['-', ' '], "_");
    let known: Vec<_> = known.collect();
    let titled = known
        .iter()
        .find(|(_, titles)| titles.iter().any(|title| title.to_lowercase() == wanted));
    let closest = || {
        let allowed = (wanted.chars().count() / 3).max(1);
        let distances = known
            .iter()
            .map(|entry| (distance(&wanted, entry.0), entry));
        let near = distances.filter(|(distance, _)| *distance <= allowed);
        near.min_by_key(|(distance, _)| *distance)
            .map(|(_, entry)| entry)
    };
    let having = || {
        let mut parts = known.iter().filter(|(name, _)| name.contains(&wanted));
        parts.next().filter(|_| wanted.len() > 2)
    };
    let (name, _) = titled.or_else(closest).or_else(having)?;
    Some((*name).to_owned())
}

/// How many letters must be written, struck out or changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = index + 1;
        for (position, known) in other.iter().enumerate() {
            let changed = corner + usize::from(letter != *known);
            corner = row[position + 1];
            row[position + 1] = changed.min(corner + 1).min(row[position] + 1);
        }
    }
    row[other.len()]
}
