//! `--jq`: a filter over the JSON of an answer, in the language of jq.

use std::fmt;
use std::sync::Once;
use std::sync::atomic::Ordering::Relaxed;

use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::{Val, read};
use serde_json::Value;

use super::list::Next;
use super::{Console, ConsoleError};
use crate::lang::{Text, text};
use crate::sys::signals::{self, Turns};

/// Definitions of jq's standard library that need regular expressions, dates, floating-point
/// functions, encodings or a stderr of their own, which would make the program much larger.
const LACKING: [&str; 27] = [
    "stderr",
    "debug",
    "halt_error",
    "logb",
    "significand",
    "pow10",
    "drem",
    "nexttoward",
    "scalb",
    "gamma",
    "test",
    "scan_",
    "scan",
    "match",
    "capture",
    "capture_of_match",
    "splits",
    "sub",
    "gsub",
    "todate",
    "fromdate",
    "@html",
    "@htmld",
    "@uri",
    "@urid",
    "@base64",
    "@base64d",
];

/// The two that tables are made with.
const FORMATS: &str = r#"
def replaced($old; $new): split($old) | join($new);
def @csv: map(
    if isstring then "\"" + replaced("\""; "\"\"") + "\""
    elif . == null then "" else tostring end
) | join(",");
def @tsv: map(
    if isstring then replaced("\\"; "\\\\") | replaced("\t"; "\\t")
        | replaced("\n"; "\\n") | replaced("\r"; "\\r")
    elif . == null then "" else tostring end
) | join("\t");
"#;

/// A filter, ready to be run.
///
/// It sees the answer and nothing else: no environment, no files, no other input.
pub struct Filter {
    expression: String,
    compiled: jaq_core::Filter<JustLut<Val>>,
    /// A filter need not end, and nothing else is looked after while it runs.
    turns: Turns,
    watched: Once,
}

/// A run of the filter, until it is dropped.
struct Turn<'a>(&'a Turns);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// Why an expression is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongFilter {
    /// Where the mistake is: the number of the character, the first being 1.
    pub at: usize,
    /// What is written from there on; empty at the end.
    pub rest: String,
    /// What is wrong there.
    pub problem: Text,
}

/// What is wrong, and at which byte of the expression.
type Mistake = (Text, usize);

impl Filter {
    fn turn(&self) -> Turn<'_> {
        self.watched
            .call_once(|| signals::end_when_stuck(&self.turns));
        self.turns.fetch_add(1, Relaxed);
        Turn(&self.turns)
    }

    /// Reads an expression.
    ///
    /// # Errors
    /// [`WrongFilter`], for the first mistake in it.
    pub fn new(expression: &str) -> Result<Self, WrongFilter> {
        compile(expression).map_err(|(problem, start)| WrongFilter {
            at: expression[..start].chars().count() + 1,
            rest: expression[start..].to_owned(),
            problem,
        })
    }
}

fn compile(expression: &str) -> Result<Filter, Mistake> {
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs().filter(is_whole))
        .chain(jaq_json::defs())
        .chain(load::parse(FORMATS, |parser| parser.defs()).unwrap_or_default());
    let functions = jaq_core::funs()
        .chain(jaq_std::base_funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let program = File {
        code: expression,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, program)
        .map_err(|errors| {
            let mut mistakes = errors
                .into_iter()
                .filter_map(|(_, error)| unreadable(error));
            first(&mut mistakes, expression)
        })?;
    let compiled = Compiler::default().with_funs(functions).compile(modules);
    let compiled = compiled.map_err(|errors| {
        let unknown = errors.into_iter().flat_map(|(_, errors)| errors);
        let mut mistakes = unknown.map(|(name, kind)| (undefined(name, &kind), name));
        first(&mut mistakes, expression)
    })?;
    Ok(Filter {
        expression: expression.to_owned(),
        compiled,
        turns: Turns::default(),
        watched: Once::new(),
    })
}

/// Whether everything that a definition is made of is built in.
fn is_whole(definition: &Def<&'static str>) -> bool {
    let lacks = |name: &&str| *name == definition.name;
    let regular = definition.name == "split" && definition.args.len() > 1;
    !regular && !LACKING.iter().any(lacks)
}

