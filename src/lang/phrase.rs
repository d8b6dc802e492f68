//! Words that the console itself says, whatever the command.

use super::Lang;

/// One of the console's own phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phrase {
    /// Before a failure.
    Error,
    /// Before a warning.
    Warning,
    /// Before advice.
    Hint,
    /// Before each cause of a failure.
    Cause,
    /// A list with no rows.
    NothingToList,
    /// Before the names of the columns a narrow terminal has no room for.
    ColumnsLeftOut,
    /// A yes.
    Yes,
    /// A no.
    No,
    /// The present moment.
    Now,
    /// Before the moment a link dies.
    ValidUntil,
    /// Under a QR code, how to use it.
    ScanWithWechat,
    /// The link as text, for a person to click.
    OpenLink,
}

impl Phrase {
    /// The phrase in `lang`.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        let (english, chinese) = match self {
            Self::Error => ("error:", "错误："),
            Self::Warning => ("warning:", "警告："),
            Self::Hint => ("hint:", "提示："),
            Self::Cause => ("caused by:", "原因："),
            Self::NothingToList => ("Nothing to list", "没有可列出的内容"),
            Self::ColumnsLeftOut => (
                "No room for these columns (`--columns` or `-o json` shows them):",
                "终端宽度不足，未显示以下列（可用 `--columns` 或 `-o json` 查看）：",
            ),
            Self::Yes => ("yes", "是"),
            Self::No => ("no", "否"),
            Self::Now => ("now", "现在"),
            Self::ValidUntil => ("Valid until", "有效期至"),
            Self::ScanWithWechat => (
                "Scan with WeChat, as an administrator of the account",
                "请由账号管理员使用微信扫码",
            ),
            Self::OpenLink => ("Authorization link", "授权链接"),
        };
        lang.choose(english, chinese)
    }
}
