"""What a proxy has to do, one requirement a line: section, level, sentence.

    VIA = Rule("RFC 9110 §7.6.3", "MUST", "each request that is passed on carries a Via field …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
Level "contract" marks what the program under test is asked for beyond the specification; the
section beside it is where the specification speaks of the matter.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule

# fmt: off
# One request, one upstream.
FORWARD = Rule("RFC 9110 §7.6", "contract", "a request is sent on to an upstream, and what that answers is answered")
TARGET = Rule("RFC 9110 §7.7", "contract", "the request target is passed on octet by octet: nothing is decoded, joined or put in order")
METHOD = Rule("RFC 9110 §9.1", "contract", "a method is passed on as it came, also one that the proxy does not know")
HOST_STAYS = Rule("RFC 9110 §7.2", "contract", "the Host field reaches the upstream as it came")
FIELDS_STAY = Rule("RFC 9110 §5.1", "MUST", "a proxy passes on the header fields that it does not know, in the order of those of one name")
BODY_STAYS = Rule("RFC 9110 §7.7", "contract", "the octets of a body are passed on as they are; only their framing may change")
ANSWER_STAYS = Rule("RFC 9110 §7.6", "contract", "status, fields and body of the answer reach the client as the upstream sent them")
NO_CONTENT = Rule("RFC 9112 §6.3", "MUST", "answers to HEAD and answers with 204 and 304 end at their blank line, whatever their fields say")
HEAD_LENGTH = Rule("RFC 9110 §8.6", "contract", "a Content-Length in the answer to HEAD says what GET would get, and is passed on")
PERSIST = Rule("RFC 9112 §9.3", "SHOULD", "the client's connection stays open after an answer unless one side says close")
NO_KEEPING_10 = Rule("RFC 9112 §9.3", "MUST NOT", "a proxy maintains no persistent connection with a client of HTTP/1.0, also when it asks to keep it alive")
PIPELINE = Rule("RFC 9112 §9.3.2", "MUST", "requests that came together are answered in the order in which they came")
NOT_THERE = Rule("RFC 9110 §15.6.3", "contract", "an upstream that refuses the connection is answered with 502, and the proxy goes on")
NO_TUNNEL = Rule("RFC 9110 §9.3.6", "contract", "without $CONNECT_ALLOW, CONNECT is answered with 501 or any 4xx, and never sent on")

# Streaming.
STREAM_UP = Rule("RFC 9110 §7.6", "contract", "what has come of a request is passed on while the rest is still to come")
STREAM_DOWN = Rule("RFC 9110 §7.6", "contract", "what has come of an answer is passed on while the rest is still to come")
MEMORY = Rule("contract", "contract", "memory does not grow with a body: what was passed on is forgotten")
BACK_PRESSURE = Rule("RFC 9110 §7.6", "contract", "while one side does not read, the other is not read on beyond 4 MiB")
UNTIL_CLOSE = Rule("RFC 9112 §6.3", "MUST", "an answer without Content-Length and chunked goes on until its connection ends, and all of it reaches the client")
BROKEN_REQUEST = Rule("RFC 9112 §8", "contract", "a request whose client has gone in the middle of its body is incomplete, and must not look whole to the upstream")
BROKEN_ANSWER = Rule("RFC 9112 §8", "contract", "an answer that was cut off is incomplete, and must not look whole to the client: its connection ends before the end that the framing promised")
ONE_WAITS = Rule("contract", "contract", "a client that is slow keeps nobody else waiting")

# Fields of one connection, and those that proxies write.
ONE_CONNECTION = Rule("RFC 9110 §7.6.1", "SHOULD", "Proxy-Connection, Keep-Alive, TE and Upgrade belong to one connection, and are removed whether Connection names them or not")
NOMINATED = Rule("RFC 9110 §7.6.1", "MUST", "each field that Connection names is removed, and so is Connection itself, before a message is passed on")
NOMINATED_OURS = Rule("RFC 9110 §7.6.1", "contract", "what a proxy itself adds, and what frames the message, is not removed because a client names it in Connection")
VIA = Rule("RFC 9110 §7.6.3", "MUST", "each request that is passed on carries a Via field to which the proxy has added itself at the end")
CLIENT_ADDRESS = Rule("RFC 7239 §5.2", "contract", "the upstream gets one X-Forwarded-For, with the address of the other end of the connection, and one Forwarded with it in for=")
CLIENT_HOST = Rule("RFC 7239 §5.3", "contract", "host= in Forwarded is the Host field as it came")
CLIENT_PROTO = Rule("RFC 7239 §5.4", "contract", "proto= in Forwarded is http or https, by the connection on which the request came")
FORGED = Rule("RFC 7239 §8.1", "contract", "what a client writes into Forwarded and X-Forwarded-* itself is not passed on: nobody vouches for it")
MAX_FORWARDS = Rule("RFC 9110 §7.6.2", "MUST", "the Max-Forwards of an OPTIONS request is one less behind each proxy")
MAX_FORWARDS_ZERO = Rule("RFC 9110 §7.6.2", "MUST NOT", "an OPTIONS request whose Max-Forwards is 0 is not passed on: the proxy answers it")
EXPECT = Rule("RFC 9110 §10.1.1", "MUST", "the head of a request that expects 100 (Continue) is passed on before its body has come, and Expect with it: who answers says whether to send the body")
INTERIM = Rule("RFC 9110 §15.2", "MUST", "answers of the class 1xx are passed on, ahead of the final one")
INTERIM_10 = Rule("RFC 9110 §15.2", "MUST NOT", "a client of HTTP/1.0 gets no answer of the class 1xx")
OWN_VERSION = Rule("RFC 9112 §2.3", "MUST", "a proxy sends its own version in what it passes on, whatever the other side speaks")
NO_CHUNKS_10 = Rule("RFC 9112 §6.1", "MUST NOT", "an answer to a request of HTTP/1.0 has no Transfer-Encoding")
TRAILERS = Rule("RFC 9110 §6.5.1", "MUST NOT", "trailer fields are passed on as such or dropped, and never become header fields")

# What can be read in two ways.
NO_FIELD = Rule("RFC 9112 §2.2", "SHOULD", "a line that is no field is refused with 400, or left out: an upstream could take it for another one")
BOTH_LENGTHS = Rule("RFC 9112 §6.3", "MUST", "a request with Transfer-Encoding and Content-Length is refused, or passed on without Content-Length; behind its answer the connection is closed")
LENGTHS_DIFFER = Rule("RFC 9112 §6.3", "MUST", "a request with two lengths that differ, or one that is no number, is refused with 400")
LENGTHS_EQUAL = Rule("RFC 9110 §8.6", "MUST", "a length that is said twice is refused, or passed on as one")
NOT_FINAL = Rule("RFC 9112 §6.3", "MUST", "a request whose final transfer coding is not chunked has no known end: it is refused with 400")
CODING_UNKNOWN = Rule("RFC 9112 §6.1", "SHOULD", "a request with a transfer coding that the proxy does not know is answered with 501")
CODING_10 = Rule("RFC 9112 §6.1", "MUST", "chunks in HTTP/1.0 are faulty framing: whatever is made of it, the connection ends behind it")
SPACE_BEFORE_COLON = Rule("RFC 9112 §5.1", "MUST", "a request with white space between a field name and its colon is refused with 400")
FOLD = Rule("RFC 9112 §5.2", "MUST", "a folded field is refused, or joined by spaces before it is passed on")
BARE_CR = Rule("RFC 9112 §2.2", "MUST", "a bare CR is refused, or made a space before the message is passed on")
NUL = Rule("RFC 9110 §5.5", "MUST", "CR, LF and NUL in a value are refused, or made spaces before the message is passed on")
BARE_LF = Rule("RFC 9112 §2.2", "MAY", "a line that ends with LF alone may be taken; what is passed on ends its lines with CR LF")
CHUNK_SIZE = Rule("RFC 9112 §2.2", "SHOULD", "a chunk is its size in hexadecimal digits, CR LF, so much data, CR LF; what is not is refused with 400, and never passed on as a whole body")
CHUNK_OVERFLOW = Rule("RFC 9112 §7.1", "MUST", "a chunk size is never cut to the width of an integer")
CHUNK_EXTENSION = Rule("RFC 9112 §7.1.1", "MUST", "chunk extensions that are not known are ignored")
REQUEST_LINE = Rule("RFC 9112 §3", "contract", "a request line that is not method, one space, target, one space and version is refused with 400")
HOST = Rule("RFC 9112 §3.2", "MUST", "a request of HTTP/1.1 without Host, with two, or with one that is no host is refused with 400")
HEAD_TOO_LARGE = Rule("RFC 9110 §5.4", "contract", "a head of 8 KiB passes, one of 128 KiB is answered with 431, a target of 64 KiB with 414")
BODY_IS_BODY = Rule("RFC 9112 §6.3", "MUST", "octets within a body are body, also where they look like a request")
ANSWER_LENGTHS = Rule("RFC 9112 §6.3", "MUST", "an answer with an invalid Content-Length is thrown away, its connection closed, and 502 sent to the client")
ANSWER_BOTH = Rule("RFC 9112 §6.3", "contract", "an answer with Transfer-Encoding and Content-Length is 502, or read by its chunks and passed on without Content-Length")
ANSWER_SPACE = Rule("RFC 9112 §5.1", "MUST", "white space ahead of a colon in an answer is removed, or the answer is 502")
ANSWER_FOLD = Rule("RFC 9112 §5.2", "MUST", "a folded field of an answer is joined by spaces, or the answer is 502")
ANSWER_CHUNKS = Rule("RFC 9112 §8", "contract", "chunks that cannot be read end the answer there, and nothing makes it look whole")
UNASKED = Rule("RFC 9112 §9.2", "MUST NOT", "octets that no request has asked for are no answer to the next request")
NO_HTTP = Rule("RFC 9110 §15.6.3", "contract", "an upstream that answers what is not HTTP is answered with 502")

# Routes.
ROUTE = Rule("contract", "contract", "a route takes what has its host and its path as a prefix; one with a host comes first, then the longer path")
SEGMENTS = Rule("RFC 3986 §3.3", "contract", "a prefix is whole segments: /api takes /api, /api/ and /api?x, not /apix")
HOST_CASE = Rule("RFC 3986 §3.2.2", "contract", "hosts are compared without regard to case, and without the port")
REPLACE = Rule("contract", "contract", "replace stands in the place of the prefix; what follows it, and the query, stay")
NO_ROUTE = Rule("RFC 9110 §15.5.5", "contract", "what no route takes is answered with 404")
NOT_DECODED = Rule("RFC 3986 §2.4", "contract", "paths are compared as they came, without decoding")
DOTS = Rule("RFC 3986 §6.2.2.3", "contract", "a path with . or .. as a segment, plain or encoded, is refused with 400 when there are routes")

# The pool.
REUSE = Rule("RFC 9112 §9.3", "contract", "a connection to an upstream is kept behind an answer and carries the next request, also another client's")
ONE_AT_A_TIME = Rule("contract", "contract", "no connection to an upstream carries two requests at a time")
SAID_CLOSE = Rule("RFC 9112 §9.6", "MUST NOT", "behind an answer that said close no request is sent on that connection")
STALE = Rule("RFC 9112 §9.3.1", "contract", "when a kept connection turns out to be closed before an octet of the answer came, a request that may be tried again is sent once more on a new one")
STALE_POST = Rule("RFC 9110 §9.2.2", "MUST NOT", "a proxy does not send a request again whose method is not idempotent")
UNFINISHED = Rule("RFC 9112 §9.3", "MUST", "a connection carries another request only when the body before it, of request and of answer, came to its end")
MOST_IDLE = Rule("contract", "contract", "at most 16 idle connections are kept to an upstream")

# Balance.
ROUND_ROBIN = Rule("contract", "contract", "round_robin: the upstreams take requests in turn, evenly")
WEIGHTED = Rule("contract", "contract", "weighted: in the long run requests are in proportion to the weights")
LEAST = Rule("contract", "contract", "least_connections: a request goes to an upstream with the fewest under way; equals take turns")
TWO_CHOICES = Rule("contract", "contract", "two_choices: of two upstreams drawn at random, the one with fewer requests under way takes it; of equals, either")
HASH = Rule("contract", "contract", "hash: the same path comes to the same upstream while the upstreams do not change")
HASH_MOVES = Rule("contract", "contract", "hash: when one upstream is out, only the paths that were its own move")

# Errors.
BAD_GATEWAY = Rule("RFC 9110 §15.6.3", "contract", "an upstream that refuses the connection, or ends it before a whole head, is answered with 502")
GATEWAY_TIMEOUT = Rule("RFC 9110 §15.6.5", "contract", "an upstream that owes something and is silent for READ_MS is answered with 504")
CONNECT_TIMEOUT = Rule("RFC 9110 §15.6.5", "contract", "a connection that is not made within CONNECT_MS is answered with 504")
TOTAL_TIMEOUT = Rule("RFC 9110 §15.6.5", "contract", "an answer whose head is not whole within TOTAL_MS is answered with 504, however steadily it comes")
LIMITS_APPLY = Rule("contract", "contract", "READ_MS counts while the upstream owes something, and TOTAL_MS to the end of the answer's head; a body may last")
AFTER_BEGIN = Rule("RFC 9112 §8", "contract", "when the answer has begun, its connection is closed so that what came cannot be taken for a whole one")

# Health.
CHECKS = Rule("contract", "contract", "with HEALTH_PATH each upstream is asked for it with GET, every HEALTH_MS")
OUT = Rule("contract", "contract", "two answers in a row that are no 2xx, or none in time, take an upstream out")
ONE_IS_NOT_TWO = Rule("contract", "contract", "one bad answer does not take an upstream out")
IN_AGAIN = Rule("contract", "contract", "two 2xx in a row take an upstream in again")
NONE_IN = Rule("RFC 9110 §15.6.4", "contract", "when no upstream is in, the answer is 503")
UNDER_WAY = Rule("contract", "contract", "when an upstream goes out, requests under way on it go on")
EJECT = Rule("contract", "contract", "with EJECT_AFTER, so many failures in a row take an upstream out for EJECT_MS")
EJECT_RETURNS = Rule("contract", "contract", "after EJECT_MS an upstream gets requests again")
EJECT_IN_A_ROW = Rule("contract", "contract", "only failures in a row count: an answer begins the count anew")

# Retries.
RETRY = Rule("RFC 9110 §9.2.2", "contract", "GET, HEAD, OPTIONS, PUT and DELETE are tried at another upstream when no octet of an answer came")
RETRY_REFUSED = Rule("RFC 9110 §9.2.2", "contract", "a request whose connection was refused was never sent, and is tried again whatever its method")
POST_ONCE = Rule("RFC 9110 §9.2.2", "MUST NOT", "a request whose method is not idempotent, and which was sent, is not sent again")
NO_RETRY_BEGUN = Rule("contract", "contract", "when an octet of the answer came, nothing is tried again")
RETRY_BODY = Rule("contract", "contract", "a body of up to 64 KiB is kept for another try, and sent whole; a longer one is not tried again")
BUDGET = Rule("contract", "contract", "over RETRY_PERCENT of the requests of the last 10 s, with 3 that are always allowed, the error is answered")
NOT_ASKED_FOR = Rule("contract", "contract", "an answer of an upstream, 503 too, is passed on and not tried again")

# Drain.
EXIT = Rule("contract", "contract", "after SIGTERM the program exits with status 0 within 5 s of the last answer")
IN_FLIGHT = Rule("contract", "contract", "requests that have begun when SIGTERM comes are answered whole")
NO_NEW = Rule("contract", "contract", "after SIGTERM no new connection is taken")
IDLE_CLOSED = Rule("RFC 9112 §9.6", "contract", "after SIGTERM idle connections are closed, on both sides")
TUNNELS_CLOSED = Rule("contract", "contract", "after SIGTERM tunnels are closed")

# TLS and the PROXY protocol.
TLS = Rule("RFC 9110 §4.2.2", "contract", "on $TLS_PORT HTTP/1.1 is spoken over TLS, and proto= in Forwarded is https")
SNI = Rule("RFC 6066 §3", "contract", "the certificate is that of the name which the client asks for, else default")
ALPN = Rule("RFC 7301 §3.2", "contract", "where the client offers http/1.1, ALPN gives http/1.1")
NO_PLAIN = Rule("contract", "contract", "what comes to $TLS_PORT without TLS reaches no upstream")
PROXY_V1 = Rule("PROXY protocol §2.1", "contract", "the source address of a header of version 1 is the client's address")
PROXY_V2 = Rule("PROXY protocol §2.2", "contract", "the source address of a header of version 2 is the client's address")
PROXY_UNKNOWN = Rule("PROXY protocol §2.1", "MUST", "UNKNOWN leaves the address of the connection, and what stands behind it is ignored")
PROXY_LOCAL = Rule("PROXY protocol §2.2", "MUST", "LOCAL leaves the address of the connection, and what the length counts is skipped")
PROXY_TLV = Rule("PROXY protocol §2.2", "MUST", "the header is 16 octets and as many more as its length says, also behind the addresses")
PROXY_PIECES = Rule("PROXY protocol §2", "contract", "a header may come in pieces")
PROXY_INVALID = Rule("PROXY protocol §2", "MUST", "what is no valid header ends the connection, without an answer and before anything is sent on")
PROXY_PLAIN = Rule("PROXY protocol §5", "contract", "on $PORT a PROXY header is a request line that is none: whoever reaches it could say any address")

# Upgrade and tunnels.
UPGRADE = Rule("RFC 9110 §7.8", "contract", "a request with Upgrade is passed on with Connection and Upgrade")
SWITCHED = Rule("RFC 9110 §15.2.2", "contract", "behind 101 octets pass both ways as they are")
HALF_CLOSE = Rule("contract", "contract", "the end of one direction is passed on, and the other direction goes on")
NOT_SWITCHED = Rule("RFC 9110 §7.8", "MAY", "an upstream may ignore Upgrade: then its answer is an answer like any other")
UPGRADE_NAMED = Rule("RFC 9110 §7.6.1", "SHOULD", "Upgrade that Connection does not name was passed on by mistake: it is removed")
UPGRADE_10 = Rule("RFC 9110 §7.8", "MUST", "Upgrade in a request of HTTP/1.0 is ignored")
UNASKED_101 = Rule("RFC 9110 §7.8", "contract", "101 to a request without Upgrade is no answer: 502")
WEBSOCKET = Rule("RFC 6455 §4.1", "contract", "the fields of a WebSocket handshake are passed on as they came")
EVENTS = Rule("RFC 9110 §7.6", "contract", "an event reaches the client when it was sent, not when the answer ends")
CONNECT = Rule("RFC 9110 §9.3.6", "contract", "CONNECT to what $CONNECT_ALLOW has is answered with 200, and then octets pass as they are")
CONNECT_BARE = Rule("RFC 9110 §9.3.6", "MUST NOT", "a 2xx answer to CONNECT has no Content-Length and no Transfer-Encoding")
CONNECT_EARLY = Rule("RFC 9110 §9.3.6", "contract", "what a client sends right behind CONNECT is the beginning of the tunnel")
NOT_ALLOWED = Rule("RFC 9110 §9.3.6", "contract", "what is not in $CONNECT_ALLOW is answered with 403, and nothing is connected")
NO_PORT = Rule("RFC 9110 §9.3.6", "MUST", "CONNECT to an empty or invalid port is refused: no port is meant where none is written")
ABSOLUTE = Rule("RFC 9112 §3.2.2", "MUST", "a request with an absolute target is sent in origin-form, and the Host field becomes that of the target")
CONNECT_FAILS = Rule("RFC 9110 §15.6.3", "contract", "CONNECT to what refuses the connection is answered with 502")

# Strangers.
CURL = Rule("contract", "contract", "curl, unchanged, works through the proxy")
WRK = Rule("contract", "contract", "wrk, unchanged, gets an answer to every request")
# fmt: on
