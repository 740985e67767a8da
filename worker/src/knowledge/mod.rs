//! What a site's assistant knows: documents in the main database, their passages in the index.
//!
//! Keeps true: a visitor is answered from a whole version of a document, the old one or the new one. The row goes first and
//! counts the version up, only from the one that was read. The index follows in one transaction, which names that version
//! and gives way to a newer one and to a deletion (`store/passages.rs`). So whatever fails in between leaves the old
//! passages, and saving the same once more finds the index behind and brings it up.

pub mod page;

use oriel_shared::answer::{Passage, passages};
use oriel_shared::id::{DocumentId, OrgId, SiteId};
use oriel_shared::text::document;
use oriel_shared::wire::admin::{DocumentFormat, DocumentOutcome};
use oriel_shared::wire::problem::Code;
use sha2::{Digest, Sha256};
use worker::{D1PreparedStatement, Env};

use self::page::Read;
use crate::calls;
use crate::clock;
use crate::http::problem::Problem;
use crate::store::documents::{self, DocumentRow};
use crate::store::imports::ImportJob;
use crate::store::passages::{self as index, Edition, Held};
use crate::store::sites::OwnedSite;
use crate::store::{Db, Search};

/// Times that an edit is made anew because somebody else was faster. More at once is nobody's honest work.
const ATTEMPTS_MAX: usize = 5;

/// One site's documents.
pub struct SiteDocuments<'d> {
    db: &'d Db,
    search: Search,
    org: OrgId,
    site: SiteId,
}

/// What a document shall say. Titles and addresses are in their normal form.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Shown with every answer.
    pub title: String,
    /// How it is written.
    pub format: DocumentFormat,
    /// Where visitors can read it.
    pub url: Option<String>,
    /// Its text.
    pub content: String,
}

/// Parts of a draft; what is absent stays as it is.
#[derive(Clone, Default)]
pub struct Change {
    /// See [`Draft::title`].
    pub title: Option<String>,
    /// See [`Draft::format`].
    pub format: Option<DocumentFormat>,
    /// See [`Draft::url`].
    pub url: Option<String>,
    /// See [`Draft::content`].
    pub content: Option<String>,
}

/// A page that was fetched.
pub struct Fetched {
    /// The address that was asked for, in its normal form.
    pub url: String,
    /// The sitemap that led to it.
    pub sitemap: Option<String>,
    /// The title that its owner wants.
    pub title: Option<String>,
    /// What was there.
    pub read: Read,
}

impl Draft {
    fn of(row: &DocumentRow) -> Self {
        Self {
            title: row.title.clone(),
            format: row.format,
            url: row.url.clone(),
            content: row.content.clone().unwrap_or_default(),
        }
    }

    fn passages(&self) -> Result<Vec<Passage>, Problem> {
        document::check(&self.content).map_err(|error| Problem::field("content", &error))?;
        let passages = passages(self.format, &self.title, &self.content);
        if passages.is_empty() {
            return Err(Problem::field("content", &"holds no text"));
        }
        Ok(passages)
    }
}

/// A document as it was saved, and what came of it.
pub type Saved = (DocumentRow, DocumentOutcome);

impl<'d> SiteDocuments<'d> {
    /// The documents of a site.
    ///
    /// # Errors
    /// A [`Problem`] of ours when no index is bound.
    pub fn of(env: &Env, db: &'d Db, org: &OrgId, site: &SiteId) -> Result<Self, Problem> {
        Ok(Self {
            db,
            search: Search::open(env)?,
            org: org.clone(),
            site: site.clone(),
        })
    }

    /// Adds a document.
    ///
    /// # Errors
    /// 422 `invalid_field` for a text that cannot be kept.
    pub async fn add(&self, draft: Draft) -> Result<DocumentRow, Problem> {
        let passages = draft.passages()?;
        let row = first(draft, passages.len(), None)?;
        let insertion = documents::insertion(self.db, &self.org, &self.site, &row)?;
        documents::write(self.db, vec![insertion]).await?;
        if let Err(problem) = self.place(&row, &passages).await {
            // Nobody could find it again to repair it: adding the same once more makes another document.
            documents::delete(self.db, &self.org, &self.site, row.id.as_str()).await?;
            return Err(problem);
        }
        Ok(row)
    }

