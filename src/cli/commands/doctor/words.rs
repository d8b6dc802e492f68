//! What a line found, in words.

use std::path::PathBuf;

use jiff::SignedDuration;

use crate::api::ApiError;
use crate::cli::commands::check::words::clock_fault;
use crate::cli::commands::events::send::sentence;
use crate::cli::commands::store::risk;
use crate::cli::error::{problem as redirect_problem, told};
use crate::console::when;
use crate::flow::doctor::{Diagnosis, Finding, Line};
use crate::lang::{Lang, Text, text};
use crate::wechat::push::KeyUsed;

/// A span of time.
fn span(span: SignedDuration, lang: Lang) -> String {
    when::duration(span.as_secs(), lang)
}

/// Paths with their modes.
fn modes(paths: &[(PathBuf, u32)]) -> String {
    let each = paths
        .iter()
        .map(|(path, mode)| format!("{} ({mode:04o})", path.display()));
    each.collect::<Vec<_>>().join(", ")
}

/// What was found, in a sentence without its full stop.
pub(super) fn detail(diagnosis: &Diagnosis) -> Text {
    match &diagnosis.finding {
        Finding::Because(line) => {
            let name = line.as_str();
            text!(
                "not told because `{name}` is not well",
                "因 `{name}` 未通过，无法判断"
            )
        }
        Finding::NeedsActive => needs_active(diagnosis.line),
        Finding::NoFile
        | Finding::Private
        | Finding::OpenToOthers(_)
        | Finding::Mended(_)
        | Finding::FileTrouble(..)
        | Finding::InMemory
        | Finding::InRedis
        | Finding::AtRisk(_)
        | Finding::Encrypted(_)
        | Finding::PartlyEncrypted(..)
        | Finding::EncryptionRun
        | Finding::PlainText
        | Finding::PlainTextInRedis
        | Finding::KeyNotSet(_)
        | Finding::StoreFails(_)
        | Finding::StoreBroken(_) => file(&diagnosis.finding),
        Finding::NoProxy
        | Finding::Proxied(_)
        | Finding::ProxyFails(..)
        | Finding::NoLookup
        | Finding::Resolves
        | Finding::NotResolved(_)
        | Finding::Answers
        | Finding::NoConnection(_)
        | Finding::NotWechat(_)
        | Finding::NotEncrypted
        | Finding::Trusted
        | Finding::NotTrusted(_)
        | Finding::Skew(_)
        | Finding::ClockFault(_)
        | Finding::NoDate => network(&diagnosis.finding),
        Finding::RedirectGood
        | Finding::Redirect(_)
        | Finding::SameHost(_)
        | Finding::BadKey(..)
        | Finding::NoReceiver(_)
        | Finding::ReceiverGood(_)
        | Finding::ReceiverAnswers(_) => addresses(&diagnosis.finding),
        other => credentials(diagnosis.line, other),
    }
}

fn needs_active(line: Line) -> Text {
    match line {
        Line::TicketPushes => text!(
            "only the call that starts pushes tells whether they run",
            "只有调用「启动 ticket 推送服务」接口才能得知推送是否正常"
        ),
        _ => text!(
            "no component token lives to ask with, and none is minted here",
            "没有可用于查询的有效 component_access_token，此处不会获取新令牌"
        ),
    }
}

