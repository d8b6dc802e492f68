//! What failures of moving mean to an operator.

use crate::cli::exit::Kind;
use crate::lang::{Text, text};
use crate::store::transfer::TransferError;

use super::CliError;

impl From<TransferError> for CliError {
    fn from(error: TransferError) -> Self {
        let message = Text::new(error.to_string(), chinese(&error));
        let new = |kind| Self::new(kind, message.clone());
        match error {
            TransferError::Store(error) => error.into(),
            TransferError::File(_) => new(Kind::Internal).hint(text!(
                "see that the disk has room, and that file and folder are yours",
                "请确认磁盘有空间，且文件和文件夹归你所有"
            )),
            TransferError::Changed => new(Kind::Store).hint(text!(
                "let nobody write to it, and run the command again: what arrived is recognised",
                "请勿同时写入该文件，然后重新运行该命令：已写入的记录会被识别"
            )),
            TransferError::Foreign => new(Kind::Usage).hint(text!(
                "name a file that `wxauth store export` wrote, or a store: `sqlite:PATH`, `redis://HOST`",
                "请指定 `wxauth store export` 写出的文件，或存储地址：`sqlite:PATH`、`redis://HOST`"
            )),
            TransferError::Newer { .. } => new(Kind::Store).hint(text!(
                "use the newer wxauth that wrote it; nothing was changed",
                "请使用写出它的较新版本 wxauth；未作任何更改"
            )),
            TransferError::NeedsPassphrase | TransferError::WrongPassphrase => {
                new(Kind::ActionRequired).hint(text!(
                    "give the passphrase it was written with: `--passphrase-file FILE`; nothing was changed",
                    "请提供导出时所用的口令：`--passphrase-file FILE`；未作任何更改"
                ))
            }
            TransferError::Damaged { .. } | TransferError::CutOff => new(Kind::Store).hint(text!(
                "copy it again from where it was written; nothing was changed. Without a whole copy \
                 `wxauth authorizers recover` rebuilds the merchants from WeChat",
                "请从导出处重新复制；未作任何更改。若没有完整副本，`wxauth authorizers recover` 可从微信重建授权方"
            )),
        }
    }
}

fn chinese(error: &TransferError) -> String {
    match error {
        TransferError::Store(error) => error.to_string(),
        TransferError::File(error) => format!("无法读写导出文件：{error}"),
        TransferError::Changed => "导出文件在读取期间被改动".to_owned(),
        TransferError::Foreign => "这不是 wxauth 的导出文件".to_owned(),
        TransferError::Newer { version } => {
            format!("导出文件的格式版本为 {version}，由较新版本的 wxauth 写出")
        }
        TransferError::NeedsPassphrase => "导出文件已用口令加密".to_owned(),
        TransferError::WrongPassphrase => "口令无法打开该导出文件，或其首行被改动".to_owned(),
        TransferError::Damaged { line } => format!("导出文件第 {line} 行已损坏"),
        TransferError::CutOff => "导出文件不完整：缺少结尾".to_owned(),
    }
}
