//! What holds for every validator: it never panics, its output keeps its rules, and is its own normal form.

use oriel_shared::text::label::{SENTENCE_MAX, label};
use oriel_shared::text::link::web_address;
use oriel_shared::text::{TextError, chat, email, locale, name, phone};
use proptest::prelude::*;

type Validator = fn(&str) -> Result<String, TextError>;

const VALIDATORS: [(&str, Validator); 7] = [
    ("message", chat::message),
    ("label", |text| label(text, SENTENCE_MAX)),
    ("name", name::name),
    ("e-mail", email::email),
    ("phone", phone::phone),
    ("link", web_address),
    ("locale", locale::locale),
];

/// Texts made of what gives validators trouble.
fn tricky() -> impl Strategy<Value = String> {
    let parts = vec![
        "a",
        "é",
        "e",
        "\u{301}",
        "\u{308}",
        "\u{323}",
        " ",
        "\u{3000}",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\0",
        "\u{1b}",
        "\u{ad}",
        "\u{200b}",
        "\u{200c}",
        "\u{200d}",
        "\u{202e}",
        "\u{2066}",
        "\u{2069}",
        "\u{feff}",
        "\u{fe0f}",
        "👩",
        "👧",
        "🏽",
        "क",
        "\u{94d}",
        "م",
        "ی",
        "한",
        "\u{1100}",
        "\u{1161}",
        "\u{11a8}",
        "\u{958}",
        "\u{fb2c}",
        "\u{212b}",
        "\u{e000}",
        "\u{378}",
        "\u{e0041}",
        "\u{2028}",
        "+",
        "1",
        "234",
        "@",
        ".",
        "-",
        "_",
        "example.com",
        "https://",
        "http://",
        "javascript:",
        "/",
        "?",
        "#",
        "%00",
        "[",
        "]",
        "(0)",
        "en",
        "US",
        "x",
        "\\",
        "<",
        ">",
        "\"",
        "'",
        ";",
        ",",
    ];
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|parts| parts.concat())
}

fn hold(text: &str) -> Result<(), TestCaseError> {
    for (kind, validate) in VALIDATORS {
        let Ok(kept) = validate(text) else { continue };
        prop_assert_eq!(validate(&kept), Ok(kept.clone()), "{}", kind);
        prop_assert!(!kept.is_empty(), "{}", kind);
        let may_have = |c| kind == "message" && matches!(c, '\n' | '\t');
        prop_assert!(
            !kept.chars().any(|c| c.is_control() && !may_have(c)),
            "{}",
            kind
        );
        let reorders = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        prop_assert!(!kept.contains(reorders), "{}", kind);
        prop_assert_eq!(kept.trim(), &kept, "{}", kind);
        if matches!(kind, "e-mail" | "phone" | "link" | "locale") {
            prop_assert!(kept.bytes().all(|b| b.is_ascii_graphic()), "{}", kind);
        }
        if matches!(kind, "label" | "name") {
            let hides = |c| {
                matches!(
                    c,
                    '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{ad}' | '\u{2060}' | '\u{feff}'
                )
            };
            prop_assert!(!kept.contains(hides), "{}", kind);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_refused_or_comes_out_in_its_normal_form(text in "(?s).{0,60}") {
        hold(&text)?;
    }

    #[test]
    fn a_tricky_text_is_refused_or_comes_out_in_its_normal_form(text in tricky()) {
        hold(&text)?;
    }

    #[test]
    fn two_spellings_of_one_text_come_out_alike(text in "[a-zäöüéèñ ]{1,40}") {
        // Each letter with its accent apart.
        let apart: String = text
            .chars()
            .flat_map(|c| match c {
                'ä' => vec!['a', '\u{308}'],
                'ö' => vec!['o', '\u{308}'],
                'ü' => vec!['u', '\u{308}'],
                'é' => vec!['e', '\u{301}'],
                'è' => vec!['e', '\u{300}'],
                'ñ' => vec!['n', '\u{303}'],
                c => vec![c],
            })
            .collect();
        prop_assert_eq!(label(&apart, SENTENCE_MAX), label(&text, SENTENCE_MAX));
        prop_assert_eq!(name::name(&apart), name::name(&text));
        prop_assert_eq!(chat::message(&apart), chat::message(&text));
    }
}
