-- How a site answers, with which model, and when its team is there: JSON objects; what is absent in them has its default.
-- Days until a conversation that rests is deleted; 0 keeps it.
ALTER TABLE sites ADD COLUMN answers TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(answers));
ALTER TABLE sites ADD COLUMN model TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(model));
ALTER TABLE sites ADD COLUMN hours TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(hours));
ALTER TABLE sites ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 0 CHECK (retention_days BETWEEN 0 AND 3650);
