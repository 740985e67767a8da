-- What passages mean, on sites with an embedding model: base64 of one byte a dimension, and which model, with what before
-- the text, made it. They come some time after their passage and go with it.
ALTER TABLE passages ADD COLUMN vector TEXT;
ALTER TABLE passages ADD COLUMN vector_of TEXT;
-- Finds those that are still to be made without reading texts.
CREATE INDEX passages_by_vector ON passages (site_id, vector_of);
