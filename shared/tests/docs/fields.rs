//! The tables of a setting's fields are complete.

use oriel_shared::wire::site::{Answers, Embeddings, Model};
use oriel_shared::wire::theme::Theme;

use super::pages::{first_column, read};

/// The names of all fields of a struct. One that is missing here does not compile.
macro_rules! fields {
    ($struct:ident { $($field:ident),* $(,)? }) => {{
        let _complete = |$struct { $($field: _),* }: $struct| ();
        [$(stringify!($field)),*].as_slice()
    }};
}

#[test]
fn every_field_of_a_setting_is_listed() {
    for (setting, page, fields) in [
        (
            "theme",
            "docs/management-api.md",
            fields!(Theme {
                accent,
                scheme,
                radius,
                position,
                offset,
                launcher
            }),
        ),
        (
            "answers",
            "docs/management-api.md",
            fields!(Answers {
                needs_review,
                synonyms,
                escalate_after,
                escalate_on,
                refuse,
                refusal,
                withhold,
                link_hosts,
                embeddings
            }),
        ),
        (
            "model",
            "docs/models.md",
            fields!(Model {
                provider,
                connection_id,
                name,
                instructions,
                max_output_tokens,
                history_tokens,
                timeout_s,
                input_price,
                output_price
            }),
        ),
        (
            "answers.embeddings",
            "docs/models.md",
            fields!(Embeddings {
                provider,
                connection_id,
                name,
                question_prefix,
                passage_prefix,
                timeout_ms,
                price
            }),
        ),
    ] {
        let text = read(page);
        let head = format!("| Field of `{setting}` |");
        let table = text.lines().skip_while(|line| !line.starts_with(&head));
        let table: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        let listed = first_column(&table.join("\n"));
        for field in fields {
            assert!(
                listed.contains(*field),
                "{page} lacks `{field}` of `{setting}`"
            );
        }
    }
}
