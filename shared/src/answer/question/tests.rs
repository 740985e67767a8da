//! Questions to terms, and terms to expressions that hold no syntax of a visitor's.

use proptest::prelude::*;

use super::*;

const PREFIX: &str = "s1x";

fn own_words(text: &str) -> Vec<String> {
    let terms = Question::parse(text, &[]).terms;
    terms.iter().map(|term| term.own.join(" ")).collect()
}

/// Whether an expression is strings, `OR` and balanced brackets, by the grammar of FTS5.
fn is_safe(expression: &str) -> bool {
    let mut depth = 0_i32;
    let mut rest = expression;
    let mut wants_operand = true;
    while let Some(c) = rest.chars().next() {
        match c {
            '"' if wants_operand => {
                let Some((inside, after)) = rest[1..].split_once('"') else {
                    return false;
                };
                if inside.is_empty() || !inside.chars().all(|c| c.is_alphanumeric() || c == ' ') {
                    return false;
                }
                rest = after;
                wants_operand = false;
            }
            '(' if wants_operand => {
                depth += 1;
                rest = &rest[1..];
            }
            ')' if !wants_operand && depth > 0 => {
                depth -= 1;
                rest = &rest[1..];
            }
            ' ' if !wants_operand && rest.starts_with(" OR ") => {
                rest = &rest[4..];
                wants_operand = true;
            }
            _ => return false,
        }
    }
    depth == 0 && (!wants_operand || expression.is_empty())
}

#[test]
fn nothing_that_a_visitor_writes_is_syntax() {
    for hostile in [
        "\"",
        "\"\"\"",
        "' OR 1=1 --",
        "a\" OR site:\"other",
        "title: secret",
        "{title body}: x",
        "NEAR(a b, 2)",
        "-site : pk_other",
        "^embed",
        "embed*",
        "a AND b NOT c",
        "(((((",
        "a + b",
        "\0null\0byte",
        "🙂🙂🙂",
        "ＡＢＣ",
        "\u{202e}evil",
        "%' ; DROP TABLE passages; --",
        "\\\" OR \"",
        "日本語の質問です",
        "e\u{301}",
        "½ Ⅷ ①",
    ] {
        let question = Question::parse(hostile, &[]);
        assert!(
            is_safe(&question.match_any(PREFIX)),
            "{hostile:?}: {}",
            question.match_any(PREFIX)
        );
        assert!(
            question
                .match_terms(PREFIX)
                .iter()
                .all(|term| is_safe(&term.own) && is_safe(&term.any)),
            "{hostile:?}"
        );
    }
}

#[test]
fn the_check_of_these_tests_refuses_what_is_unsafe() {
    for unsafe_one in [
        "\"a",
        "a",
        "\"a\" AND \"b\"",
        "site:\"a\"",
        "(\"a\"",
        "\"a\")",
        "\"a\" OR ",
        "\"\"",
        "\"a\"*",
        "\"a:b\"",
    ] {
        assert!(!is_safe(unsafe_one), "{unsafe_one}");
    }
    assert!(is_safe("(\"a\" OR \"b c\") OR \"d\""));
}

#[test]
fn a_question_is_its_words_that_carry_meaning() {
    for (text, expected) in [
        (
            "How do I embed the chat on my site?",
            vec!["embed", "chat", "site"],
        ),
        (
            "What does origin_not_allowed mean?",
            vec!["origin not allowed"],
        ),
        ("Can you tell me what it is about?", vec![]),
        ("Embedding, embedding and embeddings", vec!["embedding"]),
        ("I don't see the launcher!!!", vec!["launcher"]),
        ("D1?", vec!["d1"]),
        ("is 1.0 out? 5.1.x is.", vec!["1 0", "5 1 x"]),
        ("whats a safelist", vec!["safelist"]),
        ("est-ce que c'est gratuit", vec!["gratuit"]),
        ("", vec![]),
    ] {
        assert_eq!(own_words(text), expected, "{text}");
    }
}

#[test]
fn forms_that_the_stemmers_part_find_each_other() {
    let stems = Stems::default();
    for (asked, written) in [
        ("embed", "embedding"),
        ("embedding", "embed"),
        ("embedded", "embed"),
        ("add", "adding"),
        ("adding", "add"),
        ("added", "add"),
        ("delete", "deleting"),
        ("running", "run"),
    ] {
        let question = Question::parse(asked, &[]);
        let finds = |spelling: &Spelling| spelling.stems == [stems.of(written, Language::English)];
        assert!(
            question
                .terms
                .iter()
                .any(|term| term.spellings.iter().any(finds)),
            "{asked} {written}"
        );
    }
}

#[test]
fn a_long_text_is_asked_by_its_beginning_and_end() {
    let text: Vec<_> = (0..600).map(|n| format!("word{n}")).collect();
    let terms = own_words(&text.join(" "));
    assert_eq!(terms.len(), MOST_TERMS);
    assert_eq!(terms.first().map(String::as_str), Some("word0"));
    assert_eq!(terms.last().map(String::as_str), Some("word599"));
    assert!(own_words(&"x".repeat(4000)).is_empty());
    assert!(own_words(&"a_".repeat(2000)).len() <= MOST_TERMS);
}

proptest! {
    #[test]
    fn every_expression_is_quoted_and_balanced(text in "(?s).{0,300}") {
        let question = Question::parse(&text, &[]);
        prop_assert!(is_safe(&question.match_any(PREFIX)));
        prop_assert!(question.match_terms(PREFIX).len() <= MOST_TERMS);
        prop_assert!(question.match_terms(PREFIX).iter().all(|term| [&term.own, &term.any].iter().all(|it| !it.is_empty() && is_safe(it))));
    }

    #[test]
    fn so_is_every_expression_from_pieces_of_syntax(parts in prop::collection::vec(
        prop::sample::select(vec!["\"", "\"\"", "'", "(", ")", "{", "}", ":", "^", "*", "-", "+", " OR ", " AND ", " NOT ", "NEAR(", ",", "title", "embed",
            "_", "\0", "\n", "é", "價", "🙂", " "]), 0..40)) {
        prop_assert!(is_safe(&Question::parse(&parts.concat(), &[]).match_any(PREFIX)));
    }
}
