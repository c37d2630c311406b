"""What HTTP/1.1 asks of a server, one requirement a line: section, level, sentence.

    CLOSE = Rule("RFC 9112 §9.6", "MUST", "after the answer to a request that said close, …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
Level "contract" marks what the program under test is asked for beyond the specification; the
section beside it is where the specification speaks of the matter.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule

# fmt: off
# One answer.
ROOT = Rule("contract", "contract", "GET / is answered with 200")
NEXT_CLIENT = Rule("contract", "contract", "the program goes on when a connection ends, and serves the next client")
ANSWER_ENDS = Rule("RFC 9112 §6.3", "MUST", "an answer is as long as its framing says: Content-Length octets, the last chunk, or up to the close; behind it stands the next answer or nothing")
SPEAKS_11 = Rule("RFC 9110 §2.5", "SHOULD", "a server that speaks HTTP/1.1 says so in its status line, whatever minor version the client has")
UNKNOWN_FIELDS = Rule("RFC 9110 §5.1", "SHOULD", "a recipient ignores header fields that it does not know")

# Paths and methods.
WORD = Rule("contract", "contract", "GET /echo/{word} is answered with 200 and the word as its body")
DECODE = Rule("RFC 3986 §2.1", "MUST", "a percent sign and two hexadecimal digits, in either case, stand for one octet")
SPLIT_FIRST = Rule("RFC 3986 §2.4", "MUST", "a path is split into its segments first and decoded afterwards, so an encoded slash is part of a segment")
DECODE_ONCE = Rule("RFC 3986 §2.4", "MUST NOT", "the same text is not percent-decoded twice")
PLUS = Rule("RFC 3986 §2.2", "MUST", "a plus sign in a path stands for itself: only forms write a space that way")
QUERY = Rule("RFC 3986 §3.4", "contract", "the path ends at the first question mark; a query is ignored where none is named")
NOT_FOUND = Rule("RFC 9110 §15.5.5", "contract", "what is not there is answered with 404, and {word} is exactly one segment")
PATH_CASE = Rule("RFC 9110 §4.2.3", "MUST", "paths are compared with regard to case")
NOT_ALLOWED = Rule("RFC 9110 §15.5.6", "MUST", "a method that a known path does not have is answered with 405 and an Allow field that lists those it has")
UNKNOWN_METHOD = Rule("RFC 9110 §9.1", "contract", "a method that the server does not know is answered with 501, or with 405")
METHOD_CASE = Rule("RFC 9110 §9.1", "contract", "methods are compared with regard to case, so get is an unknown one")
HEAD_NO_BODY = Rule("RFC 9110 §9.3.2", "MUST NOT", "the answer to HEAD ends at its blank line, whatever its fields say: no content follows")
HEAD_AS_GET = Rule("contract", "contract", "HEAD is answered wherever GET is, with the same status")
HEAD_LENGTH = Rule("RFC 9110 §8.6", "MUST NOT", "a Content-Length in the answer to HEAD is the number of octets that GET would have got, never 0 because nothing is sent")

# Header fields.
LISTED = Rule("contract", "contract", "GET /headers lists every field that came as a line `name: value`, the name in lower case")
NAME_CASE = Rule("RFC 9110 §5.1", "MUST", "field names are compared without regard to case; values are kept as they came")
OWS = Rule("RFC 9112 §5.1", "MUST", "spaces and tabs around a field value are optional and no part of it; those inside it are")
FIRST_COLON = Rule("RFC 9112 §5", "MUST", "a field name ends at the first colon of its line; later ones belong to the value")
EMPTY_VALUE = Rule("RFC 9110 §5.5", "MUST", "a field value may be empty, and the field is there all the same")
REPEATED = Rule("RFC 9110 §5.3", "MUST", "field lines of one name are one list of values in the order in which they came")
TOKEN_NAME = Rule("RFC 9110 §5.1", "MUST", "a field name is a token: letters, digits and !#$%&'*+-.^_`|~")
OBS_TEXT = Rule("RFC 9110 §5.5", "SHOULD", "octets from 0x80 up in a field value are opaque data: they are kept as they are, and never decoded")
MANY_FIELDS = Rule("contract", "contract", "a header block of 8 KiB is served")

# One stream of bytes.
STREAM = Rule("RFC 9112 §2.1", "MUST", "a request is over at its blank line or the end of its body, however the octets arrive")
PIPELINE = Rule("RFC 9112 §9.3.2", "MUST", "several requests may be sent without waiting, and each is answered")
ORDER = Rule("RFC 9112 §9.3.2", "MUST", "answers leave in the order in which their requests arrived")
REST_IS_NEXT = Rule("RFC 9112 §9.3.2", "MUST", "octets behind a request are the beginning of the next one, and are kept for it")

# Persistence.
PERSIST = Rule("RFC 9112 §9.3", "SHOULD", "an HTTP/1.1 connection stays open after an answer unless one side says close")
CLOSE = Rule("RFC 9112 §9.6", "MUST", "after the answer to a request that said close, the server closes and processes nothing that follows")
CLOSE_CASE = Rule("RFC 9110 §7.6.1", "MUST", "connection options are compared without regard to case")
CLOSE_LISTED = Rule("RFC 9110 §7.6.1", "MUST", "Connection is a list: close may be any of its members, on any of its lines")
WHOLE_OPTION = Rule("RFC 9112 §9.3", "SHOULD", "only the option close ends a connection, not every word that has it inside")
SAYS_CLOSE = Rule("RFC 9112 §9.6", "SHOULD", "the last answer on a connection says close itself")
CLOSE_10 = Rule("RFC 9112 §9.3", "MUST", "an HTTP/1.0 connection closes after the answer unless the client asked for keep-alive")
KEEP_10 = Rule("RFC 9112 §9.3", "MAY", "an HTTP/1.0 client that asks for keep-alive may be given it; else the connection closes")
HOST_10 = Rule("RFC 9112 §3.2", "MUST", "only HTTP/1.1 requests have to have a Host field")
HIGHER_MINOR = Rule("RFC 9110 §2.5", "SHOULD", "a request of a higher minor version is processed as HTTP/1.1")
EMPTY_LINE = Rule("RFC 9112 §2.2", "SHOULD", "at least one empty line ahead of a request is ignored")
GOES_ON = Rule("RFC 9112 §8", "contract", "a client that leaves in the middle of a request harms nobody else")

# Bodies.
ECHO = Rule("contract", "contract", "POST /echo is answered with 200 and the body that came")
ECHO_TYPE = Rule("contract", "contract", "POST /echo is answered with the Content-Type that came")
LENGTH = Rule("RFC 9112 §6.3", "MUST", "Content-Length octets behind the blank line are the body, whatever they look like, and not one more")
OCTETS = Rule("RFC 9110 §6.4", "MUST", "a body is octets, not text: each of the 256 values may stand in it")
NO_LENGTH = Rule("RFC 9112 §6.3", "MUST", "a request without Content-Length and Transfer-Encoding has no body")
LARGE_BODY = Rule("contract", "contract", "an /echo body of 1 MiB is served")
READ_ALL = Rule("RFC 9112 §9.3", "MUST", "a server reads the whole body of a request or closes after its answer: a body is never taken for a request")
TOO_LARGE = Rule("RFC 9110 §15.5.14", "contract", "a body declared above 1 GiB is refused with 413 without being read")
LONG_TARGET = Rule("RFC 9112 §3", "contract", "a target of 4 KiB is served")
TARGET_TOO_LONG = Rule("RFC 9112 §3", "MUST", "a target longer than the server takes is answered with 414; here 64 KiB are")
FIELDS_TOO_LARGE = Rule("RFC 6585 §5", "contract", "a header block of 128 KiB is refused with 431")

# Chunks.
CHUNKED = Rule("RFC 9112 §7.1", "MUST", "a chunked body is the data of all chunks up to the chunk of size 0")
CHUNK_HEX = Rule("RFC 9112 §7.1", "MUST", "a chunk size is hexadecimal digits in either case; leading zeros do not count")
CODING_CASE = Rule("RFC 9112 §7", "MUST", "names of transfer codings are compared without regard to case")
EXTENSION = Rule("RFC 9112 §7.1.1", "MUST", "chunk extensions that are not known are ignored")
CHUNK_DATA = Rule("RFC 9112 §7.1", "MUST", "as many octets as the chunk size says are data, whatever they look like")
TRAILERS = Rule("RFC 9112 §7.1", "MUST", "behind the last chunk come trailer fields, perhaps none, and a blank line; the next request begins there")
TRAILERS_APART = Rule("RFC 9112 §7.1.2", "MUST", "trailer fields are dropped or kept apart: they do not change the header fields")
CHUNKS_OUT = Rule("RFC 9112 §7.1", "contract", "GET /chunks?n=K is answered in K chunks, the i-th being `chunk i` and LF, and the end of the body is marked")
NO_CHUNKS_10 = Rule("RFC 9112 §6.1", "MUST NOT", "an HTTP/1.0 client gets no Transfer-Encoding: its answer has a length, or ends with the connection")
CHUNKED_LIMIT = Rule("contract", "contract", "a chunked body is refused before it passes 64 MiB")

# Expect: 100-continue.
CONTINUE = Rule("RFC 9110 §10.1.1", "MUST", "a client that expects 100-continue gets 100, or a final answer, before it has sent its body")
EXPECT_CASE = Rule("RFC 9110 §10.1.1", "MUST", "the value of Expect is compared without regard to case")
FINAL_AFTER = Rule("RFC 9110 §10.1.1", "MUST", "a final answer follows once the body is there; 100 may be left out when it came unasked")
NO_BODY_NO_WAIT = Rule("RFC 9110 §10.1.1", "MUST", "an expectation without a body to come is answered at once")
FINAL_INSTEAD = Rule("RFC 9110 §10.1.1", "contract", "a body that will be refused is not asked for: 413 comes instead of 100")
IGNORED_10 = Rule("RFC 9110 §10.1.1", "MUST", "an expectation in an HTTP/1.0 request is ignored")
OTHER_EXPECTATION = Rule("RFC 9110 §10.1.1", "MAY", "an expectation other than 100-continue is answered with 417, or ignored")
CURL = Rule("RFC 9110 §10.1.1", "MUST", "a real client that waits for 100 before it sends its body gets it")

# Refusals: where a body ends.
BOTH_LENGTHS = Rule("RFC 9112 §6.1", "contract", "Content-Length and Transfer-Encoding together are refused with 400, and the connection closes")
LENGTHS_DISAGREE = Rule("RFC 9112 §6.3", "MUST", "Content-Length values that differ are answered with 400, and the connection closes")
LENGTHS_AGREE = Rule("RFC 9110 §8.6", "MUST", "a repeated Content-Length of one value is refused, or counts once")
LENGTH_DIGITS = Rule("RFC 9112 §6.3", "MUST", "a Content-Length is decimal digits; any other is answered with 400, and the connection closes")
LENGTH_OVERFLOW = Rule("RFC 9110 §8.6", "MUST", "a length is never cut to the width of an integer: one that is too large is refused with 413 or 400")
CHUNK_SIZE = Rule("RFC 9112 §7.1", "contract", "a chunk size is hexadecimal digits, one at least; any other is refused with 400, and the connection closes")
CHUNK_OVERFLOW = Rule("RFC 9112 §7.1", "MUST", "a chunk size is never cut to the width of an integer: one that is too large is refused with 413 or 400")
CHUNK_CRLF = Rule("RFC 9112 §7.1", "contract", "CR LF ends a chunk's size and its data; anything else is refused with 400, and the connection closes")
NOT_FINAL = Rule("RFC 9112 §6.3", "MUST", "a request whose last transfer coding is not chunked is refused with 400, or 501 for a coding that is not known, and the connection closes")
CODING_UNKNOWN = Rule("RFC 9112 §6.1", "SHOULD", "a transfer coding that the server does not undo is answered with 501, or with 400")
CHUNKED_TWICE = Rule("RFC 9112 §6.1", "MUST NOT", "chunked is applied once: a request that lists it twice is refused, and the connection closes")
CODING_10 = Rule("RFC 9112 §6.1", "MUST", "an HTTP/1.0 request with Transfer-Encoding has faulty framing: the connection closes after its answer")

# Refusals: lines.
SPACE_BEFORE_COLON = Rule("RFC 9112 §5.1", "MUST", "white space between a field name and its colon is answered with 400")
FOLD = Rule("RFC 9112 §5.2", "MUST", "a line that begins with white space is refused with 400 or joined to the one before; it is never a field")
SPACE_FIRST = Rule("RFC 9112 §2.2", "MUST", "a line that begins with white space ahead of the first field is refused or skipped; it is never a field")
NUL = Rule("RFC 9110 §5.5", "MUST", "a field value with NUL in it is refused, or each NUL becomes a space")
BARE_CR = Rule("RFC 9112 §2.2", "MUST", "a CR without LF makes its element invalid or becomes a space; it never ends a line")
BARE_LF = Rule("RFC 9110 §5.5", "MUST", "an LF without CR ends a line or is refused; it never stays inside a field value")
FIELD_NAME = Rule("RFC 9112 §2.2", "SHOULD", "a line that is no field line (a token, a colon, a value) is answered with 400, and the connection closes")
REQUEST_LINE = Rule("RFC 9112 §3", "SHOULD", "a request line that is not method, target and version is answered with 400")
NO_TOKEN = Rule("RFC 9112 §3.1", "SHOULD", "a method is a token; another one is answered with 400, or with 501")
TARGET_FORM = Rule("RFC 9112 §3.2", "SHOULD", "a target that has none of the four forms is answered with 400, and does not count as a path")
PERCENT = Rule("RFC 3986 §2.1", "SHOULD", "a percent sign is followed by two hexadecimal digits; a target where it is not is refused with 400, or not found")
MAJOR_VERSION = Rule("RFC 9110 §15.6.6", "SHOULD", "a major version that the server does not speak is answered with 505, or with 400")
VERSION = Rule("RFC 9112 §2.3", "SHOULD", "a version is HTTP, a slash, a digit, a dot and a digit; another one is answered with 400, or with 505")
HOST = Rule("RFC 9112 §3.2", "MUST", "an HTTP/1.1 request without Host is answered with 400")
ONE_HOST = Rule("RFC 9112 §3.2", "MUST", "a request with more than one Host line is answered with 400")
VALID_HOST = Rule("RFC 9112 §3.2", "MUST", "a Host that is no host with an optional port is answered with 400")
ABSOLUTE = Rule("RFC 9112 §3.2.2", "MUST", "a target in absolute-form is accepted")
ASTERISK = Rule("RFC 9112 §3.2.4", "contract", "OPTIONS * asks about the server as a whole and is answered with any 2xx")

# Files, conditions, ranges, compression, many clients, time, drain.
