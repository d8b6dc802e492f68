//! The words of a help stand in one place.

use super::sources;

/// clap prefers the words of a variant to those of the arguments in it: a line there hides whole
/// paragraphs here.
#[test]
fn a_variant_says_nothing_over_the_words_of_its_arguments() {
    let (mut seen, mut hiding) = (0, Vec::new());
    for source in sources::rust("src/cli") {
        let mut said = false;
        for line in source.text.lines().map(str::trim) {
            if line.starts_with("///") {
                said = true;
            } else if !line.starts_with("#[") {
                if is_variant_of_arguments(line) {
                    seen += 1;
                    if said {
                        hiding.push(format!("{}: {line}", source.path));
                    }
                }
                said = false;
            }
        }
    }
    assert!(seen > 20, "the search finds {seen} commands only");
    assert_eq!(hiding, Vec::<String>::new(), "move the words to the Args");
}

/// Such as `Redeem(redeem::RedeemArgs),` or `Link(Box<link::LinkArgs>),`.
fn is_variant_of_arguments(line: &str) -> bool {
    let Some((name, held)) = line.split_once('(') else {
        return false;
    };
    let word = !name.is_empty() && name.chars().all(char::is_alphanumeric);
    word && name.starts_with(char::is_uppercase)
        && held
            .trim_end_matches(',')
            .trim_end_matches(')')
            .trim_end_matches('>')
            .ends_with("Args")
}
