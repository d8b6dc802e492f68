//! What a value is that somebody holds in hand: how long it lives, what it is for, what to run with it.

use crate::wechat::id::Appid;
use crate::wechat::value::{self, ValueKind};

use super::Words;

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// One with a prefix or shape of its own.
    Certain(ValueKind),
    /// 43 letters and digits.
    EncodingAesKey,
    /// 32 hexadecimal digits.
    Appsecret,
    /// `o` and 27 characters: a user of one account.
    Openid,
}

/// What is known of a kind of value.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it is, in a line.
    pub title: Words,
    /// What it is for, and how long it lives.
    pub meaning: Words,
    /// What to run with it.
    pub commands: &'static [&'static str],
    /// Whether whoever has it can act with it; what to do when others may have seen it.
    pub secret: Option<Words>,
    /// Whether the shape alone tells it, so that it may be something else.
    pub by_shape: bool,
}

impl Thing {
    /// What `word` looks like.
    #[must_use]
    pub fn recognise(word: &str) -> Option<Self> {
        match value::recognise(word) {
            ValueKind::Other if is_openid(word) => Some(Self::Openid),
            ValueKind::Other if is_appsecret(word) => Some(Self::Appsecret),
            ValueKind::Other if is_encoding_aes_key(word) => Some(Self::EncodingAesKey),
            ValueKind::Other if is_odd_appid(word) => Some(Self::Certain(ValueKind::Appid)),
            ValueKind::Other => None,
            kind => Some(Self::Certain(kind)),
        }
    }

    /// Whether it may be shown as it is.
    #[must_use]
    pub fn is_secret(self) -> bool {
        value(self).secret.is_some()
    }
}

/// Whether an appid was written in capitals, or cut: `wx` and hexadecimal digits, but not 16.
fn is_odd_appid(word: &str) -> bool {
    word.to_ascii_lowercase().parse::<Appid>().is_ok()
}

fn is_openid(word: &str) -> bool {
    word.len() == 28 && word.starts_with('o') && word.bytes().all(value::is_base64url)
}