fn file(finding: &Finding) -> Text {
    match finding {
        Finding::NoFile => text!("there is none", "文件不存在，无需检查"),
        Finding::Private => text!("only you can get at it", "仅本人可访问"),
        Finding::OpenToOthers(paths) => {
            let paths = modes(paths);
            text!("others can get at {paths}", "其他用户可访问 {paths}")
        }
        Finding::Mended(paths) => {
            let paths = modes(paths);
            text!(
                "mended: others could get at {paths}; now only you can",
                "已修复：其他用户曾可访问 {paths}，现仅本人可访问"
            )
        }
        Finding::FileTrouble(path, why) => {
            let path = path.display();
            text!("{path}: {why}", "{path}：{why}")
        }
        Finding::InRedis => text!("it answers", "可以连接"),
        Finding::AtRisk(risks) => Text::each(|lang| {
            let risks: Vec<_> = risks.iter().map(risk::danger).collect();
            let risks: Vec<_> = risks.iter().map(|risk| risk.of(lang)).collect();
            risks.join(lang.choose("; ", "；"))
        }),
        Finding::Encrypted(key) => text!(
            "secrets are encrypted with the key {key}",
            "敏感信息已用密钥 {key} 加密"
        ),
        Finding::PartlyEncrypted(key, others) => text!(
            "{others} secrets are not encrypted with the current key {key}",
            "{others} 项敏感信息未用当前密钥 {key} 加密"
        ),
        Finding::EncryptionRun => text!(
            "`wxauth store encrypt` or `store decrypt` runs, or was interrupted: secrets in plain text are accepted until it has finished",
            "`wxauth store encrypt` 或 `store decrypt` 正在运行或已被中断：完成之前仍接受未加密的敏感信息"
        ),
        Finding::PlainText => text!("secrets are stored in plain text", "敏感信息未加密（明文）"),
        Finding::PlainTextInRedis => text!(
            "secrets are stored in plain text in a Redis that other machines can read",
            "敏感信息未加密，存放在其他机器可读取的 Redis 中"
        ),
        Finding::KeyNotSet(key) => text!(
            "secrets in the store are encrypted with the key {key}, which is not set here",
            "存储中的敏感信息已用密钥 {key} 加密，而此处未设置该密钥"
        ),
        Finding::StoreFails(error) => {
            let (why, _) = told(error);
            Text::each(|lang| {
                let why = why.of(lang);
                match lang {
                    Lang::En => format!("it cannot be read: {why}"),
                    Lang::Zh => format!("无法读取：{why}"),
                }
            })
        }
        Finding::StoreBroken(why) => text!("it does not open: {why}", "无法打开：{why}"),
        _ => text!(
            "in memory: it ends with each command",
            "存于内存，命令结束即消失"
        ),
    }
}

fn network(finding: &Finding) -> Text {
    match finding {
        Finding::NoProxy => text!("none is used", "未使用代理"),
        Finding::Proxied(proxy) => {
            let (address, variable) = (&proxy.address, proxy.variable);
            text!(
                "calls go through {address} (`{variable}`); its address is the one that WeChat sees",
                "请求经代理 {address}（`{variable}`）发出，微信看到的是代理的出口 IP"
            )
        }
        Finding::ProxyFails(proxy, why) => {
            let (address, variable) = (&proxy.address, proxy.variable);
            text!(
                "{address} (`{variable}`) does not pass calls on: {why}",
                "代理 {address}（`{variable}`）无法转发请求：{why}"
            )
        }
        Finding::NoLookup => text!("nothing to look up here", "无需在本机解析域名"),
        Finding::Resolves => text!("the name has an address", "域名可解析"),
        Finding::NotResolved(why) => text!("the name has no address: {why}", "域名无法解析：{why}"),
        Finding::Answers => text!("it answers", "可连通"),
        Finding::NoConnection(why) => text!("no answer: {why}", "无法连通：{why}"),
        Finding::NotWechat(error) => text!(
            "something answers that is not WeChat: {error}",
            "应答方不是微信：{error}"
        ),
        Finding::NotEncrypted => text!("plain http to this machine", "本机 http，无需 TLS"),
        Finding::Trusted => text!("the certificate is trusted", "证书可信"),
        Finding::NotTrusted(why) => text!("no trust: {why}", "TLS 握手失败：{why}"),
        Finding::Skew(skew) => skewed(*skew),
        Finding::ClockFault(fault) => clock_fault(fault),
        _ => text!("the answer had no date", "应答中没有 Date 头"),
    }
}

fn skewed(skew: SignedDuration) -> Text {
    Text::each(|lang| {
        let off = span(skew.abs(), lang);
        match (lang, skew.as_secs()) {
            (Lang::En, -1..=1) => "it agrees with WeChat's".to_owned(),
            (Lang::Zh, -1..=1) => "与微信服务器一致".to_owned(),
            (Lang::En, seconds) if seconds > 0 => format!("{off} ahead of WeChat's"),
            (Lang::Zh, seconds) if seconds > 0 => format!("比微信服务器快 {off}"),
            (Lang::En, _) => format!("{off} behind WeChat's"),
            (Lang::Zh, _) => format!("比微信服务器慢 {off}"),
        }
    })
}

