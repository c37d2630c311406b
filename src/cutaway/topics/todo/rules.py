"""What the service has to do, one requirement a line: section, level, sentence.

    CREATED = Rule("RFC 9110 §15.3.2", "contract", "what was created has a place …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule


def ours(text: str) -> Rule:
    """A requirement of the contract."""
    return Rule("contract", "contract", text)


# fmt: off
CREATED = Rule("RFC 9110 §15.3.2", "contract", "what was created is answered with 201, and Location says where it is")
OWN_ID = ours("every to-do has an id of its own, of letters, digits, - and _, chosen by the program")
TITLE_AS_IT_CAME = ours("a title of 1 to 200 characters goes back as it came, whatever characters they are")
CREATED_TIME = Rule("RFC 3339 §5.6", "contract", "created is a time of RFC 3339, and a change leaves it as it is")
IN_THE_STORE = ours("what was answered is in the store before the answer leaves")
PATHS = Rule("RFC 9110 §15.5.5", "contract", "what is not there is answered with 404")
METHODS = Rule("RFC 9110 §15.5.6", "contract", "another method is answered with 405, and Allow says which there are")
PAGE = ours("GET / is a page that a browser can use")
HEALTH = ours("GET /health is 200 when the store answers")

NO_JSON = ours("a body that is no JSON, or no object, is answered with 400")
MEDIA_TYPE = Rule("RFC 9110 §15.5.16", "contract", "another media type than application/json is answered with 415")
TOO_LARGE = Rule("RFC 9110 §15.5.14", "contract", "a body of more than 64 KiB is answered with 413")
MEMBERS = ours("members that are missing, of the wrong type or out of bounds are answered with 422")
ALL_MEMBERS = ours("errors names every wrong member, not only the first")
UNKNOWN_MEMBERS = ours("members that are not known are ignored")
PROBLEM = Rule("RFC 9457 §3", "contract", "an error is application/problem+json, with title and status at least")
NOTHING_DONE = ours("what was refused has changed nothing")

READ = ours("GET /todos/ID answers the to-do, with its tag")
SAME_TAG = Rule("RFC 9110 §8.8", "contract", "a to-do has one strong tag until it is changed, whoever asks")
NOT_MODIFIED = Rule("RFC 9110 §13.1.2", "MUST", "who has the current tag already gets 304 and no body")
HEAD = Rule("RFC 9110 §9.3.2", "MUST NOT", "HEAD is answered as GET is, without a body")

ORDER = ours("to-dos are listed in the order of their creation")
LIMIT = ours("a page has at most limit to-dos, 20 where nothing is said")
NEXT = ours("next is the target of the next page, or null where no to-do follows; the pages together have every to-do once")
NEXT_STEADY = ours("what is created or deleted between two pages neither hides nor doubles another to-do, and what is created comes at the end")
QUERY = ours("a query that makes no sense is answered with 400")

CHANGE = ours("a change with the current tag is done, and the to-do has a new tag")
NEVER_AGAIN = ours("each change gives a tag that the to-do never had before, also where it looks as it did then")
LOST_UPDATE = Rule("RFC 9110 §13.1.1", "MUST NOT", "a change with another tag than the current one is not done: 412")
UNGUARDED = Rule("RFC 6585 §3", "contract", "a change that does not say which state it means is answered with 428")
ONE_WINS = ours("of several changes with one tag, one is done")
DELETE = ours("what was deleted is gone: 204, then 404, and no list has it")

SEARCH = ours("q finds the to-dos whose title contains it, without regard to the case of letters")
FILTER = ours("done=true and done=false list the to-dos that are so")
SEARCH_PAGES = ours("the pages of a search go on with the same search")

ONCE = ours("the same key with the same body creates nothing more, and gets the first answer again; what was refused is not remembered")
ONCE_AT_ONCE = ours("also when both come at the same time")
ONCE_OTHER = ours("the same key with another body is answered with 422")
ONCE_KEY = ours("an idempotency key is 1 to 255 visible characters, else 400")

KILLED = ours("the program may be killed at any time: what it answered is there afterwards")
STORE_KILLED = ours("when the store was killed and started again, what was answered is there, and the program goes on")

TWO = ours("several programs on one store are as one")
TWO_WRITERS = ours("of two changes with the same tag one wins, whichever programs they reach")
TWO_CREATE = ours("what several programs create has one order, and pages miss nothing of it")

HIT = ours("a to-do that the cache has is answered without the store")
FRESH = ours("a read after the answer to a write never shows what was there before it")
RACE = ours("what was read from the store before a write is not in the cache after it")
TTL = ours("an entry of the cache lives for TTL_MS at the most")
CACHE_GONE = ours("a cache that cannot be reached is no error to the client")
CACHE_SLOW = ours("the cache is waited for CACHE_MS and no longer")
CACHE_LIES = ours("what is not octet by octet what the program stored under that key is not answered from the cache")
CACHE_BACK = ours("when the cache is back it is used within 3 s, and nothing older than TTL_MS is answered from it")

STORE_GONE = Rule("RFC 9110 §15.6.4", "contract", "what needs the store is answered with 503 and Retry-After while it is gone, and what does not need it as ever")
STORE_SLOW = ours("a store that does not answer within STORE_MS: 503, within a second of that time")
STORE_BACK = ours("when the store is back, the program connects again by itself within 3 s; a connection that was cut while it was idle costs nobody an answer")
LATE = ours("an answer of the store that comes late answers nobody else")

EXIT = ours("after SIGTERM the program exits with status 0")
IN_FLIGHT = ours("after SIGTERM requests already begun are answered")
NO_NEW = ours("after SIGTERM no new connection is taken, and idle ones are closed")

PACE = ours("a read from the cache has at least an eighth of the reference's pace on the same machine")
# fmt: on
