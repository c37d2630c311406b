-- What one learner has done. A project is known by its folder.

CREATE TABLE stage (
  folder       TEXT NOT NULL,
  name         TEXT NOT NULL,              -- topic/slug
  first_passed REAL,                       -- seconds since 1970; NULL: never yet
  verdict      TEXT NOT NULL,              -- of the latest check that played it
  checked      REAL NOT NULL,
  PRIMARY KEY (folder, name)
) WITHOUT ROWID;

CREATE TABLE run (
  id      INTEGER PRIMARY KEY,
  folder  TEXT NOT NULL,
  topic   TEXT NOT NULL,
  seed    INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  seconds REAL NOT NULL,
  ended   REAL NOT NULL
);
CREATE INDEX run_of_folder ON run (folder, id);

CREATE TABLE hint (
  folder TEXT NOT NULL,
  stage  TEXT NOT NULL,
  rungs  INTEGER NOT NULL,                 -- how many of the ladder were shown
  PRIMARY KEY (folder, stage)
) WITHOUT ROWID;