fn refused(error: &ApiError) -> Text {
    match error.refusal() {
        Some(refusal) => {
            let (code, message) = (refusal.errcode, &refusal.errmsg);
            let rid = refusal.rid.as_deref();
            let rid = rid.map(|rid| format!(" (rid {rid})")).unwrap_or_default();
            text!(
                "WeChat refuses: {code} {message}{rid}",
                "微信返回错误：{code} {message}{rid}"
            )
        }
        None => text!("the call fails: {error}", "调用失败：{error}"),
    }
}

fn credentials(line: Line, finding: &Finding) -> Text {
    match finding {
        Finding::AddressTaken => text!("WeChat takes calls from here", "微信接受来自本机的调用"),
        Finding::AddressNotListed(seen) => {
            let seen = seen.join(", ");
            text!(
                "WeChat sees {seen}, which is not in the platform's list (61004)",
                "微信看到的出口 IP 为 {seen}，不在第三方平台的白名单中（61004）"
            )
        }
        Finding::WellShaped => text!("known, and of the right shape", "已配置，格式正确"),
        Finding::NotNeeded => text!(
            "not needed: somebody else mints",
            "无需配置：令牌由其他程序获取"
        ),
        Finding::Missing => missing(line),
        Finding::Misshapen(length) => misshapen(line, *length),
        Finding::Invalid => text!("it cannot be used", "该值无法使用"),
        Finding::NotHad(error) => {
            let (why, _) = told(error);
            Text::each(|lang| {
                let why = why.of(lang);
                match lang {
                    Lang::En => format!("it could not be had: {why}"),
                    Lang::Zh => format!("未能取得：{why}"),
                }
            })
        }
        Finding::Refused(error) => refused(error),
        Finding::TicketAge(age) => Text::each(|lang| {
            let age = span(*age, lang);
            match lang {
                Lang::En => {
                    format!("the newest is {age} old; WeChat pushes one every ten minutes")
                }
                Lang::Zh => format!("最新的 ticket 已有 {age}；微信每十分钟推送一次"),
            }
        }),
        Finding::TicketAhead(ahead) => Text::each(|lang| {
            let ahead = span(*ahead, lang);
            match lang {
                Lang::En => {
                    format!("the newest was stored with a time that lies {ahead} in the future")
                }
                Lang::Zh => format!("最新 ticket 的保存时间在 {ahead} 之后的将来"),
            }
        }),
        Finding::TicketDead(age) => Text::each(|lang| {
            let age = span(*age, lang);
            match lang {
                Lang::En => format!("the newest is {age} old, and dead after twelve hours"),
                Lang::Zh => format!("最新的 ticket 已有 {age}，超过 12 小时已失效"),
            }
        }),
        Finding::TicketByProgram => text!(
            "`ticket_command` prints it when it is needed",
            "需要时由 `ticket_command` 输出"
        ),
        Finding::Elsewhere => text!(
            "somebody else mints, and looks after this",
            "令牌由其他程序获取，此项由其负责"
        ),
        Finding::PushesRun => text!("WeChat pushes tickets", "微信正在推送 ticket"),
        Finding::PushesRestarted => text!(
            "they had stopped; WeChat pushes again from now on",
            "推送此前已停止，现已重新启动"
        ),
        other => tokens(other),
    }
}

fn missing(line: Line) -> Text {
    match line {
        Line::Ticket => text!("none was ever received", "从未收到 ticket"),
        Line::Appsecret => text!(
            "not known, and no token can be minted without it",
            "未配置，无法获取令牌"
        ),
        Line::RedirectUri | Line::LaunchDomain => {
            text!("not known; links need it", "未配置，生成授权链接时需要")
        }
        _ => text!(
            "not known; pushes cannot be received without it",
            "未配置，无法接收推送"
        ),
    }
}

fn misshapen(line: Line, length: usize) -> Text {
    match line {
        Line::PushToken => text!(
            "a Token has 3 to 32 letters and digits; this one has {length} characters",
            "消息校验Token 应为 3–32 位字母或数字，当前为 {length} 个字符"
        ),
        _ => text!(
            "an appsecret has 32 hexadecimal digits; this one has {length} characters",
            "AppSecret 应为 32 位十六进制字符，当前为 {length} 个字符"
        ),
    }
}

