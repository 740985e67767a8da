//! What the assistant knows and says: documents, imports, answers, language models and embeddings.

mod answers;
mod documents;
mod embedding_failures;
mod embeddings;
mod import_runs;
mod imports;
mod labelled_questions;
mod model_prompts;
mod model_stops;
mod models;
mod recorded_embeddings;
mod shop;
mod web_pages;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
