"""A to-do service: the anatomy of an application server, over a durable store and a cache."""
