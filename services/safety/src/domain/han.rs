//! Chinese and Japanese: which characters are read one by one, and which of
//! their forms are one.
//!
//! Tables of look-alikes are not for Han: they would turn characters into
//! others with which they share a stroke. What is folded here is the same
//! character in its traditional, simplified and Japanese form, and katakana to
//! hiragana.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_script::{Script, UnicodeScript as _};

/// Characters that rules are written with, simplified first, then the other
/// forms of the same character. Other characters fold to themselves.
const FORMS: &str = "\
    冰氷 卖賣売 买買 贩販 货貨 购購 对對対 毁毀 体體 价價価 优優 传傳伝 伤傷 侠俠 偿償 儿兒児 军軍 冲沖衝 击擊撃 剂劑剤 动動 势勢 办辦弁 务務 医醫 \
    区區 单單単 厂廠 历歷暦曆歴 压壓圧 发發発髮髪 变變変 台臺 号號 员員 团團団 国國 图圖図圗 园園 场場 块塊 报報 妇婦 学學 实實実 审審 宝寶 导導 将將 \
    尔爾 尸屍 岁歲歳 师師 带帶帯 广廣広 库庫 应應応 开開 异異 弹彈弾 录錄録 径徑 恋戀 恶惡悪 悬懸 战戰戦 户戶 扑撲 执執 护護 担擔 拥擁 择擇択 \
    换換 据據拠 损損 摇搖揺 敌敵 数數 断斷 无無 时時 显顯顕 晓曉 暂暫 术術 机機 杀殺 权權権 条條 来來 极極 枪槍鎗 样樣様 档檔 检檢検 欢歡歓 \
    残殘 毕畢 气氣 汇匯彙 汉漢 汤湯 没沒 洁潔 测測 济濟済 涂塗 涉渉 温溫 游遊 湾灣 满滿満 炼煉 烟煙 烧燒焼 热熱 爱愛 独獨 猎獵 现現 \
    电電 画畫 疗療 疯瘋 监監 盖蓋 盘盤 硅矽 码碼 确確 礼禮 离離 种種 税稅 稳穩穏 穷窮 竞競 笔筆 简簡 类類 粤粵 红紅 纯純 纳納 \
    线線 组組 细細 终終 经經経 结結 给給 络絡 绝絕 统統 绳繩縄 维維 编編 网網 罗羅 罚罰 职職 联聯 肃肅 胜勝 脑腦 脏髒臟 药藥薬 获獲 \
    虏虜 虚虛 补補 装裝 见見 规規 视視 览覽 觉覺覚 触觸 计計 认認 记記 许許 设設 证證証 诈詐 识識 词詞 诚誠 话話 该該 详詳 语語 \
    误誤 说說説 请請 诺諾 读讀読 调調 谋謀 谎謊 负負 财財 责責 败敗 账賬帳 质質 贪貪 贫貧 贷貸 贸貿 费費 资資 赌賭 赔賠 赚賺 赢贏 \
    轮輪 软軟 轻輕軽 载載 边邊辺 达達 迁遷 过過 运運 还還 这這 进進 远遠 连連 适適 选選 递遞 邮郵 酝醞 释釋釈 里裡裏 钱錢銭 铁鐵鉄 铜銅 \
    银銀 锁鎖 销銷 镜鏡 长長 门門 闭閉 问問 间間 闻聞 阳陽 阴陰 队隊 际際 陆陸 险險険 隐隱隠 难難 雾霧 静靜 面麵 页頁 项項 须須鬚 \
    顾顧 预預 领領 题題 风風 飞飛 馆館 驱驅 驾駕 验驗験 骗騙 鸡雞鶏 麦麥 黄黃 黑黒 齐齊 龙龍竜 违違 扫掃 抢搶 砍斫 宾賓 处處処 绑綁 \
    缚縛 帮幫 刷涮 兑兌 币幣 额額 赠贈 灭滅 绞絞 犹猶 韩韓 鲜鮮 罢罷 诱誘 奸姦 婴嬰 裸躶 频頻 专專 业業 东東 丝絲 两兩 严嚴厳 \
    丧喪 丰豐 临臨 为為 举舉 义義 乌烏 乐樂 习習 乡鄉 书書 乱亂 争爭 亏虧 云雲 亚亞 产產 亲親 亿億 仅僅 从從 仓倉 仪儀 众眾 \
    会會 伟偉 伪偽 纹紋 凭憑 头頭 制製 听聽聴 叶葉 纤纖繊 纸紙 饮飲 钞鈔 当當 们們 么麼 骤驟 约約 赶趕 紧緊 楼樓 萝蘿 秽穢 范範 \
    佣傭 系繫係 征徵 内內 册冊 车車 尽盡 袭襲 别別 让讓譲 铳銃 转轉転 归歸帰 隶隸 龄齡齢 铅鉛 针針 盐鹽塩 拟擬 尝嘗 矿礦鉱 弃棄 坏壞 怀懷 \
    伙夥 仆僕 丑醜 剥剝 岛島 吓嚇 欧歐 殴毆 谁誰 杂雜雑 真眞";

