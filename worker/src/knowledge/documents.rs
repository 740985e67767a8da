//! One site's documents: added, edited, imported and deleted, in the main database and in the index.

use oriel_shared::answer::Passage;
use oriel_shared::id::{DocumentId, OrgId, SiteId};
use oriel_shared::wire::admin::DocumentOutcome;
use oriel_shared::wire::problem::Code;
use worker::{D1PreparedStatement, Env};

use super::draft::{DocumentEdit, Draft, FetchedPage, Source};
use crate::clock;
use crate::http::problem::Problem;
use crate::store::documents::{self, DocumentRow, StoredDocument};
use crate::store::passages::{self, IndexEntry, IndexedVersion};
use crate::store::{Db, Search};

/// How often an edit is made anew because somebody else was faster. More at once is nobody's honest work.
const ATTEMPTS_MAX: usize = 5;

/// One site's documents.
pub struct SiteDocuments<'d> {
    db: &'d Db,
    search: Search,
    org: OrgId,
    site: SiteId,
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
        let id = DocumentId::from_random(clock::random()?);
        let document = draft.first_version(id, passages.len(), Source::default(), clock::now());
        let insertion = documents::insertion(self.db, &self.org, &self.site, &document)?;
        documents::write(self.db, vec![insertion]).await?;
        let row = document.row;
        if let Err(problem) = self.index(&row, &passages).await {
            // Nobody could find it again to repair it: adding it once more makes another document.
            documents::delete(self.db, &self.org, &self.site, row.id.as_str()).await?;
            return Err(problem);
        }
        Ok(row)
    }

    /// Makes a new version of a document, unless nothing of it changes.
    ///
    /// # Errors
    /// 404 `not_found`; 422 `invalid_field` for a text that cannot be kept.
    pub async fn edit(&self, id: &str, edit: &DocumentEdit) -> Result<Saved, Problem> {
        for _ in 0..ATTEMPTS_MAX {
            let old = documents::find(self.db, &self.org, &self.site, id)
                .await?
                .ok_or_else(|| Problem::refused(Code::NotFound))?;
            let draft = Draft::of(&old).edited(edit.clone());
            let digest = old.row.source_digest.clone();
            if let Some(saved) = self.replace(old, draft, digest, None).await? {
                return Ok(saved);
            }
        }
        Err(contended())
    }

    /// Takes over a page: a new document, or a new version of the one that came from the same address, if the page has
    /// changed since. What its owner edited stays until then. `note` is written in the same transaction as the
    /// document.
    ///
    /// # Errors
    /// 422 `invalid_field` for a page without a title or a text that can be kept.
    pub async fn import(
        &self,
        page: &FetchedPage,
        note: impl Fn(DocumentOutcome) -> Result<Option<D1PreparedStatement>, Problem>,
    ) -> Result<Saved, Problem> {
        for _ in 0..ATTEMPTS_MAX {
            let (db, source) = (self.db, page.source());
            let saved = match documents::find_by_source(db, &self.org, &self.site, &source).await? {
                None => self.insert(page, note(DocumentOutcome::Added)?).await?,
                Some(old) => {
                    let draft = page.draft_after(&old);
                    let note = note(DocumentOutcome::Changed)?;
                    self.replace(old, draft, Some(page.digest()), note).await?
                }
            };
            if let Some(saved) = saved {
                return Ok(saved);
            }
        }
        Err(contended())
    }

    /// Deletes a document.
    ///
    /// # Errors
    /// 404 `not_found`.
    pub async fn remove(&self, id: &str) -> Result<(), Problem> {
        let document = documents::find(self.db, &self.org, &self.site, id)
            .await?
            .ok_or_else(|| Problem::refused(Code::NotFound))?;
        // Out of the index first: should the second step fail, nobody is answered from it, and the call can be
        // repeated.
        passages::delete(&self.search, &self.site, &document.row.id).await?;
        documents::delete(self.db, &self.org, &self.site, id).await?;
        Ok(())
    }

    /// Makes the first document of a page. `None` when another one was made meanwhile.
    async fn insert(
        &self,
        page: &FetchedPage,
        note: Option<D1PreparedStatement>,
    ) -> Result<Option<Saved>, Problem> {
        let draft = page.draft()?;
        let passages = draft.passages()?;
        let id = DocumentId::from_random(clock::random()?);
        let document = draft.first_version(id, passages.len(), page.as_source(), clock::now());
        let mut statements: Vec<_> = note.into_iter().collect();
        statements.push(documents::insertion(
            self.db, &self.org, &self.site, &document,
        )?);
        if !documents::write(self.db, statements).await? {
            return Ok(None);
        }
        self.index(&document.row, &passages).await?;
        Ok(Some((document.row, DocumentOutcome::Added)))
    }

    /// Makes a draft the next version of `old`. `None` when another version was made meanwhile.
    async fn replace(
        &self,
        old: StoredDocument,
        draft: Draft,
        source_digest: Option<String>,
        note: Option<D1PreparedStatement>,
    ) -> Result<Option<Saved>, Problem> {
        if draft == Draft::of(&old) && source_digest == old.row.source_digest {
            let indexed = passages::indexed_version(&self.search, &self.site, &old.row.id).await?;
            if indexed != IndexedVersion::Version(old.row.version.into()) {
                self.index(&old.row, &draft.passages()?).await?;
            }
            return Ok(Some((old.row, DocumentOutcome::Unchanged)));
        }
        let passages = draft.passages()?;
        let document = draft.next_version(old, passages.len(), source_digest, clock::now());
        let mut statements: Vec<_> = note.into_iter().collect();
        statements.push(documents::replacement(
            self.db, &self.org, &self.site, &document,
        )?);
        if !documents::write(self.db, statements).await? {
            return Ok(None);
        }
        self.index(&document.row, &passages).await?;
        Ok(Some((document.row, DocumentOutcome::Changed)))
    }

    /// Brings the index to this version, unless it is further.
    async fn index(&self, row: &DocumentRow, passages: &[Passage]) -> Result<(), Problem> {
        let entry = IndexEntry {
            document: &row.id,
            version: row.version,
            title: &row.title,
            url: row.url.as_deref(),
            updated_at: row.updated_at,
        };
        match passages::replace(&self.search, &self.site, &entry, passages).await? {
            // Deleted while it was being edited.
            IndexedVersion::Deleted => Err(Problem::refused(Code::NotFound)),
            IndexedVersion::None | IndexedVersion::Version(_) => Ok(()),
        }
    }
}

/// Makes a document's passages anew, as saving it would. Those of a document that is gone, or that holds no text any
/// more, are taken out.
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
        return passages::remove(&search, site, document).await;
    };
    let stored = documents::find(db, &org, site, document.as_str()).await?;
    let cut = stored.as_ref().map(|stored| Draft::of(stored).passages());
    let (Some(stored), Some(Ok(cut))) = (stored, cut) else {
        return passages::remove(&search, site, document).await;
    };
    let documents = SiteDocuments {
        db,
        search,
        org,
        site: site.clone(),
    };
    match documents.index(&stored.row, &cut).await {
        // Deleted since.
        Err(problem) if problem.code == Code::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn contended() -> Problem {
    Problem::unavailable("document", &"edited by several at once")
}
