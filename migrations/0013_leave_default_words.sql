-- The words that every site was made with were English. The widget has such words in each of its languages, for sites that
-- have none of their own.
UPDATE sites SET greeting = '' WHERE greeting = 'Hello! Ask me anything about this site.';
UPDATE sites SET disclosure = ''
WHERE disclosure = 'You are talking to an automated assistant. It answers from this site''s documents.';