    /// Makes a new version of a document, unless it says the same already.
    ///
    /// # Errors
    /// 404 `not_found`; 422 `invalid_field` for a text that cannot be kept.
    pub async fn edit(&self, id: &str, change: &Change) -> Result<Saved, Problem> {
        for _ in 0..ATTEMPTS_MAX {
            let old = documents::find(self.db, &self.org, &self.site, id)
                .await?
                .ok_or_else(|| Problem::refused(Code::NotFound))?;
            let mut draft = Draft::of(&old);
            let Change {
                title,
                format,
                url,
                content,
            } = change.clone();
            draft.title = title.unwrap_or(draft.title);
            draft.format = format.unwrap_or(draft.format);
            draft.url = url.or(draft.url);
            draft.content = content.unwrap_or(draft.content);
            let digest = old.source_digest.clone();
            if let Some(saved) = self.replace(old, draft, digest, None).await? {
                return Ok(saved);
            }
        }
        Err(contended())
    }

    /// Takes over a page: a new document, or a new version of the one that came from the same address, if the page has
    /// changed since. What its owner edited stays until then. `note` is written in the same transaction as the document.
    ///
    /// # Errors
    /// 422 `invalid_field` for a page without a title or a text that can be kept.
    pub async fn take(
        &self,
        fetched: Fetched,
        note: impl Fn(DocumentOutcome) -> Result<Option<D1PreparedStatement>, Problem>,
    ) -> Result<Saved, Problem> {
        let Fetched {
            url,
            sitemap,
            title,
            read,
        } = fetched;
        let source = page::source(&url);
        let digest = digest(&read);
        for _ in 0..ATTEMPTS_MAX {
            let found = documents::find_by_source(self.db, &self.org, &self.site, &source).await?;
            let Some(old) = found else {
                let draft = Draft {
                    title: title
                        .clone()
                        .or_else(|| read.title.clone())
                        .ok_or_else(|| Problem::field("title", &"is needed: the page has none"))?,
                    format: read.format,
                    url: Some(url.clone()),
                    content: read.content.clone(),
                };
                let passages = draft.passages()?;
                let from = (source.clone(), digest.clone(), sitemap.clone());
                let row = first(draft, passages.len(), Some(from))?;
                let mut statements: Vec<_> = note(DocumentOutcome::Added)?.into_iter().collect();
                statements.push(documents::insertion(self.db, &self.org, &self.site, &row)?);
                if documents::write(self.db, statements).await? {
                    self.place(&row, &passages).await?;
                    return Ok((row, DocumentOutcome::Added));
                }
                continue;
            };
            let mut draft = Draft::of(&old);
            if old.source_digest.as_ref() != Some(&digest) {
                draft.title = read.title.clone().unwrap_or(draft.title);
                draft.format = read.format;
                draft.content.clone_from(&read.content);
            }
            draft.title = title.clone().unwrap_or(draft.title);
            let noted = note(DocumentOutcome::Changed)?;
            let digest = Some(digest.clone());
            if let Some(saved) = self.replace(old, draft, digest, noted).await? {
                return Ok(saved);
            }
        }
        Err(contended())
    }

    /// Forgets a document.
    ///
    /// # Errors
    /// 404 `not_found`.
    pub async fn remove(&self, id: &str) -> Result<(), Problem> {
        let row = documents::find(self.db, &self.org, &self.site, id)
            .await?
            .ok_or_else(|| Problem::refused(Code::NotFound))?;
        // Out of the index first: should the second step fail, nobody is answered from it, and the call can be repeated.
        index::delete(&self.search, &self.site, &row.id).await?;
        documents::delete(self.db, &self.org, &self.site, id).await?;
        Ok(())
    }

