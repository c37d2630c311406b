"""The whole backend: what stands where, what talks to what, and how it is kept running.

In reading order: blueprint (slots and links, as data), filling (what can stand in a slot), part (one
program, kept running), relays (every wire), supervisor (all of it); then what is seen: ear
(messages and exchanges), unsealed (TLS opened with our own keys), trace (one request across all
wires) with parents (whose doing an exchange was) and account (where all its time went), causes
(what was done to the machine, and when), shown (what a failure shows on the wires), freezer (one
message at a time); and traffic/, which moves it all.
"""
