-- How a site's chat looks and begins: JSON; what is absent in it is the widget's own. NULL: the site has no locale, or no
-- form, of its own.
ALTER TABLE sites ADD COLUMN theme TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(theme));
ALTER TABLE sites ADD COLUMN locale TEXT;
ALTER TABLE sites ADD COLUMN suggestions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(suggestions));
ALTER TABLE sites ADD COLUMN prechat TEXT CHECK (prechat IS NULL OR json_valid(prechat));
