//! What auth writes to people.
//!
//! A mail is a command in the outbox: it names a user and what to say, but
//! neither an address nor a token, both of which are found when it is sent.

use covergen_ids::UserId;
use serde::{Deserialize, Serialize};

use crate::domain::language::Language;

/// The command that sends a mail.
pub(crate) const SEND_MAIL: &str = "auth.send_mail";

/// What a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Topic {
    /// How to replace a forgotten password.
    Reset,
    /// How to prove an address.
    Verify,
    PasswordChanged,
    TotpAdded,
    TotpRemoved,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    PasskeyAdded,
    PasskeyRemoved,
    ProviderLinked,
    ProviderUnlinked,
    ApiKeyMade,
}

/// A mail to write. Nobody's, where an address had no account: it takes the
/// same way and ends unsent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) user_id: Option<UserId>,
    pub(crate) topic: Topic,
    pub(crate) language: Language,
}

/// A mail's words.
pub(crate) struct Words {
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Topic {
    /// The page of the web app that takes the token, where there is one. The
    /// token stands in the fragment: it reaches no server, log or referrer,
    /// and only the page's POST uses it up.
    const fn page(self) -> Option<&'static str> {
        match self {
            Self::Reset => Some("/reset-password#token="),
            Self::Verify => Some("/verify-email#token="),
            _ => None,
        }
    }

    /// Purpose of the token in the link.
    pub(crate) const fn purpose(self) -> Option<&'static str> {
        match self {
            Self::Reset => Some("reset"),
            Self::Verify => Some("verify"),
            _ => None,
        }
    }

    /// Writes the mail. `token` is for topics that have a page.
    pub(crate) fn write(
        self,
        language: Language,
        name: &str,
        public_url: &str,
        token: &str,
    ) -> Words {
        let (subject, body) = match language {
            Language::En => self.english(),
            Language::Zh => self.chinese(),
        };
        let base = public_url.trim_end_matches('/');
        let link = match self.page() {
            Some(page) => format!("{base}{page}{token}"),
            None => format!("{base}/account"),
        };
        // A name is one line; whatever else it holds is only text here.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        let text = match language {
            Language::En => format!("Hello {name},\n\n{body}\n\n{link}\n\nCovergen\n"),
            Language::Zh => format!("{name}，您好：\n\n{body}\n\n{link}\n\nCovergen\n"),
        };
        Words {
            subject: subject.to_owned(),
            text,
        }
    }

    const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Reset => (
                "Set a new password",
                "somebody asked to set a new password for your account. Open this link to choose one. It works once and for a short while. If it was not you, do nothing: your password stays as it is.",
            ),
            Self::Verify => (
                "Confirm your e-mail address",
                "please confirm that this address is yours. The link works once. If you have not opened an account at Covergen, do nothing and do not open it.",
            ),
            Self::PasswordChanged => (
                "Your password was changed",
                "the password of your account was changed, and other devices were signed out. If it was not you, set a new password now and look through your account:",
            ),
            Self::TotpAdded => (
                "Two-step sign-in is on",
                "an authenticator app was added to your account. If it was not you, set a new password now and look through your account:",
            ),
            Self::TotpRemoved => (
                "Two-step sign-in is off",
                "the authenticator app was removed from your account. If it was not you, set a new password now and look through your account:",
            ),
            Self::RecoveryCodesRenewed => (
                "New recovery codes were made",
                "new recovery codes were made for your account, and the old ones ended. If it was not you, set a new password now and look through your account:",
            ),
            Self::RecoveryCodeUsed => (
                "A recovery code was used",
                "somebody signed in to your account with one of your recovery codes. If it was not you, set a new password now and look through your account:",
            ),
            Self::PasskeyAdded => (
                "A passkey was added",
                "a passkey was added to your account. If it was not you, remove it and set a new password:",
            ),
            Self::PasskeyRemoved => (
                "A passkey was removed",
                "a passkey was removed from your account. If it was not you, set a new password now and look through your account:",
            ),
            Self::ProviderLinked => (
                "Another way to sign in was linked",
                "your account was linked with another provider, which can sign in to it from now on. If it was not you, unlink it and set a new password:",
            ),
            Self::ProviderUnlinked => (
                "A way to sign in was unlinked",
                "a provider was unlinked from your account. If it was not you, set a new password now and look through your account:",
            ),
            Self::ApiKeyMade => (
                "An API key was made",
                "a new API key was made for your account. If it was not you, revoke it and set a new password:",
            ),
        }
    }

    const fn chinese(self) -> (&'static str, &'static str) {
        match self {
            Self::Reset => (
                "设置新密码",
                "有人请求为您的账户设置新密码。请打开下面的链接进行设置。链接只能使用一次，且很快失效。如果不是您本人操作，请忽略此邮件，您的密码不会改变。",
            ),
            Self::Verify => (
                "确认您的邮箱地址",
                "请确认此邮箱地址属于您。链接只能使用一次。如果您没有注册 Covergen 账户，请忽略此邮件，不要打开链接。",
            ),
            Self::PasswordChanged => (
                "您的密码已更改",
                "您账户的密码已更改，其他设备已退出登录。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::TotpAdded => (
                "两步验证已开启",
                "您的账户已添加验证器应用。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::TotpRemoved => (
                "两步验证已关闭",
                "您账户的验证器应用已移除。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::RecoveryCodesRenewed => (
                "恢复码已更新",
                "您的账户已生成新的恢复码，旧的恢复码已失效。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::RecoveryCodeUsed => (
                "有人使用了恢复码",
                "有人使用恢复码登录了您的账户。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::PasskeyAdded => (
                "已添加通行密钥",
                "您的账户已添加一个通行密钥。如果不是您本人操作，请将其移除并设置新密码：",
            ),
            Self::PasskeyRemoved => (
                "已移除通行密钥",
                "您账户的一个通行密钥已移除。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::ProviderLinked => (
                "已关联新的登录方式",
                "您的账户已与另一个登录服务关联，今后可用它登录。如果不是您本人操作，请解除关联并设置新密码：",
            ),
            Self::ProviderUnlinked => (
                "已解除登录方式的关联",
                "您的账户已与一个登录服务解除关联。如果不是您本人操作，请立即设置新密码并检查您的账户：",
            ),
            Self::ApiKeyMade => (
                "已创建 API 密钥",
                "您的账户已创建新的 API 密钥。如果不是您本人操作，请将其撤销并设置新密码：",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Topic};

    #[test]
    fn a_link_carries_its_token_where_no_server_sees_it() {
        let mail = Topic::Reset.write(Language::En, "Ada\r\n", "https://example.org/", "abc");
        assert!(mail.text.starts_with("Hello Ada,\n"), "{}", mail.text);
        assert!(
            mail.text
                .contains("\nhttps://example.org/reset-password#token=abc\n")
        );
        let mail = Topic::Verify.write(Language::Zh, "阿达", "https://example.org", "abc");
        assert!(
            mail.text
                .contains("\nhttps://example.org/verify-email#token=abc\n")
        );
        assert!(mail.text.starts_with("阿达，您好"));
    }

    #[test]
    fn a_notice_carries_no_token() {
        let mail = Topic::PasskeyAdded.write(Language::En, "Ada", "https://example.org", "abc");
        assert!(!mail.text.contains("abc"), "{}", mail.text);
        assert!(mail.text.contains("https://example.org/account"));
    }
}
