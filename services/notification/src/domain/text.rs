//! The words of notifications.

use time::OffsetDateTime;

use super::kind::Kind;
use super::language::Language;
use super::told::{self, Facts};

/// A few words and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) body: String,
}

/// What a person is told, in their language.
pub(crate) fn of(kind: Kind, facts: &Facts, language: Language) -> Text {
    let (title, body) = match language {
        Language::English => english(kind, facts),
        Language::Chinese => chinese(kind, facts),
    };
    Text {
        title: title.to_owned(),
        body,
    }
}

fn english(kind: Kind, facts: &Facts) -> (&'static str, String) {
    match kind {
        Kind::CoverGenerated if facts.covers == 1 => {
            ("Your cover is ready", "It is in your gallery.".to_owned())
        }
        Kind::CoverGenerated => (
            "Your covers are ready",
            format!("{} of them are in your gallery.", facts.covers),
        ),
        Kind::CoverGenerationFailed => (
            "Your cover could not be made",
            format!("It costs nothing; please try again ({}).", facts.reason),
        ),
        Kind::CoverBulkFinished => (
            "Your bulk order is finished",
            format!("{} of {} covers were made.", facts.covers, facts.total),
        ),
        Kind::ExportReady => ("Your export is ready", "It can be downloaded.".to_owned()),
        Kind::ExportFailed => (
            "Your export could not be made",
            "Please try again.".to_owned(),
        ),
        Kind::QuotaExhausted => ("Your quota is used up", english_reset(facts)),
        Kind::AppealResolved => english_outcome(&facts.reason),
        Kind::AccountOpened => (
            "Welcome to Covergen",
            "A title is enough for your first cover.".to_owned(),
        ),
        Kind::SessionRevoked if facts.reason == told::REUSED => (
            "One of your sessions was ended",
            "Its key was used twice, so somebody may have a copy of it. If you cannot tell why, \
             set a new password and look through your account."
                .to_owned(),
        ),
        Kind::SessionRevoked => (
            "An older session of your account was ended",
            "It began before you showed that the address is yours. Passwords, passkeys and API \
             keys from that time no longer work."
                .to_owned(),
        ),
        Kind::WebhookDisabled if facts.reason == "GONE" => (
            "A webhook was disabled",
            "Its receiver answered that it is gone.".to_owned(),
        ),
        Kind::WebhookDisabled => (
            "A webhook was disabled",
            "Its receiver failed too many times in a row.".to_owned(),
        ),
        Kind::CoverDeleted => ("A cover was deleted", String::new()),
        Kind::ContentBlocked => ("A piece of work was stopped", String::new()),
        Kind::WebhookTest => ("A webhook is being tested", String::new()),
    }
}

fn english_reset(facts: &Facts) -> String {
    match reset(facts) {
        Some(at) => format!("It fills again on {at}."),
        None => "It fills again when its next period begins.".to_owned(),
    }
}

fn english_outcome(outcome: &str) -> (&'static str, String) {
    let (title, body) = match outcome {
        told::OVERTURNED => (
            "Your appeal was granted",
            "The same work passes now: please ask for it again.",
        ),
        told::UPHELD => (
            "Your appeal was refused",
            "What was stopped stays so; the reason stands with the appeal.",
        ),
        _ => (
            "Your appeal was decided",
            "The outcome stands with the appeal.",
        ),
    };
    (title, body.to_owned())
}

