-- Hunts for a hidden fault, as they ended.

CREATE TABLE hunt (
  id      INTEGER PRIMARY KEY,
  seed    INTEGER NOT NULL,
  name    TEXT NOT NULL,                 -- of the case
  began   REAL NOT NULL,                 -- seconds since 1970
  seconds REAL NOT NULL,
  place   TEXT NOT NULL,                 -- that was answered; '' where it was given up
  cause   TEXT NOT NULL,
  hints   INTEGER NOT NULL,
  looks   INTEGER NOT NULL,              -- messages opened, requests followed, orders given
  points  INTEGER NOT NULL
);
