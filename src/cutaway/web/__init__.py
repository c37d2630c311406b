"""The page in the browser: what may come in (guard), what is said (shapes), what goes on (events),
and where each thing is asked for (app)."""