fn is_appsecret(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_encoding_aes_key(word: &str) -> bool {
    word.len() == 43 && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const ENDS_BY_ITSELF: Words = Words(
    "It ends by itself; until then whoever saw it can use it.",
    "到期后自动失效；在此之前看到它的人都可以使用。",
);

/// What is known of a kind of value.
#[must_use]
pub fn value(thing: Thing) -> &'static Known {
    match thing {
        Thing::Certain(ValueKind::Ticket) => &TICKET,
        Thing::Certain(ValueKind::PreAuthCode) => &PRE_AUTH_CODE,
        Thing::Certain(ValueKind::AuthorizationCode) => &AUTHORIZATION_CODE,
        Thing::Certain(ValueKind::RefreshToken) => &REFRESH_TOKEN,
        Thing::Certain(ValueKind::AccessToken | ValueKind::Other) => &ACCESS_TOKEN,
        Thing::Certain(ValueKind::ServiceMarketCode) => &SERVICE_MARKET_CODE,
        Thing::Certain(ValueKind::Appid) => &APPID,
        Thing::Certain(ValueKind::UserName) => &USER_NAME,
        Thing::EncodingAesKey => &ENCODING_AES_KEY,
        Thing::Appsecret => &APPSECRET,
        Thing::Openid => &OPENID,
    }
}

static TICKET: Known = Known {
    name: "component_verify_ticket",
    title: Words("A component_verify_ticket", "component_verify_ticket"),
    meaning: Words(
        "Pushed by WeChat every 10 minutes, live for 12 hours. With the appsecret it buys a component token. A whole \
         one has 95 characters.",
        "微信每 10 分钟推送一次，有效期 12 小时，与 AppSecret 一起换取 component_access_token。完整长度 95 个字符。",
    ),
    commands: &["wxauth ticket set --file FILE", "wxauth ticket show"],
    secret: Some(ENDS_BY_ITSELF),
    by_shape: false,
};

static PRE_AUTH_CODE: Known = Known {
    name: "pre_auth_code",
    title: Words("A pre-auth code (预授权码)", "预授权码 pre_auth_code"),
    meaning: Words(
        "It makes one authorization link, lives 1800 seconds and serves one confirmation. It is no authorization code: \
         that one begins with queryauthcode@@@ and comes back from the link.",
        "用于生成一个授权链接，有效期 1800 秒，只能完成一次授权。它不是授权码：授权码以 queryauthcode@@@ 开头，在商家确认后返回。",
    ),
    commands: &["wxauth link", "wxauth link --lint LINK"],
    secret: Some(ENDS_BY_ITSELF),
    by_shape: false,
};

static AUTHORIZATION_CODE: Known = Known {
    name: "authorization_code",
    title: Words(
        "An authorization code (授权码)",
        "授权码 authorization_code",
    ),
    meaning: Words(
        "It comes back by redirect and by the authorized event, works once and for about an hour, and buys the \
         merchant's tokens.",
        "通过回调跳转和 authorized 事件返回，约一小时内有效且只能使用一次，用于换取商家的令牌。",
    ),
    commands: &[
        "wxauth authorizers redeem --file FILE",
        "wxauth authorizers sync",
    ],
    secret: Some(Words(
        "Exchange it at once: a spent code is worth nothing.",
        "请立即换取：用过的授权码就没有价值了。",
    )),
    by_shape: false,
};

static REFRESH_TOKEN: Known = Known {
    name: "authorizer_refresh_token",
    title: Words(
        "A merchant's refresh token",
        "商家的 authorizer_refresh_token",
    ),
    meaning: Words(
        "It lives as long as the authorization, and makes the merchant's access tokens, together with a component \
         token. If lost, WeChat's list gives it again. A whole one has 58 characters.",
        "在授权存续期间长期有效，与 component_access_token 一起换取商家令牌。遗失后可从授权列表再次取得。完整长度 58 个字符。",
    ),
    commands: &[
        "wxauth authorizers refresh WHO",
        "wxauth authorizers recover",
    ],
    secret: Some(Words(
        "It cannot be changed but by ending the authorization; alone, without the platform's own credentials, it buys \
         nothing. Change the appsecret if that may be known too.",
        "只有取消授权才会更换；没有平台自身的凭据，单凭它无法使用。若 AppSecret 也可能泄露，请重置 AppSecret。",
    )),
    by_shape: false,
};

static ACCESS_TOKEN: Known = Known {
    name: "access_token",
    title: Words("An access token", "access_token"),
    meaning: Words(
        "A component_access_token, an authorizer_access_token or an account's own: their shape is the same. It lives \
         7200 seconds, and 5 minutes after a newer one was made.",
        "可能是 component_access_token、authorizer_access_token 或账号自身的令牌，三者形状相同。有效期 7200 秒；获取新令牌后旧令牌再保留 5 分钟。",
    ),
    commands: &["wxauth token component", "wxauth token authorizer WHO"],
    secret: Some(ENDS_BY_ITSELF),
    by_shape: false,
};

static SERVICE_MARKET_CODE: Known = Known {
    name: "service_market_code",
    title: Words(
        "Perhaps a login code of the service market",
        "可能是服务市场的登录 code",
    ),
    meaning: Words(
        "16 hexadecimal digits. It goes to /wxa/servicemarket/service/login_auth; api_query_auth answers 61009 to it.",
        "16 位十六进制。应调用 /wxa/servicemarket/service/login_auth；传给 api_query_auth 会返回 61009。",
    ),
    commands: &["wxauth permissions why /wxa/servicemarket/service/login_auth"],
    secret: Some(ENDS_BY_ITSELF),
    by_shape: true,
};

static APPID: Known = Known {
    name: "appid",
    title: Words("An appid", "appid"),
    meaning: Words(
        "wx and 16 hexadecimal digits in lower case: of a platform (component_appid) or of an account; the shape does \
         not tell which.",
        "wx 加 16 位小写十六进制：可能是第三方平台的 component_appid，也可能是公众号或小程序的 appid，仅凭形状无法区分。",
    ),
    commands: &["wxauth authorizers show WHO", "wxauth status"],
    secret: None,
    by_shape: false,
};

static USER_NAME: Known = Known {
    name: "user_name",
    title: Words("An original id (原始ID)", "原始 ID（user_name）"),
    meaning: Words(
        "gh_ and 12 characters: names an account in messages (ToUserName) and in the test list, where an appid does \
         not count.",
        "gh_ 加 12 个字符：用于消息中的 ToUserName，以及授权测试公众号/小程序列表（列表中不能填 appid）。",
    ),
    commands: &[
        "wxauth authorizers show WHO",
        "wxauth profile set test_list IDS",
    ],
    secret: None,
    by_shape: false,
};

static ENCODING_AES_KEY: Known = Known {
    name: "encoding_aes_key",
    title: Words(
        "Probably an EncodingAESKey (消息加解密Key)",
        "很可能是消息加解密Key（EncodingAESKey）",
    ),
    meaning: Words(
        "43 letters and digits: the key of pushes. Two are kept, the present and the previous one. Its last character \
         has spare bits that strict decoders refuse.",
        "43 位字母和数字，用于推送消息加解密。应同时保留当前与上一个密钥。末位带有多余比特，严格的解码器会拒绝。",
    ),
    commands: &[
        "wxauth profile set encoding_aes_key",
        "wxauth events decode FILE --query QUERY",
    ],
    secret: Some(Words(
        "Change it in WeChat's console, and keep the present one as the previous: `wxauth profile set \
         encoding_aes_key_previous`.",
        "请在后台更换，并将当前密钥保留为上一个密钥：`wxauth profile set encoding_aes_key_previous`。",
    )),
    by_shape: true,
};

static APPSECRET: Known = Known {
    name: "appsecret",
    title: Words("Probably an AppSecret", "很可能是 AppSecret"),
    meaning: Words(
        "32 hexadecimal digits: with a ticket it buys component tokens, alone it clears quotas. An MD5 sum looks the \
         same.",
        "32 位十六进制：与 ticket 一起换取 component_access_token，单独可用于清零额度。MD5 值也是同样的形状。",
    ),
    commands: &["wxauth profile set appsecret"],
    secret: Some(Words(
        "Reset it in WeChat's console (the old one dies at once), then `wxauth profile set appsecret`.",
        "请在后台重置（旧值立即失效），然后执行 `wxauth profile set appsecret`。",
    )),
    by_shape: true,
};

static OPENID: Known = Known {
    name: "openid",
    title: Words("Probably an openid", "很可能是 openid"),
    meaning: Words(
        "28 characters that begin with o: one user as one account knows them. Another account knows the same user by \
         another openid.",
        "以 o 开头的 28 个字符：用户在某一账号下的标识，同一用户在不同账号下的 openid 不同。",
    ),
    commands: &["wxauth events list --messages"],
    secret: None,
    by_shape: true,
};
