//! XML as WeChat writes it, read into a small tree under limits, and pieces of it written.

use std::fmt;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};
use serde_json::{Map, Value};

/// Elements within elements; WeChat's deepest push has four.
const DEPTH: usize = 32;
/// Elements altogether.
const ELEMENTS: usize = 20_000;
/// Bytes of text taken at all.
const BYTES: usize = 2 * 1024 * 1024;

/// An element with what is in it. Attributes are left out: WeChat has none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// The tag's name.
    pub name: String,
    /// The text in it, without white space that only lays the tags out.
    pub text: String,
    /// The elements in it, in order.
    pub children: Vec<Self>,
}

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// There is no element at all.
    #[error("there is no XML")]
    Empty,
    /// It breaks XML's rules: a tag left open, a wrong end, a bare ampersand.
    #[error("the XML is broken at byte {at}")]
    Broken {
        /// Where, counted in bytes from the start.
        at: u64,
    },
    /// A document type: it could define entities that grow without end.
    #[error("the XML has a DOCTYPE")]
    Doctype,
    /// A reference to anything but a character or one of the five entities of XML.
    #[error("the XML refers to an entity that nobody defined")]
    Entity,
    /// Something stands behind the end of the outer element, or before its start.
    #[error("there is something beside the outer element")]
    Beside,
    /// Too many bytes, elements or levels.
    #[error("the XML is too large: more than {limit} {of}")]
    TooLarge {
        /// The most that is taken.
        limit: usize,
        /// Of what: `bytes`, `elements`, `levels`.
        of: &'static str,
    },
}

/// Reads one element with everything in it; text with or without CDATA is the same.
///
/// # Errors
/// [`XmlError`]: broken, with a DOCTYPE or an unknown entity, or beyond the limits (2 MiB, 20000
/// elements, 32 levels).
pub fn parse(text: &str) -> Result<Element, XmlError> {
    within(text.len(), BYTES, "bytes")?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut growing = Growing::default();
    loop {
        let event = reader.read_event().map_err(|_| XmlError::Broken {
            at: reader.error_position(),
        })?;
        match event {
            Event::Start(tag) => growing.open(tag.name().as_ref())?,
            Event::Empty(tag) => {
                growing.open(tag.name().as_ref())?;
                growing.close();
            }
            Event::End(_) => growing.close(),
            Event::Text(text) => growing.plain(&text)?,
            Event::CData(text) => growing.literal(&text)?,
            Event::GeneralRef(reference) => {
                let character = resolved(&reference).ok_or(XmlError::Entity)?;
                growing.plain(character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => {
                let at = reader.buffer_position();
                return growing.finished(at);
            }
        }
    }
}

const fn within(count: usize, limit: usize, of: &'static str) -> Result<(), XmlError> {
    if count > limit {
        Err(XmlError::TooLarge { limit, of })
    } else {
        Ok(())
    }
}

fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// The tree while it is read.
#[derive(Default)]
struct Growing {
    open: Vec<Element>,
    /// Plain text since the last tag or CDATA: dropped when it is white space only.
    run: String,
    elements: usize,
    root: Option<Element>,
}

impl Growing {
    fn open(&mut self, name: &str) -> Result<(), XmlError> {
        self.settle();
        if self.root.is_some() {
            return Err(XmlError::Beside);
        }
        self.elements += 1;
        within(self.elements, ELEMENTS, "elements")?;
        within(self.open.len() + 1, DEPTH, "levels")?;
        self.open.push(Element {
            name: name.to_owned(),
            ..Element::default()
        });
        Ok(())
    }

    fn close(&mut self) {
        self.settle();
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
    }

    fn plain(&mut self, text: &str) -> Result<(), XmlError> {
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err(XmlError::Beside);
        }
        self.run.push_str(text);
        Ok(())
    }

    fn literal(&mut self, text: &str) -> Result<(), XmlError> {
        self.settle();
        let inner = self.open.last_mut().ok_or(XmlError::Beside)?;
        inner.text.push_str(text);
        Ok(())
    }

    fn settle(&mut self) {
        let run = std::mem::take(&mut self.run);
        if let Some(inner) = self.open.last_mut()
            && !run.trim().is_empty()
        {
            inner.text.push_str(&run);
        }
    }

    fn finished(self, at: u64) -> Result<Element, XmlError> {
        if self.open.is_empty() {
            self.root.ok_or(XmlError::Empty)
        } else {
            Err(XmlError::Broken { at })
        }
    }
}

impl Element {
    /// The first element of that name directly within.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first element of that name directly within, without white space around it.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim())
    }

    /// What is in it as JSON: text as a string (numbers too), elements as an object, elements of
    /// the same name as an array.
    #[must_use]
    pub fn to_json(&self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.clone());
        }
        let mut fields = Map::new();
        for child in &self.children {
            let value = child.to_json();
            match fields.get_mut(&child.name) {
                None => {
                    fields.insert(child.name.clone(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Value::Object(fields)
    }
}

impl fmt::Debug for Element {
    /// Names only: the texts may be tickets and codes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.name)?;
        formatter.debug_list().entries(&self.children).finish()
    }
}

/// `text` as a CDATA section, whatever is in it.
#[must_use]
pub fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}
