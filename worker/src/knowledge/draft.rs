//! The content that a document is to have, before it is stored as a version.

use oriel_shared::answer::{Passage, passages};
use oriel_shared::id::{DocumentId, UnixMs};
use oriel_shared::text::document;
use oriel_shared::wire::admin::DocumentFormat;
use sha2::{Digest, Sha256};

use super::page::{self, Read};
use crate::http::problem::Problem;
use crate::store::documents::{DocumentRow, StoredDocument};

/// The content that a document is to have. Titles and addresses are in their normal form.
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
pub struct DocumentEdit {
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
pub struct FetchedPage {
    /// The address that was asked for, in its normal form.
    pub url: String,
    /// The sitemap that led to it.
    pub sitemap: Option<String>,
    /// The title that its owner wants.
    pub title: Option<String>,
    /// What was there.
    pub read: Read,
}

/// Where a document was fetched from, as its row says it.
#[derive(Default)]
pub struct Source {
    source: Option<String>,
    digest: Option<String>,
    sitemap: Option<String>,
}

impl Draft {
    /// What a document says now.
    pub fn of(document: &StoredDocument) -> Self {
        Self {
            title: document.row.title.clone(),
            format: document.row.format,
            url: document.row.url.clone(),
            content: document.content.clone(),
        }
    }

    /// This draft with what was edited.
    pub fn edited(self, edit: DocumentEdit) -> Self {
        let DocumentEdit {
            title,
            format,
            url,
            content,
        } = edit;
        Self {
            title: title.unwrap_or(self.title),
            format: format.unwrap_or(self.format),
            url: url.or(self.url),
            content: content.unwrap_or(self.content),
        }
    }

    /// Cuts the text into passages.
    ///
    /// # Errors
    /// 422 `invalid_field` for a text that cannot be kept.
    pub fn passages(&self) -> Result<Vec<Passage>, Problem> {
        document::check(&self.content).map_err(|error| Problem::field("content", &error))?;
        let passages = passages(self.format, &self.title, &self.content);
        if passages.is_empty() {
            return Err(Problem::field("content", &"holds no text"));
        }
        Ok(passages)
    }

    /// The first version of a document that says this.
    pub fn first_version(
        self,
        id: DocumentId,
        n_passages: usize,
        from: Source,
        now: UnixMs,
    ) -> StoredDocument {
        let Self {
            title,
            format,
            url,
            content,
        } = self;
        let row = DocumentRow {
            id,
            title,
            format,
            url,
            passages: count(n_passages),
            version: 1,
            source: from.source,
            source_digest: from.digest,
            sitemap: from.sitemap,
            created_at: now,
            updated_at: now,
            content: None,
        };
        StoredDocument { row, content }
    }

    /// The version after `old` that says this.
    pub fn next_version(
        self,
        old: StoredDocument,
        n_passages: usize,
        source_digest: Option<String>,
        now: UnixMs,
    ) -> StoredDocument {
        let Self {
            title,
            format,
            url,
            content,
        } = self;
        // Taken apart whole, so that a new column does not compile until it is decided whether a version keeps it.
        let DocumentRow {
            id,
            title: _,
            format: _,
            url: _,
            passages: _,
            version,
            source,
            source_digest: _,
            sitemap,
            created_at,
            updated_at: _,
            content: stored_content,
        } = old.row;
        let row = DocumentRow {
            id,
            title,
            format,
            url,
            passages: count(n_passages),
            version: version.saturating_add(1),
            source,
            source_digest,
            sitemap,
            created_at,
            updated_at: now,
            content: stored_content,
        };
        StoredDocument { row, content }
    }
}

impl FetchedPage {
    /// The address that the document is known by when the page is imported again.
    pub fn source(&self) -> String {
        page::source(&self.url)
    }

    /// What the page says, in few letters: a template around it that changes with every request is no part of it.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for part in [
            self.read.title.as_deref().unwrap_or_default(),
            &self.read.content,
        ] {
            hasher.update(part.as_bytes());
            // No text holds it.
            hasher.update([0]);
        }
        format!("{:x}", hasher.finalize())
    }

    /// Where a new document of this page comes from.
    pub fn as_source(&self) -> Source {
        Source {
            source: Some(self.source()),
            digest: Some(self.digest()),
            sitemap: self.sitemap.clone(),
        }
    }

    /// What a new document of this page says.
    ///
    /// # Errors
    /// 422 `invalid_field` for a page without a title.
    pub fn draft(&self) -> Result<Draft, Problem> {
        let title = self.title.clone().or_else(|| self.read.title.clone());
        Ok(Draft {
            title: title.ok_or_else(|| Problem::field("title", &"is needed: the page has none"))?,
            format: self.read.format,
            url: Some(self.url.clone()),
            content: self.read.content.clone(),
        })
    }

    /// What the document of this page says now: what its owner edited stays until the page changes.
    pub fn draft_after(&self, old: &StoredDocument) -> Draft {
        let mut draft = Draft::of(old);
        if old.row.source_digest.as_ref() != Some(&self.digest()) {
            draft.title = self.read.title.clone().unwrap_or(draft.title);
            draft.format = self.read.format;
            draft.content.clone_from(&self.read.content);
        }
        draft.title = self.title.clone().unwrap_or(draft.title);
        draft
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