    /// Makes a draft the next version of `old`. `None` when another version was made meanwhile.
    async fn replace(
        &self,
        old: DocumentRow,
        draft: Draft,
        source_digest: Option<String>,
        note: Option<D1PreparedStatement>,
    ) -> Result<Option<Saved>, Problem> {
        if draft == Draft::of(&old) && source_digest == old.source_digest {
            let held = index::holds(&self.search, &self.site, &old.id).await?;
            if held != Held::Version(old.version.into()) {
                self.place(&old, &draft.passages()?).await?;
            }
            return Ok(Some((old, DocumentOutcome::Unchanged)));
        }
        let passages = draft.passages()?;
        let row = DocumentRow {
            title: draft.title,
            format: draft.format,
            url: draft.url,
            content: Some(draft.content),
            passages: count(passages.len()),
            version: old.version.saturating_add(1),
            source_digest,
            updated_at: clock::now(),
            ..old
        };
        let mut statements: Vec<_> = note.into_iter().collect();
        statements.push(documents::replacement(
            self.db, &self.org, &self.site, &row,
        )?);
        if !documents::write(self.db, statements).await? {
            return Ok(None);
        }
        self.place(&row, &passages).await?;
        Ok(Some((row, DocumentOutcome::Changed)))
    }

    /// Brings the index to this version, unless it is further.
    async fn place(&self, row: &DocumentRow, passages: &[Passage]) -> Result<(), Problem> {
        let edition = Edition {
            document: &row.id,
            version: row.version,
            title: &row.title,
            url: row.url.as_deref(),
            updated_at: row.updated_at,
        };
        match index::place(&self.search, &self.site, &edition, passages).await? {
            // Deleted while it was being edited.
            Held::Deleted => Err(Problem::refused(Code::NotFound)),
            Held::Nothing | Held::Version(_) => Ok(()),
        }
    }
}

/// Makes a document's passages anew, as saving it would. Those of a document that is gone, or that holds no text any more,
/// are taken out.
///
/// # Errors
/// A [`Problem`] of ours: then everything is as before.
pub async fn recut(
    env: &Env,
    db: &Db,
    site: &SiteId,
    document: &DocumentId,
) -> Result<(), Problem> {
    let search = Search::open(env)?;
    let Some(org) = documents::owner(db, site, document).await? else {
        return index::forget(&search, site, document).await;
    };
    let row = documents::find(db, &org, site, document.as_str()).await?;
    let passages = row.as_ref().map(|row| Draft::of(row).passages());
    let (Some(row), Some(Ok(passages))) = (row, passages) else {
        return index::forget(&search, site, document).await;
    };
    let documents = SiteDocuments {
        db,
        search,
        org,
        site: site.clone(),
    };
    match documents.place(&row, &passages).await {
        // Deleted since.
        Err(problem) if problem.code == Code::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Has the vectors of a site's passages made in the background. Nothing waits for that, and nothing fails with it.
pub async fn want_vectors(env: &Env, owned: &OwnedSite) {
    let job = ImportJob {
        org: owned.org.clone(),
        site: owned.site.id.clone(),
    };
    if let Err(problem) = calls::wake_importer(env, &job).await {
        let line = serde_json::json!({ "event": "importer_not_woken", "cause": problem.cause() });
        worker::console_error!("{line}");
    }
}

/// The first version of a document; `from` names the page, what it held, and the sitemap.
fn first(
    draft: Draft,
    n_passages: usize,
    from: Option<(String, String, Option<String>)>,
) -> Result<DocumentRow, Problem> {
    let now = clock::now();
    let (source, source_digest, sitemap) = match from {
        Some((source, digest, sitemap)) => (Some(source), Some(digest), sitemap),
        None => (None, None, None),
    };
    Ok(DocumentRow {
        id: DocumentId::from_random(clock::random()?),
        title: draft.title,
        format: draft.format,
        url: draft.url,
        content: Some(draft.content),
        passages: count(n_passages),
        version: 1,
        source,
        source_digest,
        sitemap,
        created_at: now,
        updated_at: now,
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// What a page says, in few letters: a template around it that changes with every request is no part of it.
fn digest(read: &Read) -> String {
    let mut hasher = Sha256::new();
    for part in [read.title.as_deref().unwrap_or_default(), &read.content] {
        hasher.update(part.as_bytes());
        // No text holds it.
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn contended() -> Problem {
    Problem::unavailable("document", &"edited by several at once")
}
