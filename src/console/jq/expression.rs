//! What is written behind `--jq`, read in the language of jq.

use jaq_core::Compiler;
use jaq_core::compile::Undefined;
use jaq_core::data::JustLut;
use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_json::Val;

use crate::lang::{Text, text};

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

/// An expression, ready to be run.
pub(super) type Compiled = jaq_core::Filter<JustLut<Val>>;

/// Reads an expression.
///
/// # Errors
/// [`WrongFilter`], for the first mistake in it.
pub(super) fn compile(expression: &str) -> Result<Compiled, WrongFilter> {
    compiled(expression).map_err(|(problem, start)| WrongFilter {
        at: expression[..start].chars().count() + 1,
        rest: expression[start..].to_owned(),
        problem,
    })
}

fn compiled(expression: &str) -> Result<Compiled, Mistake> {
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
    compiled.map_err(|errors| {
        let unknown = errors.into_iter().flat_map(|(_, errors)| errors);
        let mut mistakes = unknown.map(|(name, kind)| (undefined(name, &kind), name));
        first(&mut mistakes, expression)
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
