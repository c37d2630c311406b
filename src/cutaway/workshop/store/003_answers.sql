-- What a learner answered in a lesson, and when a recall card is asked again.

CREATE TABLE answer (
  topic    TEXT NOT NULL,
  question TEXT NOT NULL,                -- made of what was asked, so another question is a new one
  said     TEXT NOT NULL,
  at       REAL NOT NULL,                -- seconds since 1970
  PRIMARY KEY (topic, question)
) WITHOUT ROWID;

CREATE TABLE card (
  topic  TEXT NOT NULL,
  card   TEXT NOT NULL,
  known  INTEGER NOT NULL,               -- times in a row
  asked  REAL NOT NULL,
  due    REAL NOT NULL,
  PRIMARY KEY (topic, card)
) WITHOUT ROWID;
