//! What form a file has.

/// The forms that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `NAME=value` lines: `.env`.
    Dotenv,
    /// A PHP file that returns an array: `config/wechat.php`, `config/easywechat.php`.
    Php,
    /// Java properties: `application.properties`.
    Properties,
    /// YAML: `application.yml`.
    Yaml,
    /// JSON with the comments and trailing commas that .NET allows: `appsettings.json`.
    Json,
    /// TOML.
    Toml,
}

impl Form {
    /// Its name for people, the same in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dotenv => ".env",
            Self::Php => "PHP",
            Self::Properties => "properties",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Toml => "TOML",
        }
    }

    /// Its word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Php => "php",
            Self::Properties => "properties",
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
        }
    }

    /// The form that the name of a file tells, else the one its text has.
    pub(super) fn of(file_name: Option<&str>, text: &str) -> Option<Self> {
        file_name
            .and_then(Self::by_name)
            .or_else(|| Self::by_content(text))
    }

    fn by_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
            return Some(Self::Dotenv);
        }
        match name.rsplit_once('.')?.1 {
            "php" => Some(Self::Php),
            "properties" => Some(Self::Properties),
            "yml" | "yaml" => Some(Self::Yaml),
            "json" | "jsonc" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    fn by_content(text: &str) -> Option<Self> {
        if text.trim_start().starts_with("<?php") {
            return Some(Self::Php);
        }
        // What a line that is no comment begins with tells the forms apart.
        let comment = |line: &&str| {
            let starts = ["#", "!", "//", "/*", "*"];
            line.is_empty() || starts.iter().any(|start| line.starts_with(start))
        };
        let mut lines = text.lines().map(str::trim).skip_while(comment);
        let first = lines.next()?;
        if first.starts_with('{') {
            return Some(Self::Json);
        }
        let is_header = |letter: char| letter.is_alphanumeric() || "[]_-. \"'".contains(letter);
        if first.starts_with('[') && first.ends_with(']') && first.chars().all(is_header) {
            return Some(Self::Toml);
        }
        if first.starts_with('[') {
            return Some(Self::Json);
        }
        if first.starts_with("return ") {
            return Some(Self::Php);
        }
        if first.starts_with("---") || first.starts_with("- ") {
            return Some(Self::Yaml);
        }
        let end = first.find(['=', ':'])?;
        let (name, value) = (first[..end].trim(), first[end + 1..].trim());
        let quoted = value.starts_with(['"', '\'']);
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let upper =
            |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
        let exported = name.strip_prefix("export ").unwrap_or(name).trim();
        match first.as_bytes()[end] {
            b':' => Some(Self::Yaml),
            _ if exported != name || exported.chars().all(upper) => Some(Self::Dotenv),
            _ if quoted => Some(Self::Toml),
            _ if name.chars().all(plain) => Some(Self::Dotenv),
            _ if name.contains(char::is_whitespace) => None,
            _ => Some(Self::Properties),
        }
    }
}
