//! `sandbox status`: where the sandbox is.

use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::lang::{Text, text};
use crate::sandbox::MERCHANT_CONSOLE;

use super::{Control, Reach, push};

pub(super) async fn run(context: &Context, reach: &Reach) -> Result<Exit, CliError> {
    let console = context.document()?;
    let control = Control::new(context, reach);
    let card: Value = control.get("status").await?;
    let brief = control.session().await?.is_brief();
    let lang = console.lang();
    console.document(&card, |out| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if brief {
            let none = lang.choose(
                "No sandbox is running; one was hosted for this command",
                "沙箱未运行；为本命令临时启动了一个",
            );
            writeln!(out, "{none}")?;
        } else {
            let url = text(&card["url"]);
            writeln!(out, "{}{url}", lang.choose("Listens at  ", "监听地址    "))?;
            let base = url.trim_end_matches('/');
            let merchants = text!(
                "Merchants   {base}{MERCHANT_CONSOLE} in a browser",
                "商家        {base}{MERCHANT_CONSOLE}（在浏览器中打开）"
            );
            writeln!(out, "{}", merchants.of(lang))?;
        }
        let offset = card["clock_offset"].as_i64().unwrap_or_default();
        let time = text!(
            "Its time    {} ({offset:+} s)",
            "沙箱时间    {}（{offset:+} 秒）",
            text(&card["now"])
        );
        writeln!(out, "{}", time.of(lang))?;
        for platform in card["platforms"].as_array().into_iter().flatten() {
            let released = platform["released"].as_bool().unwrap_or_default();
            let state = match released {
                true => lang.choose("released", "已全网发布"),
                false => lang.choose("not released", "未全网发布"),
            };
            writeln!(
                out,
                "{}{}  {state}",
                lang.choose("Platform    ", "平台        "),
                text(&platform["component_appid"])
            )?;
            for (label, url, paused) in [
                (
                    lang.choose("events to", "授权事件推送至"),
                    "events_url",
                    "events_paused_until",
                ),
                (
                    lang.choose("messages to", "消息推送至"),
                    "messages_url",
                    "messages_paused_until",
                ),
            ] {
                if let Some(url) = platform[url].as_str() {
                    let pause = match platform[paused].as_str() {
                        Some(until) => {
                            text!("  (paused until {until})", "（暂停至 {until}）")
                        }
                        None => Text::default(),
                    };
                    let pause = pause.of(lang);
                    writeln!(out, "            {label} {url}{pause}")?;
                }
            }
        }
        for alarm in card["alarms"].as_array().into_iter().flatten() {
            let reason = &alarm["reason"];
            let alarm = text!(
                "Alarm       {} × {}, last {}: {}",
                "告警        {} × {}，最近 {}：{}",
                text(&alarm["kind"]),
                alarm["count"],
                text(&alarm["last_at"]),
                push::told(&text(&reason["kind"]), reason["detail"].as_str(), lang)
            );
            writeln!(out, "{}", alarm.of(lang))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
