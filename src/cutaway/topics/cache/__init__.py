"""A cache: a server in memory that speaks RESP, as Redis and Valkey do."""