fn chinese(kind: Kind, facts: &Facts) -> (&'static str, String) {
    match kind {
        Kind::CoverGenerated => (
            "封面已完成",
            format!("{} 张封面已放入您的作品库。", facts.covers),
        ),
        Kind::CoverGenerationFailed => (
            "封面生成失败",
            format!("本次不计入额度，请重试（{}）。", facts.reason),
        ),
        Kind::CoverBulkFinished => (
            "批量任务已完成",
            format!("共 {} 张，成功 {} 张。", facts.total, facts.covers),
        ),
        Kind::ExportReady => ("导出已完成", "文件可以下载了。".to_owned()),
        Kind::ExportFailed => ("导出失败", "请重试。".to_owned()),
        Kind::QuotaExhausted => ("额度已用完", chinese_reset(facts)),
        Kind::AppealResolved => chinese_outcome(&facts.reason),
        Kind::AccountOpened => (
            "欢迎使用 Covergen",
            "写下一个标题，就能制作第一张封面。".to_owned(),
        ),
        Kind::SessionRevoked if facts.reason == told::REUSED => (
            "您的一个登录会话已被终止",
            "该会话的凭证被使用了两次，可能已被他人复制。如果您不清楚原因，请设置新密码并检查您的账户。"
                .to_owned(),
        ),
        Kind::SessionRevoked => (
            "您账户的一个旧登录会话已被终止",
            "该会话开始于您确认邮箱地址之前；当时设置的密码、通行密钥和 API 密钥已失效。".to_owned(),
        ),
        Kind::WebhookDisabled if facts.reason == "GONE" => {
            ("Webhook 已停用", "接收方答复该地址已不存在。".to_owned())
        }
        Kind::WebhookDisabled => ("Webhook 已停用", "接收方连续失败次数过多。".to_owned()),
        Kind::CoverDeleted => ("封面已删除", String::new()),
        Kind::ContentBlocked => ("内容已被拦截", String::new()),
        Kind::WebhookTest => ("正在测试 Webhook", String::new()),
    }
}

fn chinese_reset(facts: &Facts) -> String {
    match reset(facts) {
        Some(at) => format!("额度将于 {at} 恢复。"),
        None => "额度将在下一周期开始时恢复。".to_owned(),
    }
}

fn chinese_outcome(outcome: &str) -> (&'static str, String) {
    let (title, body) = match outcome {
        told::OVERTURNED => ("申诉成功", "同样的内容现在可以通过，请重新提交。"),
        told::UPHELD => ("申诉未通过", "原处理维持不变，理由见申诉详情。"),
        _ => ("申诉已有结果", "结果见申诉详情。"),
    };
    (title, body.to_owned())
}

/// When a quota fills again. Where its reader lives is not known here, so the
/// zone is said.
fn reset(facts: &Facts) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp(facts.resets_at_ms?.div_euclid(1000)).ok()?;
    let (date, hour, minute) = (at.date(), at.hour(), at.minute());
    Some(format!("{date} {hour:02}:{minute:02} UTC"))
}

#[cfg(test)]
mod tests {
    use super::{Facts, Kind, Language, of};

    #[test]
    fn a_quota_fills_again_at_a_time_of_a_zone_that_is_said() {
        let facts = Facts {
            resets_at_ms: Some(1_798_761_600_000),
            ..Facts::default()
        };
        let english = of(Kind::QuotaExhausted, &facts, Language::English);
        assert_eq!(english.body, "It fills again on 2027-01-01 00:00 UTC.");
        let chinese = of(Kind::QuotaExhausted, &facts, Language::Chinese);
        assert_eq!(chinese.body, "额度将于 2027-01-01 00:00 UTC 恢复。");
        for unknown in [None, Some(i64::MAX)] {
            let facts = Facts {
                resets_at_ms: unknown,
                ..Facts::default()
            };
            let english = of(Kind::QuotaExhausted, &facts, Language::English);
            assert_eq!(english.body, "It fills again when its next period begins.");
        }
    }

    #[test]
    fn an_appeal_has_the_words_of_its_outcome() {
        let title = |outcome: &str, language| {
            of(Kind::AppealResolved, &Facts::of_reason(outcome), language).title
        };
        for (outcome, english, chinese) in [
            ("OVERTURNED", "Your appeal was granted", "申诉成功"),
            ("UPHELD", "Your appeal was refused", "申诉未通过"),
            ("PARTLY", "Your appeal was decided", "申诉已有结果"),
        ] {
            assert_eq!(title(outcome, Language::English), english);
            assert_eq!(title(outcome, Language::Chinese), chinese);
        }
    }

    #[test]
    fn a_notification_counts_in_both_languages() {
        let facts = Facts {
            covers: 3,
            total: 4,
            ..Facts::default()
        };
        let english = of(Kind::CoverBulkFinished, &facts, Language::English);
        assert_eq!(english.body, "3 of 4 covers were made.");
        let chinese = of(Kind::CoverBulkFinished, &facts, Language::Chinese);
        assert_eq!(chinese.body, "共 4 张，成功 3 张。");
        let one = Facts::of_covers(&["cov_1".to_owned()]);
        let english = of(Kind::CoverGenerated, &one, Language::English);
        assert_eq!(english.title, "Your cover is ready");
    }
}
