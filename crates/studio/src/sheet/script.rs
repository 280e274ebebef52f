//! What the cells of a sheet say.

/// Words in one script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// Slug, such as `latin`.
    pub id: &'static str,
    /// Title.
    pub title: &'static str,
    /// Line below the title.
    pub subtitle: &'static str,
    /// Line above the title.
    pub kicker: &'static str,
}

const fn script(
    id: &'static str,
    title: &'static str,
    subtitle: &'static str,
    kicker: &'static str,
) -> Script {
    Script {
        id,
        title,
        subtitle,
        kicker,
    }
}

impl Script {
    /// Every script of a sheet; the first six are shown unless others are
    /// asked for.
    pub const ALL: &'static [Self] = &[
        script(
            "latin",
            "How we cut our build times by 80%",
            "A field report from a team of nine",
            "Engineering",
        ),
        script(
            "chinese",
            "三十天学会画画：从零开始的完整指南",
            "每天十五分钟，养成一生的习惯",
            "绘画入门",
        ),
        script(
            "japanese",
            "はじめての自炊、週末レシピ帖",
            "五つの道具でつくる毎日のごはん",
            "暮らしの手帖",
        ),
        script(
            "arabic",
            "كيف تبدأ مشروعك الأول من الصفر",
            "دليل عملي خطوة بخطوة للمبتدئين",
            "ريادة الأعمال",
        ),
        script(
            "devanagari",
            "घर बैठे सीखें फोटोग्राफी के दस आसान नियम",
            "शुरुआत करने वालों के लिए",
            "फोटोग्राफी",
        ),
        script(
            "emoji",
            "Summer reading 🌴📚 10 picks ☀️",
            "From the beach to the mountains 🏔️",
            "Weekend",
        ),
        script("word", "Focus", "The quiet superpower", "Essay"),
        script(
            "long",
            "Everything I wish somebody had told me about designing reliable distributed systems before I started on my very first",
            "With notes, diagrams and plenty of honest mistakes along the way",
            "Long read",
        ),
        script(
            "korean",
            "퇴근 후 한 시간, 나를 바꾸는 작은 습관",
            "오늘부터 시작하는 저녁 루틴",
            "자기 계발",
        ),
        script(
            "thai",
            "เที่ยวเชียงใหม่ด้วยงบหลักพัน",
            "เส้นทางสามวันสองคืน",
            "ท่องเที่ยว",
        ),
        script(
            "hebrew",
            "איך לבנות הרגלים שנשארים",
            "מדריך קצר לשינוי גדול",
            "הרגלים",
        ),
        script(
            "cyrillic",
            "Как писать тексты, которые читают",
            "Практика редактора",
            "Редактура",
        ),
    ];

    /// How many scripts a sheet shows unless told.
    pub const USUAL: usize = 6;

    /// The script with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|script| script.id == id)
    }
}
