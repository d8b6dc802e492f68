//! The QR code in the terminal, photographed: drawn as a terminal would and read by zbarimg.

use jiff::tz::TimeZone;
use wxauth::console::qr::{Ink, Qr, QrError};
use wxauth::console::{Capture, ColorChoice, Console, ConsoleOptions};
use wxauth::sys::clock::Clock;
use wxauth::sys::env::Environment;

use super::scanner::{save_pgm, scan, scan_inverted};

pub const LINK: &str = "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1&component_appid=wx1234567890abcdef&pre_auth_code=preauthcode@@@Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0Kk1Ll2Mm3Nn4Oo5Pp6Qq7Rr8Ss9Tt0Uu1Vv2Ww3Xx4Yy5Zz&redirect_uri=https%3A%2F%2Fauth.example.com%2Fcallback&auth_type=3#wechat_redirect";

/// What a terminal shows before any colour is set.
#[derive(Clone, Copy)]
pub struct Screen {
    ink: u8,
    paper: u8,
}

pub const DARK: Screen = Screen {
    ink: 0xc0,
    paper: 0x10,
};
pub const LIGHT: Screen = Screen {
    ink: 0x20,
    paper: 0xf0,
};

/// Eight by sixteen pixels a character, in the middle of a screen of its own colour.
fn photograph(text: &str, screen: Screen) -> Vec<Vec<u8>> {
    let columns = text.lines().map(visible_length).max().unwrap() + 8;
    let margin = || vec![vec![screen.paper; columns * 8]; 32];
    let mut rows = margin();
    for line in text.lines() {
        let mut upper = vec![screen.paper; 4 * 8];
        let mut lower = upper.clone();
        let (mut ink, mut paper) = (screen.ink, screen.paper);
        let mut characters = line.chars();
        while let Some(character) = characters.next() {
            let (top, bottom) = match character {
                '\u{1b}' => {
                    let codes: String = characters
                        .by_ref()
                        .skip(1)
                        .take_while(|c| *c != 'm')
                        .collect();
                    (ink, paper) = select(&codes, screen, (ink, paper));
                    continue;
                }
                '█' => (ink, ink),
                '▀' => (ink, paper),
                '▄' => (paper, ink),
                ' ' => (paper, paper),
                other => panic!("a code has no {other:?}"),
            };
            upper.extend([top; 8]);
            lower.extend([bottom; 8]);
        }
        for row in [upper, lower] {
            let mut row = row;
            row.resize(columns * 8, screen.paper);
            rows.extend(vec![row; 8]);
        }
    }
    rows.extend(margin());
    rows
}

fn visible_length(line: &str) -> usize {
    let in_sequences = line
        .split('\u{1b}')
        .skip(1)
        .filter_map(|part| part.find('m'));
    line.chars().count() - in_sequences.map(|end| end + 2).sum::<usize>()
}

/// Ink and paper after a colour sequence.
fn select(codes: &str, screen: Screen, (mut ink, mut paper): (u8, u8)) -> (u8, u8) {
    let mut codes = codes.split(';');
    while let Some(code) = codes.next() {
        let mut color = || match (codes.next(), codes.next()) {
            (Some("5"), Some("16")) => 0x00,
            (Some("5"), Some("231")) => 0xff,
            other => panic!("an unknown colour {other:?}"),
        };
        match code {
            "" | "0" => (ink, paper) = (screen.ink, screen.paper),
            "38" => ink = color(),
            "48" => paper = color(),
            other => panic!("an unknown code {other}"),
        }
    }
    (ink, paper)
}

pub fn assert_scans(text: &str, screen: Screen, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("screen.pgm");
    save_pgm(&path, &photograph(text, screen));
    if let Some(read) = scan(&path) {
        assert_eq!(read, expected);
    }
}

#[test]
fn the_coloured_code_scans_on_dark_and_light_terminals() {
    for text in [LINK, "x", "https://例子.example/授权?a=1"] {
        let code = Qr::encode(text).unwrap().terminal(100, Ink::Ansi).unwrap();
        assert_scans(&code, DARK, text);
        assert_scans(&code, LIGHT, text);
    }
}

#[test]
fn without_colour_the_code_scans_on_the_screen_it_is_made_for() {
    let code = Qr::encode(LINK).unwrap();
    assert_scans(&code.terminal(100, Ink::DarkScreen).unwrap(), DARK, LINK);
    assert_scans(&code.terminal(100, Ink::LightScreen).unwrap(), LIGHT, LINK);
}

#[test]
fn without_colour_on_the_other_screen_a_scanner_that_knows_inverted_codes_reads_it() {
    let code = Qr::encode(LINK).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("screen.pgm");
    let text = code.terminal(100, Ink::DarkScreen).unwrap();
    save_pgm(&path, &photograph(&text, LIGHT));
    if let Some(read) = scan_inverted(&path) {
        assert_eq!(read, LINK);
    }
}

#[test]
fn the_link_fits_eighty_columns_and_a_narrower_terminal_is_told_what_it_takes() {
    let code = Qr::encode(LINK).unwrap();
    assert!(code.side() <= 80, "{} columns", code.side());
    assert!(code.terminal(code.side(), Ink::Ansi).is_ok());
    let needed = code.side();
    match code.terminal(needed - 1, Ink::Ansi) {
        Err(QrError::TooNarrow { needed: said, .. }) => assert_eq!(said, needed),
        _ => panic!("it does not fit"),
    }
}

#[test]
fn the_console_picks_the_ink_its_terminal_can_show() {
    let code = Qr::encode(LINK).unwrap();
    let picked = |color, pairs: &[(&str, &str)], width: Option<usize>| {
        let mut streams = Capture::new().streams();
        if let Some(width) = width {
            streams = streams.as_terminal(width);
        }
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment: Environment = pairs.collect();
        let options = ConsoleOptions {
            color,
            ..ConsoleOptions::default()
        };
        let console = Console::over(
            streams,
            TimeZone::UTC,
            options,
            &environment,
            Clock::system(),
        );
        console.qr(&code)
    };
    let with = |ink| code.terminal(100, ink).unwrap();
    let auto = ColorChoice::Auto;
    assert_eq!(picked(auto, &[], Some(100)).unwrap(), with(Ink::Ansi));
    assert_eq!(picked(auto, &[], None).unwrap(), with(Ink::DarkScreen));
    assert_eq!(
        picked(ColorChoice::Never, &[], Some(100)).unwrap(),
        with(Ink::DarkScreen)
    );
    let light = [("NO_COLOR", "1"), ("COLORFGBG", "0;15")];
    assert_eq!(
        picked(auto, &light, Some(100)).unwrap(),
        with(Ink::LightScreen)
    );
    assert!(matches!(
        picked(auto, &[], Some(20)),
        Err(QrError::TooNarrow { width: 20, .. })
    ));
}

#[test]
fn a_text_beyond_any_code_is_refused() {
    assert!(matches!(
        Qr::encode(&"x".repeat(3000)),
        Err(QrError::TooLong { length: 3000 })
    ));
}
