//! What the assistant knows and says: documents, imports, answers, language models and embeddings.

mod answers;
mod documents;
mod embeddings;
mod imports;
mod models;

fn main() -> std::process::ExitCode {
    oriel_tests::harness::run()
}
