//! A call that is shown instead of made: `--dry-run` and `--curl`.

use std::io;

use serde::Serialize;

use super::Prepared;
use super::body::Body;
use crate::api::raw::CONTENT;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::console::{Console, Page, Tone};
use crate::flow::{Caller, token_name};
use crate::wechat::id::PermissionSetId;
use crate::wechat::wire::Document;

/// What would be sent.
#[derive(Serialize)]
struct Shown<'a> {
    method: &'a str,
    url: String,
    token: &'static str,
    appid: Option<&'a str>,
    known: bool,
    permission_ids: &'a [PermissionSetId],
    headers: Vec<String>,
    body: Option<Document>,
    bytes: usize,
}

/// Shows the call.
pub(super) fn dry_run(console: &Console, prepared: &Prepared<'_>) -> Result<Exit, CliError> {
    let request = &prepared.request;
    let known = prepared.target.known;
    let (before, after) = address(prepared);
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    let shown = Shown {
        method: request.method.as_str(),
        url: format!("{before}…{after}"),
        token: match prepared.caller {
            Caller::Component => "component",
            Caller::Authorizer(_) => "authorizer",
        },
        appid: prepared.caller.appid().map(|appid| appid.as_str()),
        known: known.is_some(),
        permission_ids: known.map_or(&[], |known| &known.permission_sets),
        headers: request.headers.iter().map(header).collect(),
        body: Document::parse(&request.body).ok(),
        bytes: request.body.len(),
    };
    console.document(&shown, |out| screen(out, &shown, &prepared.body))?;
    Ok(Exit::Done)
}

fn screen(out: &mut Page, shown: &Shown<'_>, body: &Body) -> io::Result<()> {
    out.paint(Tone::Strong, shown.method);
    writeln!(out, " {}", shown.url)?;
    for header in &shown.headers {
        writeln!(out, "{header}")?;
    }
    if let Some(document) = &shown.body {
        writeln!(out)?;
        out.lines(&serde_json::to_string_pretty(document)?);
    }
    if let Body::Form(parts) = body {
        writeln!(out)?;
        for part in parts {
            let file = part.file.as_ref().map_or("", |(name, _)| name);
            let bytes = part.content.len();
            writeln!(out, "{}: {file} ({bytes})", part.name)?;
        }
    }
    Ok(())
}

/// The address before and after the token in its query.
fn address(prepared: &Prepared<'_>) -> (String, String) {
    let request = &prepared.request;
    let name = token_name(&request.path, &prepared.caller);
    let api = prepared.platform.api();
    let whole = request.address(api, Some((name, "TOKEN"))).to_string();
    let (before, after) = whole.split_once("=TOKEN").unwrap_or((&whole, ""));
    (format!("{before}="), after.to_owned())
}

/// Prints the call as a curl command. The token stands in it as the command that prints one, unless
/// it is to be shown.
pub(super) async fn curl(console: &Console, prepared: &Prepared<'_>) -> Result<Exit, CliError> {
    let request = &prepared.request;
    let (before, after) = address(prepared);
    let token = if console.options().reveal {
        let held = prepared.platform.token_of(&prepared.caller).await?;
        quoted(held.token.expose())
    } else {
        let flag = console.options().platform_flag.as_deref();
        let flag = flag.map_or(String::new(), |flag| format!(" {flag}"));
        match &prepared.caller {
            Caller::Component => format!("\"$(wxauth{flag} token component)\""),
            Caller::Authorizer(appid) => format!("\"$(wxauth{flag} token authorizer {appid})\""),
        }
    };
    let mut line = format!("curl -X {} {}{token}", request.method, quoted(&before));
    if !after.is_empty() {
        line.push_str(&quoted(&after));
    }
    let form = matches!(prepared.body, Body::Form(_));
    for (name, value) in &request.headers {
        // curl chooses the boundary of a form itself.
        if !(form && name == CONTENT) {
            let value = String::from_utf8_lossy(value.as_bytes());
            line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
    }
    if let Body::Form(parts) = &prepared.body {
        for part in parts {
            // A text that begins with `@` would name a file to `-F`.
            let (flag, value) = match &part.source {
                Some(path) => ("-F", format!("@{path}")),
                None => (
                    "--form-string",
                    String::from_utf8_lossy(&part.content).into_owned(),
                ),
            };
            let value = quoted(&format!("{}={value}", part.name));
            line.push_str(&format!(" {flag} {value}"));
        }
    } else if !request.body.is_empty() {
        let body = String::from_utf8_lossy(&request.body);
        line.push_str(&format!(" --data-raw {}", quoted(&body)));
    }
    console.raw(&line)?;
    Ok(Exit::Done)
}

/// One word for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