fn undefined(name: &str, kind: &Undefined) -> Text {
    match kind {
        Undefined::Filter(arguments) => text!(
            "there is no filter `{name}` with {arguments} arguments",
            "没有名为 `{name}`、带 {arguments} 个参数的过滤器"
        ),
        Undefined::Var => text!("there is no variable `{name}`", "没有变量 `{name}`"),
        _ => text!("there is no `{name}`", "没有 `{name}`"),
    }
}

fn unreadable(error: load::Error<&str>) -> Option<(Text, &str)> {
    let expected = |what: &str| text!("expected {what}", "此处应为 {what}");
    match error {
        load::Error::Lex(errors) => {
            let (what, part) = errors.into_iter().next()?;
            Some((expected(what.as_str()), part))
        }
        load::Error::Parse(errors) => {
            let (what, part) = errors.into_iter().next()?;
            Some((expected(what.as_str()), part))
        }
        load::Error::Io(errors) => {
            let (part, _) = errors.into_iter().next()?;
            let words = text!("a filter here reads no files", "这里的过滤器不能读取文件");
            Some((words, part))
        }
    }
}

/// The first mistake, its part as a place in the expression.
fn first(mistakes: &mut dyn Iterator<Item = (Text, &str)>, expression: &str) -> Mistake {
    let Some((words, part)) = mistakes.next() else {
        return (text!("it cannot be read", "无法解析"), 0);
    };
    // What is missing at the end points nowhere.
    let start = (part.as_ptr() as usize).wrapping_sub(expression.as_ptr() as usize);
    match expression.get(start..) {
        Some(_) if !part.is_empty() => (words, start),
        _ => (words, expression.len()),
    }
}

impl Filter {
    /// What the filter says of a failure, without the values it got: they may be secret, and long.
    fn without_values(&self, reason: &str) -> String {
        let (mut told, mut rest) = (String::new(), reason);
        while let Some(start) = rest.find(['{', '[', '"']) {
            told.push_str(&rest[..start]);
            rest = &rest[start..];
            let mut values = serde_json::Deserializer::from_str(rest).into_iter();
            let kind = match values.next() {
                Some(Ok(Value::Object(_))) => "an object",
                Some(Ok(Value::Array(_))) => "an array",
                // What the expression itself has is no secret.
                Some(Ok(Value::String(text))) if self.expression.contains(&text) => {
                    &rest[..values.byte_offset()]
                }
                Some(Ok(_)) => "a string",
                _ => return told + "…",
            };
            told.push_str(kind);
            rest = &rest[values.byte_offset()..];
        }
        told + rest
    }
}

impl Console {
    /// Writes what the filter makes of a JSON document, a result a line: strings as they are,
    /// everything else as JSON.
    ///
    /// # Errors
    /// [`ConsoleError::Filter`] where the filter fails on this document; what it gave before is
    /// written.
    pub(super) fn filtered(&self, filter: &Filter, json: &[u8]) -> Result<Next, ConsoleError> {
        let failed = |reason: &dyn fmt::Display| ConsoleError::Filter {
            reason: reason.to_string(),
        };
        let input = read::parse_single(json).map_err(|error| failed(&error))?;
        let context = Ctx::<JustLut<Val>>::new(&filter.compiled.lut, Vars::new([]));
        let mut line = Vec::new();
        let _turn = filter.turn();
        for result in filter.compiled.id.run((context, input)) {
            line.clear();
            match result {
                Ok(Val::TStr(text) | Val::BStr(text)) if self.is_terminal() => {
                    let text = String::from_utf8_lossy(&text);
                    line.extend_from_slice(self.seen(&text).as_bytes());
                }
                Ok(Val::TStr(text) | Val::BStr(text)) => line.extend_from_slice(&text),
                Ok(value) => {
                    let json = value.to_string().into_bytes();
                    line.extend_from_slice(&self.seen_json(&json));
                }
                Err(exception) => match exception.get_err() {
                    Ok(error) => {
                        self.shared.flush()?;
                        return Err(failed(&filter.without_values(&error.to_string())));
                    }
                    // `halt`: no further results.
                    Err(_) => break,
                },
            }
            line.push(b'\n');
            if self.shared.write(&line)? == Next::Stop {
                return Ok(Next::Stop);
            }
        }
        self.shared.flush()
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Filter")
    }
}
