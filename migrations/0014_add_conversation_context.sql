-- Where the visitor was last, as the site's page told it: JSON in the wire's own form, replaced as a whole. Goes with the
-- conversation when the visitor is erased.
ALTER TABLE conversations ADD COLUMN context TEXT;
