//! The words of notifications.

use super::kind::Kind;
use super::language::Language;
use super::told::Facts;

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
        Kind::WebhookDisabled if facts.reason == "GONE" => (
            "A webhook was disabled",
            "Its receiver answered that it is gone.".to_owned(),
        ),
        Kind::WebhookDisabled => (
            "A webhook was disabled",
            "Its receiver failed too many times in a row.".to_owned(),
        ),
        Kind::CoverDeleted => ("A cover was deleted", String::new()),
        Kind::WebhookTest => ("A webhook is being tested", String::new()),
    }
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
        Kind::WebhookDisabled if facts.reason == "GONE" => {
            ("Webhook 已停用", "接收方答复该地址已不存在。".to_owned())
        }
        Kind::WebhookDisabled => ("Webhook 已停用", "接收方连续失败次数过多。".to_owned()),
        Kind::CoverDeleted => ("封面已删除", String::new()),
        Kind::WebhookTest => ("正在测试 Webhook", String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Kind, Language, of};

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