static FOLDED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut folded = HashMap::new();
    for forms in FORMS.split_whitespace() {
        let mut forms = forms.chars();
        let Some(simplified) = forms.next() else {
            continue;
        };
        for other in forms {
            // The first entry wins, so that no chain can arise.
            folded.entry(other).or_insert(simplified);
        }
    }
    folded
});

/// Characters as they are taken apart to hide them: the two parts, then the
/// whole. Only characters that rules are written with, in folded form.
const PARTS: &str = "\
    木仓枪 火乍炸 弓单弹 讠正证 言正证 贝反贩 贝者赌 贝兼赚 贝武赋 金艮银 钅艮银 彳亍行 卡号卡 木几机 酉星醒 金充铳 口乞吃 火暴爆 石皮破 禾中种 \
    氵去法 水去法 氵每海 水每海 氵各洛 水各洛 冫水冰 氵水冰 主母毒 丰母毒 龶母毒 米分粉 君羊群 代贝贷 次贝资 扌殳投 手殳投 扌殳投 \
    西示票 采彡彩 尚贝赏 月兑脱 禾兑税 衤果裸 衣果裸 礻果裸 女乃奶 女子好 亻叚假 人叚假 亻子仔 亻言信 人言信 忄生性 心生性 人牛件 \
    扌丁打 手丁打 女又奴 木羊样 扌巴把 王里理 土夬块 古月胡 月半胖 石少砂 口马吗 麻鬼魔 广大庆 户斤所 门人闪 \
    系内纳 纟内纳 纟工红 糸工红 车专转 耳关联 走己起 走干赶 走召超 辶寸过 辶万迈 牙阝邪 自心息 因心恩 今心念 田心思 立日音 日月明 \
    刀口召 刀牛解 尸至屋 木木林 八刀分 夕卜外 女口如 弓长张 木子李 立早章 言川训 讠川训 言己记 讠己记 木又权 又欠欢 又寸对 又见观";

/// The character of which two are the parts.
pub(super) fn whole(left: char, right: char) -> Option<char> {
    WHOLES.get(&(left, right)).copied()
}

static WHOLES: LazyLock<HashMap<(char, char), char>> = LazyLock::new(|| {
    let mut wholes = HashMap::new();
    for entry in PARTS.split_whitespace() {
        let mut chars = entry.chars();
        if let (Some(left), Some(right), Some(whole)) = (chars.next(), chars.next(), chars.next()) {
            wholes.insert((fold(left), fold(right)), fold(whole));
        }
    }
    wholes
});

/// Whether a character is read on its own, without spaces around words.
pub(super) fn is_cjk(ch: char) -> bool {
    // Most texts are not: this is asked for every character.
    if u32::from(ch) < 0x1100 {
        return false;
    }
    ch == 'ー'
        || matches!(
            ch.script(),
            Script::Han | Script::Hiragana | Script::Katakana | Script::Hangul | Script::Bopomofo
        )
}

/// A CJK character in the form that rules are matched in.
pub(super) fn fold(ch: char) -> char {
    match ch {
        // Katakana stand 0x60 above their hiragana.
        'ァ'..='ヶ' => large(char::from_u32(u32::from(ch) - 0x60).unwrap_or(ch)),
        'ぁ'..='ゖ' => large(ch),
        _ => FOLDED.get(&ch).copied().unwrap_or(ch),
    }
}

/// Small kana as the large ones that they are written as to hide them.
const fn large(kana: char) -> char {
    match kana {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{FOLDED, fold, is_cjk, whole};

    #[test]
    fn forms_of_one_character_are_one() {
        for forms in ["卖賣売", "觉覺覚", "剂劑剤", "发發発"] {
            let folded: Vec<char> = forms.chars().map(fold).collect();
            assert!(folded.windows(2).all(|two| two[0] == two[1]), "{forms}");
        }
        assert_eq!(fold('シ'), 'し');
        assert_eq!(fold('江'), '江');
        assert_eq!((fold('ャ'), fold('っ')), ('や', 'つ'));
    }

    #[test]
    fn a_character_taken_apart_is_known() {
        assert_eq!(whole('木', fold('倉')), Some(fold('槍')));
        assert_eq!(whole(fold('シ'), fold('ヤ')), None);
    }

    #[test]
    fn every_entry_of_parts_is_two_parts_and_their_whole() {
        for entry in super::PARTS.split_whitespace() {
            assert_eq!(entry.chars().count(), 3, "{entry}");
        }
    }

    #[test]
    fn what_was_folded_is_not_folded_further() {
        for (from, to) in FOLDED.iter() {
            assert_eq!(fold(*to), *to, "{from} → {to}");
        }
    }

    #[test]
    fn only_characters_without_spaces_count() {
        for ch in "江ひヒー한ㄅ".chars() {
            assert!(is_cjk(ch), "{ch}");
        }
        for ch in "aé中".chars().take(2).chain(['я', '。', '🔥', ' ', '１']) {
            assert!(!is_cjk(ch), "{ch}");
        }
    }
}
