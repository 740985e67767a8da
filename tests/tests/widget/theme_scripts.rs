//! What is said on the pages that `theme.rs` walks through: one from left to right, one from right to left.

use serde_json::{Value, json};

/// What is on a page in one language.
pub(super) struct Script {
    pub(super) lang: &'static str,
    pub(super) dir: &'static str,
    pub(super) name: &'static str,
    pub(super) greeting: &'static str,
    pub(super) disclosure: &'static str,
    pub(super) suggestions: [&'static str; 3],
    pub(super) theme: Value,
    pub(super) document: &'static str,
    pub(super) question: &'static str,
    /// Something that the document does not answer.
    pub(super) unknown: &'static str,
    pub(super) agent: &'static str,
    pub(super) agent_says: &'static str,
    pub(super) live: &'static str,
    pub(super) prechat: Value,
    /// Colour of the launcher and of the sign on it, light and dark.
    pub(super) launcher: [[&'static str; 2]; 2],
}

pub(super) fn scripts() -> [Script; 2] {
    let english = Script {
        lang: "en",
        dir: "ltr",
        name: "Tidewater Boats",
        greeting: "Ask us anything about boats.",
        disclosure: "An automatic assistant answers first, from our own pages. You can ask for a person.",
        suggestions: [
            "When is the boathouse open?",
            "How much is a rowing boat for an afternoon?",
            "Can I bring my dog?",
        ],
        theme: json!({}),
        document: "# Opening hours\n\nThe boathouse opens at nine on weekdays and at ten on Sundays.\n\n\
            - Bring a **coat**, it is windy.\n- Pay at the jetty or at `pay.example/boats`.\n",
        question: "When does the boathouse open on weekdays?",
        unknown: "Do llamas enjoy accordion concerts?",
        agent: "Mina",
        agent_says: "Hello, Mina here. **Two things**:\n\n1. Llamas prefer tangos.\n2. See [our page](https://example.com/llamas).\n\n\
            ```\nbook --boat heron --seats 2 --from 09:00 --until 17:00 --and-a-rather-long-option\n```\n\n> Boats are slow on purpose.\n",
        live: "The boathouse opens at nine on weekdays.\n\nOn Sundays",
        prechat: json!({
            "fields": [{ "name": "name" }, { "name": "email", "required": true }, { "name": "company", "label": "Club or school" }],
            "consent": "I agree that Tidewater Boats keeps what I write here for a year.",
        }),
        launcher: [
            ["rgb(27, 94, 79)", "rgb(255, 255, 255)"],
            ["rgb(134, 205, 182)", "rgb(0, 0, 0)"],
        ],
    };
    let arabic = Script {
        lang: "ar",
        dir: "rtl",
        name: "قوارب المد",
        greeting: "اسألونا عن القوارب.",
        disclosure: "يجيب مساعد آلي أولاً من صفحاتنا. يمكنك طلب التحدث إلى شخص.",
        suggestions: [
            "متى يفتح بيت القوارب؟",
            "كم سعر قارب التجديف؟",
            "هل يمكنني إحضار كلبي؟",
        ],
        // Both a colour that is hard to read as it is, and corners that are nearly square.
        theme: json!({ "accent": "#ffb000", "radius": 4 }),
        document: "# ساعات العمل\n\nيفتح بيت القوارب في التاسعة أيام الأسبوع وفي العاشرة يوم الأحد.\n\n- أحضر **معطفاً**.\n- ادفع في `pay.example`.\n",
        question: "يفتح بيت القوارب أيام الأسبوع؟",
        unknown: "هل تحب اللاما حفلات الأكورديون؟",
        agent: "مينا",
        agent_says: "مرحباً، معك مينا. **أمران**:\n\n1. اللاما تفضل التانغو.\n2. انظر [صفحتنا](https://example.com/llamas).\n\n\
            ```\nbook --boat heron --seats 2 --from 09:00 --until 17:00 --and-a-rather-long-option\n```\n\n> القوارب بطيئة عن قصد.\n",
        live: "يفتح بيت القوارب في التاسعة أيام الأسبوع.\n\nيوم الأحد",
        prechat: json!({
            "fields": [{ "name": "name" }, { "name": "email", "required": true }, { "name": "company", "label": "النادي أو المدرسة" }],
            "consent": "أوافق على أن تحتفظ قوارب المد بما أكتبه هنا لمدة عام.",
        }),
        launcher: [["rgb(255, 176, 0)", "rgb(0, 0, 0)"]; 2],
    };
    [english, arabic]
}
