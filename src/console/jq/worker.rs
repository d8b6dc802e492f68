//! The process that runs a filter. A filter is a program, which may recurse without end, or ask for
//! more memory than there is: that ends this process, and not the one whose answer it filters.

use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use jaq_core::data::JustLut;
use jaq_core::{Ctx, Vars};
use jaq_json::{Val, read};
use serde_json::Value;

use super::expression::{self, Compiled};
use crate::console::Streams;
use crate::sys::process;

/// What the program is called with to be such a process.
pub(super) const ROLE: &str = "filter-worker";

/// How deep a filter may recurse, in bytes of the stack.
const STACK: usize = 128 << 20;
/// How much memory a filter may take, in bytes.
pub(super) const MEMORY: u64 = 2 << 30;

/// What is written for each document: results, then `End` or `Failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Part {
    /// A text, as it is.
    Text = b't',
    /// Another result, as JSON.
    Json = b'j',
    /// The document has no further results.
    End = b'.',
    /// The filter failed on the document; why.
    Failed = b'!',
}

impl Part {
    const ALL: [Self; 4] = [Self::Text, Self::Json, Self::End, Self::Failed];
}

/// Writes `content` with its length before it.
pub(super) fn send(out: &mut impl Write, content: &[u8]) -> io::Result<()> {
    out.write_all(&(content.len() as u64).to_le_bytes())?;
    out.write_all(content)
}

/// Reads what [`send`] wrote.
fn receive(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut content = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    input.read_exact(&mut content)?;
    Ok(content)
}

/// Reads a part of what is written for a document.
pub(super) fn receive_part(input: &mut impl Read) -> io::Result<(Part, Vec<u8>)> {
    let mut kind = [0];
    input.read_exact(&mut kind)?;
    let part = Part::ALL.into_iter().find(|part| *part as u8 == kind[0]);
    let part = part.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok((part, receive(input)?))
}

/// Runs the expression that comes on stdin on each of the documents behind it, until stdin ends,
/// whatever the filter is doing then.
pub(super) fn run() -> ExitCode {
    process::limit_memory(MEMORY);
    let mut input = io::stdin().lock();
    let expression = receive(&mut input).map(String::from_utf8);
    let Ok(Ok(expression)) = expression else {
        return ExitCode::FAILURE;
    };
    let (sender, documents) = channel();
    let runner = thread::Builder::new()
        .name("filter".to_owned())
        .stack_size(STACK)
        .spawn(move || run_all(&expression, &documents));
    if runner.is_err() {
        return ExitCode::FAILURE;
    }
    while let Ok(document) = receive(&mut input) {
        if sender.send(document).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run_all(expression: &str, documents: &Receiver<Vec<u8>>) {
    let mut out = BufWriter::with_capacity(1 << 16, Streams::process().out);
    // The program that gave it has read it before.
    let Ok(compiled) = expression::compile(expression) else {
        return;
    };
    for document in documents {
        let ended = catch_unwind(AssertUnwindSafe(|| {
            run_one(expression, &compiled, &document, &mut out)
        }));
        let failed = match ended {
            Ok(Ok(None)) => None,
            Ok(Ok(Some(reason))) => Some(reason),
            // Nobody reads any more.
            Ok(Err(_)) => return,
            Err(_) => Some("it has a fault of its own".to_owned()),
        };
        let (part, content) = match failed {
            None => (Part::End, String::new()),
            Some(reason) => (Part::Failed, reason),
        };
        if write(&mut out, part, content.as_bytes()).is_err() || out.flush().is_err() {
            return;
        }
    }
}

fn write(out: &mut impl Write, part: Part, content: &[u8]) -> io::Result<()> {
    out.write_all(&[part as u8])?;
    send(out, content)
}

/// Writes what the filter makes of a document; why it failed on it, if it did.
fn run_one(
    expression: &str,
    compiled: &Compiled,
    document: &[u8],
    out: &mut impl Write,
) -> io::Result<Option<String>> {
    let input = match read::parse_single(document) {
        Ok(input) => input,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let context = Ctx::<JustLut<Val>>::new(&compiled.lut, Vars::new([]));
    for result in compiled.id.run((context, input)) {
        match result {
            Ok(Val::TStr(text) | Val::BStr(text)) => write(out, Part::Text, &text)?,
            Ok(value) => write(out, Part::Json, value.to_string().as_bytes())?,
            Err(exception) => match exception.get_err() {
                Ok(error) => return Ok(Some(without_values(expression, &error.to_string()))),
                // `halt`: no further results.
                Err(_) => break,
            },
        }
    }
    Ok(None)
}

/// What the filter says of a failure, without the values it got: they may be secret, and long.
fn without_values(expression: &str, reason: &str) -> String {
    let (mut told, mut rest) = (String::new(), reason);
    while let Some(start) = rest.find(['{', '[', '"']) {
        told.push_str(&rest[..start]);
        rest = &rest[start..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        let kind = match values.next() {
            Some(Ok(Value::Object(_))) => "an object",
            Some(Ok(Value::Array(_))) => "an array",
            // What the expression itself has is no secret.
            Some(Ok(Value::String(text))) if expression.contains(&text) => {
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
