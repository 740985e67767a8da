//! Every statement of the store is held to one tenant: by the organisation in the main database, by the site in the index.

use proc_macro2::TokenTree;

use super::sources;

/// Statements that are not, by their file and how they begin. An entry that nothing needs fails the test.
const FOR_ALL: &[(&str, &str)] = &[
    // Find the tenant, by what nobody can guess or by what is public.
    (
        "api_keys.rs",
        "SELECT id, org_id, site_id FROM api_keys WHERE hash = ?1",
    ),
    ("sites.rs", "SELECT {COLUMNS} FROM sites WHERE key = ?1"),
    (
        "documents.rs",
        "SELECT org_id FROM documents WHERE site_id = ?1",
    ),
    // Search for words that begin with the site's word.
    (
        "passages/search.rs",
        "SELECT (SELECT count(*) FROM words_index",
    ),
    ("passages/search.rs", "SELECT mistyped.value"),
    // Its columns include the organisation.
    ("sites.rs", "INSERT INTO sites ({COLUMNS})"),
    // Jobs serve every organisation.
    ("audit.rs", "WITH RECURSIVE trails"),
    ("audit.rs", "DELETE FROM audit WHERE id IN"),
    ("deliveries.rs", "SELECT org_id, connection_id FROM ("),
    (
        "deliveries.rs",
        "DELETE FROM deliveries WHERE updated_at < ?1",
    ),
    ("imports.rs", "SELECT org_id, site_id FROM ("),
    ("imports.rs", "DELETE FROM import_steps WHERE import_id IN"),
    (
        "imports.rs",
        "DELETE FROM imports WHERE status != 'running'",
    ),
    ("passages/mod.rs", "SELECT site_id, document_id FROM ("),
    ("sealed.rs", "SELECT id, sealed FROM connections"),
    ("sealed.rs", "SELECT id, sealed FROM signing_keys"),
    ("sealed.rs", "UPDATE connections"),
    ("sealed.rs", "UPDATE signing_keys"),
    (
        "visitors.rs",
        "SELECT org_id, site_id, visitor_id, conversation_id, until FROM (",
    ),
    // Read no row that is anybody's.
    ("mod.rs", "SELECT 1 FROM organisations LIMIT 1"),
    ("mod.rs", "SELECT 1 FROM passages LIMIT 1"),
];

/// Collects the statements among the text literals of a source.
fn statements(tokens: &[TokenTree], found: &mut Vec<String>) {
    const VERBS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                statements(&inner, found);
            }
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                let text = literal.trim_start_matches('"').trim_start();
                if VERBS.iter().any(|verb| text.starts_with(verb)) {
                    found.push(text.to_owned());
                }
            }
            _ => {}
        }
    }
}

/// Whether a statement compares the tenant's column with a bound value, or writes one.
fn is_held(file: &str, statement: &str) -> bool {
    let column = if file.starts_with("passages/") {
        "site_id"
    } else {
        "org_id"
    };
    if statement.starts_with("INSERT ") {
        let columns = statement.split(')').next().unwrap_or_default();
        return columns.contains(column) || statement.contains(&format!("{column} = ?"));
    }
    statement.contains(&format!("{column} = ?"))
}

#[test]
fn every_statement_is_held_to_one_tenant() {
    let mut n_statements = 0;
    let mut for_all = FOR_ALL.to_vec();
    let mut faults = Vec::new();
    for source in sources("worker/src/store") {
        let mut found = Vec::new();
        statements(&source.tokens, &mut found);
        n_statements += found.len();
        for statement in found
            .iter()
            .filter(|statement| !is_held(&source.name, statement))
        {
            let is_it =
                |(file, start): &(&str, &str)| *file == source.name && statement.starts_with(start);
            match for_all.iter().position(is_it) {
                Some(at) => drop(for_all.remove(at)),
                None => faults.push(format!("{}: no tenant in `{statement}`", source.name)),
            }
        }
    }
    for (file, start) in for_all {
        faults.push(format!(
            "{file}: nothing needs the entry `{start}`: take it out."
        ));
    }
    assert!(
        n_statements > 60,
        "only {n_statements} statements were found"
    );
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
