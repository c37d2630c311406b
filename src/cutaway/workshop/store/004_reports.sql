-- Checks as they ended: in short for comparing them, and whole for looking at one again.

CREATE TABLE report (
  id      TEXT PRIMARY KEY,
  folder  TEXT NOT NULL,                 -- '' where a server was checked that ran already
  target  TEXT NOT NULL,                 -- its address; '' for a project
  topic   TEXT NOT NULL,
  asked   TEXT NOT NULL,                 -- next, all, or the slug of a stage
  began   REAL NOT NULL,                 -- seconds since 1970
  seconds REAL NOT NULL,
  verdict TEXT NOT NULL,
  outline TEXT NOT NULL,                 -- JSON: stage/case → verdict
  detail  BLOB NOT NULL                  -- JSON, compressed
);
CREATE INDEX report_of_project ON report (folder, target, topic, began);
