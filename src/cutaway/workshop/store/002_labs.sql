-- Experiments: what was predicted, what was measured. The rows themselves are in `result`, as JSON.

CREATE TABLE lab (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,              -- topic/slug
  began      REAL NOT NULL,              -- seconds since 1970
  confidence INTEGER NOT NULL,           -- percent
  agreed     INTEGER,                    -- whether the rows agree with the prediction; NULL: open
  outcome    TEXT NOT NULL,              -- as expected, not as expected, no conclusion
  result     BLOB NOT NULL
);
CREATE INDEX lab_by_name ON lab (name, id);
