//! YAML, with the documents of Spring Boot.

use std::collections::HashMap;

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

use super::error::Damage;
use super::leaf::{Leaves, Raw};

/// Deeper than this no configuration is.
const DEEPEST: usize = 64;
/// What aliases may grow a file to.
const MOST: usize = 100_000;

#[derive(Clone)]
enum Node {
    Scalar { text: Option<String>, line: usize },
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
}

/// A node that is still being read, with the anchor that names it.
enum Open {
    Map {
        anchor: usize,
        entries: Vec<(String, Node)>,
        name: Option<String>,
    },
    List {
        anchor: usize,
        items: Vec<Node>,
    },
}

pub(super) fn read(text: &str) -> Result<Leaves, Damage> {
    let mut leaves = Leaves::default();
    let mut reader = Reader::default();
    let mut parser = Parser::new_from_str(text);
    loop {
        // Event by event: the parser's own way down would go as deep as the text does.
        let (event, marker) = parser
            .next_token()
            .map_err(|error| Damage::new(error.marker().line(), error.info()))?;
        let line = marker.line();
        match event {
            Event::StreamEnd => return Ok(leaves),
            Event::Nothing | Event::StreamStart => {}
            Event::DocumentStart => reader = Reader::default(),
            Event::DocumentEnd => {
                if let Some(root) = reader.root.take() {
                    walk(&root, &mut Vec::new(), &mut leaves);
                }
                leaves.part += 1;
            }
            Event::Scalar(text, style, anchor, _) => {
                let nothing = style == TScalarStyle::Plain && is_null(&text);
                let text = (!nothing).then_some(text);
                reader.add(Node::Scalar { text, line }, anchor, line)?;
            }
            Event::Alias(anchor) => {
                let known = reader.anchors.get(&anchor).cloned();
                let node = known.ok_or_else(|| Damage::new(line, "an alias names nothing"))?;
                reader.grow(size(&node), line)?;
                reader.add(node, 0, line)?;
            }
            Event::MappingStart(anchor, _) => reader.open(
                Open::Map {
                    anchor,
                    entries: Vec::new(),
                    name: None,
                },
                line,
            )?,
            Event::SequenceStart(anchor, _) => reader.open(
                Open::List {
                    anchor,
                    items: Vec::new(),
                },
                line,
            )?,
            Event::MappingEnd | Event::SequenceEnd => match reader.stack.pop() {
                Some(Open::Map {
                    anchor, entries, ..
                }) => reader.add(Node::Map(entries), anchor, line)?,
                Some(Open::List { anchor, items }) => {
                    reader.add(Node::List(items), anchor, line)?;
                }
                None => {}
            },
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

#[derive(Default)]
struct Reader {
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    grown: usize,
}

impl Reader {
    fn open(&mut self, node: Open, line: usize) -> Result<(), Damage> {
        if self.stack.len() >= DEEPEST {
            return Err(Damage::new(line, "the nesting is too deep"));
        }
        self.stack.push(node);
        Ok(())
    }

    fn grow(&mut self, by: usize, line: usize) -> Result<(), Damage> {
        self.grown = self.grown.saturating_add(by);
        match self.grown > MOST {
            true => Err(Damage::new(line, "its aliases make it too large")),
            false => Ok(()),
        }
    }

    /// Puts a node where the text has it.
    fn add(&mut self, node: Node, anchor: usize, line: usize) -> Result<(), Damage> {
        if anchor != 0 {
            self.grow(size(&node), line)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, name, .. }) => match name.take() {
                Some(name) if name == "<<" => merge(entries, node),
                Some(name) => entries.push((name, node)),
                None => {
                    // A name that is no text names nothing that is looked for.
                    *name = Some(match node {
                        Node::Scalar { text, .. } => text.unwrap_or_default(),
                        _ => String::new(),
                    });
                }
            },
        }
        Ok(())
    }
}

/// `<<: *base`: what the map itself says counts.
fn merge(entries: &mut Vec<(String, Node)>, node: Node) {
    match node {
        // Before the map's own: the last of a name counts.
        Node::Map(base) => {
            entries.splice(0..0, base);
        }
        Node::List(bases) => bases.into_iter().for_each(|base| merge(entries, base)),
        Node::Scalar { .. } => {}
    }
}

fn size(node: &Node) -> usize {
    match node {
        Node::Scalar { .. } => 1,
        Node::Map(entries) => 1 + entries.iter().map(|(_, node)| size(node)).sum::<usize>(),
        Node::List(items) => 1 + items.iter().map(size).sum::<usize>(),
    }
}

fn walk(node: &Node, path: &mut Vec<String>, leaves: &mut Leaves) {
    match node {
        Node::Scalar { text, line } => {
            let raw = text.as_ref().map_or_else(Raw::nothing, Raw::text);
            leaves.push_path(path, *line, raw);
        }
        Node::Map(entries) => {
            for (name, node) in entries {
                path.push(name.clone());
                walk(node, path, leaves);
                path.pop();
            }
        }
        Node::List(items) => {
            for (number, node) in items.iter().enumerate() {
                path.push(format!("[{number}]"));
                walk(node, path, leaves);
                path.pop();
            }
        }
    }
}
