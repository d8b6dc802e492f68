//! What several commands share, explained: the texts behind `wxauth help TOPIC`.

use crate::lang::Lang;

/// A topic: a document that begins with its title.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// The word that asks for it.
    pub name: &'static str,
    english: &'static str,
    chinese: &'static str,
}

/// Every topic, in the order they are listed.
pub const TOPICS: [Topic; 8] = [
    Topic {
        name: "environment",
        english: include_str!("environment.md"),
        chinese: include_str!("environment.zh.md"),
    },
    Topic {
        name: "exit-codes",
        english: include_str!("exit-codes.md"),
        chinese: include_str!("exit-codes.zh.md"),
    },
    Topic {
        name: "output",
        english: include_str!("output.md"),
        chinese: include_str!("output.zh.md"),
    },
    Topic {
        name: "security",
        english: include_str!("security.md"),
        chinese: include_str!("security.zh.md"),
    },
    Topic {
        name: "sandbox",
        english: include_str!("sandbox.md"),
        chinese: include_str!("sandbox.zh.md"),
    },
    Topic {
        name: "minting",
        english: include_str!("minting.md"),
        chinese: include_str!("minting.zh.md"),
    },
    Topic {
        name: "redis",
        english: include_str!("redis.md"),
        chinese: include_str!("redis.zh.md"),
    },
    Topic {
        name: "changelog",
        english: include_str!("changelog.md"),
        chinese: include_str!("changelog.zh.md"),
    },
];

/// The topic of this name.
#[must_use]
pub fn find(name: &str) -> Option<Topic> {
    let name = name.to_lowercase().replace('_', "-");
    TOPICS.into_iter().find(|topic| topic.name == name)
}

impl Topic {
    /// The document, in Markdown.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        lang.choose(self.english, self.chinese)
    }

    /// The first line, without its mark.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let first = self.text(lang).lines().next().unwrap_or_default();
        first.trim_start_matches(['#', ' '])
    }
}