fn tokens(finding: &Finding) -> Text {
    match finding {
        Finding::TokenTaken(_, true) => text!(
            "minted just now, and WeChat takes it",
            "刚刚获取，微信接受该令牌"
        ),
        Finding::TokenTaken(..) => text!(
            "WeChat takes the stored one, so it is the newest",
            "微信接受已存的令牌，说明是最新的"
        ),
        Finding::BorrowedTaken(Some(layout)) => text!(
            "WeChat takes the one that the keys of {layout} hold",
            "微信接受 {layout} 的键中的令牌"
        ),
        Finding::BorrowedTaken(None) => text!(
            "WeChat takes the one that `token_command` gives",
            "微信接受 `token_command` 给出的令牌"
        ),
        Finding::NobodyLends => text!(
            "tokens are borrowed, and no `token_command` gives them",
            "令牌由其他程序获取，但未配置 `token_command`"
        ),
        Finding::NotNewest => text!(
            "it should live, and WeChat says that it is not the newest (40001): somebody else mints for this platform",
            "按记录应仍有效，但微信称不是最新令牌（40001）：有其他程序在为本平台获取令牌"
        ),
        Finding::BorrowedRefused(error, layout) => {
            let why = refused(error);
            Text::each(|lang| match (lang, layout) {
                (Lang::En, None) => format!("the one that `token_command` gives: {}", why.of(lang)),
                (Lang::Zh, None) => format!("`token_command` 给出的令牌：{}", why.of(lang)),
                (Lang::En, Some(layout)) => {
                    format!("the one that the keys of {layout} hold: {}", why.of(lang))
                }
                (Lang::Zh, Some(layout)) => format!("{layout} 的键中的令牌：{}", why.of(lang)),
            })
        }
        Finding::DeadEarly(error) => {
            let why = refused(error);
            Text::each(|lang| match lang {
                Lang::En => format!("it should live by our books; {}", why.of(lang)),
                Lang::Zh => format!("按记录应仍有效；{}", why.of(lang)),
            })
        }
        Finding::LeaseHeld(holder) => text!(
            "`{holder}` has been holding its lease for too long",
            "`{holder}` 占用令牌锁过久"
        ),
        Finding::Listed(total) => {
            text!("WeChat lists {total} accounts", "微信列出 {total} 个授权方")
        }
        Finding::AllHaveRefreshTokens(0) => text!("no merchant is known yet", "尚无授权方"),
        Finding::AllHaveRefreshTokens(count) => text!(
            "all {count} active merchants have one",
            "{count} 个有效授权方均有 refresh_token"
        ),
        Finding::NoRefreshToken(count) => text!(
            "{count} active merchants have none",
            "{count} 个有效授权方没有 refresh_token"
        ),
        Finding::PendingExchange(count) => text!(
            "{count} authorizations whose code was never exchanged",
            "{count} 个授权的授权码尚未换取令牌"
        ),
        Finding::NeverSynced(total) => text!(
            "WeChat lists {total} accounts, and none is stored here",
            "微信列出 {total} 个授权方，本地尚无记录"
        ),
        _ => Text::default(),
    }
}

fn addresses(finding: &Finding) -> Text {
    match finding {
        Finding::RedirectGood => text!("https, with a host", "https 地址，有效"),
        Finding::Redirect(problem) => redirect_problem(problem),
        Finding::SameHost(_) => text!("the redirect address's host", "与回调地址的域名一致"),
        Finding::BadKey(which, _) => {
            let key = match which {
                KeyUsed::Present => "encoding_aes_key",
                KeyUsed::Previous => "encoding_aes_key_previous",
            };
            text!(
                "`{key}` is no EncodingAESKey, which has 43 letters and digits",
                "`{key}` 不是 EncodingAESKey：应为 43 位字母和数字"
            )
        }
        Finding::NoReceiver(_) => text!("where it is, nobody said", "未知接收地址"),
        Finding::ReceiverGood(elapsed) => {
            let milliseconds = elapsed.as_millis();
            text!(
                "it answers `success` in {milliseconds} ms",
                "{milliseconds} 毫秒内应答 `success`"
            )
        }
        Finding::ReceiverAnswers(problems) => {
            let all: Vec<_> = problems.iter().map(sentence).collect();
            Text::each(|lang| {
                let all: Vec<_> = all.iter().map(|text| text.of(lang)).collect();
                all.join(lang.choose("; ", "；"))
            })
        }
        _ => Text::default(),
    }
}
