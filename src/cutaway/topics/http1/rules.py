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
SPEAKS_11 = Rule("RFC 9110 §6.2", "SHOULD", "a server that speaks HTTP/1.1 says so in its status line, whatever minor version the client has")
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
REPEATED = Rule("RFC 9110 §5.3", "contract", "field lines of one name are one list of values in the order in which they came")
TOKEN_NAME = Rule("RFC 9110 §5.1", "MUST", "a field name is a token: letters, digits and !#$%&'*+-.^_`|~")
OBS_TEXT = Rule("RFC 9110 §5.5", "SHOULD", "octets from 0x80 up in a field value are opaque data: they are kept as they are, and never decoded")
DATE = Rule("RFC 9110 §6.6.1", "MUST", "an origin server with a clock says in each 2xx, 3xx and 4xx answer when it was made: Date, in the form `Sat, 21 Nov 2026 02:00:00 GMT`")
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
HIGHER_MINOR = Rule("RFC 9110 §6.2", "SHOULD", "a request of a higher minor version is processed as HTTP/1.1")
EMPTY_LINE = Rule("RFC 9112 §2.2", "SHOULD", "at least one empty line ahead of a request is ignored")
GOES_ON = Rule("RFC 9112 §8", "contract", "a client that leaves in the middle of a request harms nobody else")

# Bodies.
ECHO = Rule("contract", "contract", "POST /echo is answered with 200 and the body that came")
ECHO_TYPE = Rule("contract", "contract", "POST /echo is answered with the Content-Type that came")
LENGTH = Rule("RFC 9112 §6.3", "MUST", "Content-Length octets behind the blank line are the body, whatever they look like, and not one more")
NO_TYPE = Rule("RFC 9110 §8.3", "MUST", "a Content-Type is a media type, such as text/plain; where none came there is none to send back, and an empty one is no media type")
ALLOW_OWN = Rule("RFC 9110 §15.5.6", "MUST", "Allow lists the methods that this path has, not those of another one")
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
BOTH_CLOSE = Rule("RFC 9112 §6.1", "MUST", "after the answer to a request with Content-Length and Transfer-Encoding the connection closes, whatever the answer")
BOTH_LENGTHS = Rule("RFC 9112 §6.1", "contract", "Content-Length and Transfer-Encoding together are refused with 400, and the connection closes")
LENGTHS_DISAGREE = Rule("RFC 9112 §6.3", "MUST", "Content-Length values that differ are answered with 400, and the connection closes")
LENGTHS_AGREE = Rule("RFC 9110 §8.6", "MUST", "a repeated Content-Length of one value is refused, or counts once")
LENGTH_DIGITS = Rule("RFC 9112 §6.3", "MUST", "a Content-Length is decimal digits; any other is answered with 400, and the connection closes")
LENGTH_OVERFLOW = Rule("RFC 9110 §8.6", "MUST", "a length is never cut to the width of an integer: one that is too large is refused")
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
REQUEST_LINE = Rule("RFC 9112 §3.2", "SHOULD", "a request line that is not method, target and version is answered with 400")
NO_TOKEN = Rule("RFC 9112 §3.2", "SHOULD", "a method is a token; another one is answered with 400, or with 501")
TARGET_FORM = Rule("RFC 9112 §3.2", "SHOULD", "a target that has none of the four forms is answered with 400, and does not count as a path")
PERCENT = Rule("RFC 9112 §3.2", "SHOULD", "a target is written as RFC 3986 has it, so two hexadecimal digits follow a percent sign; one where they do not is refused with 400, or not found")
MAJOR_VERSION = Rule("RFC 9110 §15.6.6", "contract", "a major version that the server does not speak is answered with 505, or with 400")
VERSION = Rule("RFC 9112 §3.2", "SHOULD", "a version is HTTP, a slash, a digit, a dot and a digit; another one is answered with 400, or with 505")
HOST = Rule("RFC 9112 §3.2", "MUST", "an HTTP/1.1 request without Host is answered with 400")
ONE_HOST = Rule("RFC 9112 §3.2", "MUST", "a request with more than one Host line is answered with 400")
VALID_HOST = Rule("RFC 9112 §3.2", "MUST", "a Host that is no host with an optional port is answered with 400")
ABSOLUTE = Rule("RFC 9112 §3.2.2", "MUST", "a target in absolute-form is accepted")
ASTERISK = Rule("RFC 9112 §3.2.4", "contract", "OPTIONS * asks about the server as a whole and is answered with any 2xx")

# Files, conditions, ranges, compression, many clients, time, drain.
# Files.
FILE = Rule("contract", "contract", "GET /files/{name} is answered with 200 and the octets of the file of that name under $DATA_DIR, every one")
NO_FILE = Rule("RFC 9110 §15.5.5", "contract", "a file that is not there is answered with 404")
FILE_HEAD = Rule("RFC 9110 §9.3.2", "MUST NOT", "HEAD answers as GET would, without content: the next answer begins behind the blank line")
FILE_LENGTH = Rule("RFC 9110 §8.6", "MUST NOT", "a Content-Length in the answer to HEAD is the size that GET would have sent")
CREATED = Rule("RFC 9110 §9.3.4", "MUST", "a PUT that makes a new file is answered with 201")
REPLACED = Rule("RFC 9110 §9.3.4", "MUST", "a PUT that replaces a file is answered with 200 or 204")
STATE = Rule("RFC 9110 §9.3.4", "contract", "after a PUT the file is what the PUT brought, whole, and nothing else")
PUT_WHOLE = Rule("RFC 9112 §6.3", "MUST", "a body is all the octets that its framing announces, however many reads they take")
PUT_BROKEN = Rule("RFC 9112 §8", "contract", "a PUT whose body does not come to its end is not carried out: the file stays what it was")
DELETED = Rule("RFC 9110 §9.3.5", "contract", "DELETE is answered with 200 or 204, and the file is gone")
NO_LENGTH_204 = Rule("RFC 9110 §8.6", "MUST NOT", "an answer with status 204 has no Content-Length, not even 0")
FILE_ALLOW = Rule("RFC 9110 §15.5.6", "MUST", "a method that files do not have is answered with 405 and an Allow field that lists those they have")
FILE_NAME = Rule("RFC 3986 §2.4", "MUST", "a name is one segment of the path, percent-decoded once; a query is no part of it")
INSIDE = Rule("contract", "contract", "a name that is empty, . or .., holds a slash or NUL, or leads outside $DATA_DIR is refused with a 4xx status")
UNDER = Rule("RFC 9110 §17.3", "MUST", "no path, however it is written, leads out of the folder that is served")
FILE_CURL = Rule("RFC 9110 §9.3", "contract", "a real client stores, reads and removes files")

# Conditions.
ETAG = Rule("RFC 9110 §8.8.3", "contract", "a file has an entity tag: an ETag field with a quoted string, and no W/ in front, so that it can guard a change")
ETAG_SAME = Rule("RFC 9110 §8.8.1", "contract", "a file that did not change keeps its tag")
ETAG_OTHER = Rule("RFC 9110 §8.8.1", "MUST", "a strong tag changes whenever the octets do, also with the same length and within the same second")
NOT_MODIFIED = Rule("RFC 9110 §13.1.2", "MUST", "GET or HEAD with an If-None-Match that lists the current tag is answered with 304")
NO_BODY_304 = Rule("RFC 9110 §15.4.5", "MUST NOT", "a 304 ends at its blank line, whatever its fields say")
LENGTH_304 = Rule("RFC 9110 §8.6", "MUST NOT", "a Content-Length in a 304 is the length that a 200 would have had, never 0 because nothing is sent")
TAG_304 = Rule("RFC 9110 §15.4.5", "MUST", "a 304 carries the ETag that a 200 would have carried")
WEAK = Rule("RFC 9110 §13.1.2", "MUST", "If-None-Match compares weakly: W/ in front of a tag makes no difference")
NONE_LIST = Rule("RFC 9110 §13.1.2", "MUST", "If-None-Match is a list, and any one of its tags can match")
MODIFIED = Rule("RFC 9110 §13.1.2", "MUST", "where no listed tag equals the current one, GET is answered as if there were no condition")
NONE_STAR = Rule("RFC 9110 §13.1.2", "MUST", "If-None-Match: * is false as soon as there is a file, whatever its tag")
CREATE_ONLY = Rule("RFC 9110 §13.1.2", "MUST", "PUT with If-None-Match: * makes a new file, and answers 412 and changes nothing where there is one")
IF_MATCH = Rule("RFC 9110 §13.1.1", "MUST", "If-Match lets a request through when it lists the current tag, or is * and there is a file")
LOST_UPDATE = Rule("RFC 9110 §13.1.1", "MUST NOT", "a change whose If-Match does not list the current tag is not made, and is answered with 412")
STRONG = Rule("RFC 9110 §13.1.1", "MUST", "If-Match compares strongly: a tag with W/ in front of it equals nothing")
ETAG_FIRST = Rule("RFC 9110 §13.1.3", "MUST", "If-Modified-Since does not count beside If-None-Match")
MATCH_FIRST = Rule("RFC 9110 §13.1.4", "MUST", "If-Unmodified-Since does not count beside If-Match")
PRECEDENCE = Rule("RFC 9110 §13.2.2", "MUST", "If-Match is evaluated before If-None-Match")
NO_CONDITION = Rule("RFC 9110 §13.2.1", "MUST", "a request that fails anyway is answered as if it had no condition")
ETAG_CURL = Rule("RFC 9110 §13.1.2", "MUST", "a real client that kept the tag gets 304 and keeps its copy")

# Ranges.
RANGE = Rule("RFC 9110 §14.2", "contract", "one satisfiable range is answered with 206, those octets, and a Content-Range that names them")
RANGE_END = Rule("RFC 9110 §14.1.2", "MUST", "a last position beyond the end, or none, means the last octet")
SUFFIX = Rule("RFC 9110 §14.1.2", "MUST", "-N asks for the last N octets, or for all where there are fewer")
UNSATISFIABLE = Rule("RFC 9110 §15.5.17", "SHOULD", "a range that begins beyond the end is answered with 416 and Content-Range: bytes */ and the size")
SEVERAL = Rule("RFC 9110 §15.3.7", "contract", "several ranges are answered with the whole file, or with 206 and every part")
OTHER_UNIT = Rule("RFC 9110 §14.2", "MUST", "a unit that is not known is ignored, or answered with 416; its numbers are no octets")
BAD_RANGE = Rule("RFC 9110 §14.2", "MAY", "a Range that does not follow the grammar is ignored or refused, and never read as another one")
UNIT_CASE = Rule("RFC 9110 §14.1", "MUST", "range units are compared without regard to case")
RANGE_OVERFLOW = Rule("RFC 9110 §14.1.2", "MUST", "positions may be larger than any integer type: they are not cut to its width")
IF_RANGE = Rule("RFC 9110 §13.1.5", "SHOULD", "with an If-Range that is the current tag, the range counts")
IF_RANGE_OLD = Rule("RFC 9110 §13.1.5", "MUST", "with an If-Range that is not the current tag, compared strongly, the range does not count: 200 and the whole")
EMPTY_RANGE = Rule("RFC 9110 §14.4", "MUST", "an empty file has no first and last octet that the Content-Range of a 206 could name: 416, or 200 without content")
RANGE_GET = Rule("RFC 9110 §14.2", "MUST", "only GET has ranges: HEAD is answered as if Range were not there")
RANGE_LAST = Rule("RFC 9110 §14.2", "MUST", "a range counts only where the answer without it is 200")
TAG_206 = Rule("RFC 9110 §15.3.7", "MUST", "a 206 carries the ETag that a 200 would have carried")
RANGE_CURL = Rule("RFC 9110 §14.2", "contract", "a real client gets the part that it asks for, and goes on with a transfer that broke off")

# Compression.
GZIP = Rule("RFC 9110 §8.4.1.3", "contract", "a file of 1 KiB or more is sent in gzip to a client that accepts it, says so in Content-Encoding, and decodes to the same octets")
CODING_NAME = Rule("RFC 9110 §8.4.1", "MUST", "names of content codings are compared as whole words, without regard to case")
VARY = Rule("RFC 9110 §12.5.5", "SHOULD", "what depends on Accept-Encoding says so in Vary, in gzip or not: a cache has to know")
VARY_304 = Rule("RFC 9110 §15.4.5", "MUST", "a 304 carries the Vary that a 200 would have carried")
Q_ZERO = Rule("RFC 9110 §12.4.2", "SHOULD", "a weight of 0 means not acceptable")
NOT_LISTED = Rule("RFC 9110 §12.5.3", "SHOULD", "a coding that the field does not list is not acceptable, unless * is listed")
ANY_CODING = Rule("RFC 9110 §12.5.3", "MAY", "without the field any coding will do; what is sent says truly how it is coded")
NOTHING_LEFT = Rule("RFC 9110 §12.5.3", "SHOULD", "*;q=0 excludes gzip; what is left is the plain file, or 406")
OWN_TAG = Rule("RFC 9110 §8.8.3.3", "MUST", "the file in gzip has other octets, so a strong tag of it is another one")
HEAD_CODED = Rule("RFC 9110 §9.3.2", "SHOULD", "HEAD says of the file in gzip what GET says")
CODED_304 = Rule("RFC 9110 §13.1.2", "MUST", "the tag of the file in gzip gets 304 as well, when gzip is accepted")
CODED_FRESH = Rule("RFC 9110 §9.3.4", "contract", "after a PUT the file in gzip is the new one")
CODED_RANGE = Rule("RFC 9110 §14.1.2", "MUST", "a range counts octets of what is sent: of the plain file, or of the file in gzip")
CODED_CURL = Rule("RFC 9110 §12.5.3", "contract", "a real client that asks for a compressed file undoes it")

# Many clients.
AT_ONCE = Rule("contract", "contract", "fifty clients at once are served, each its own answers")
NO_WAITING = Rule("contract", "contract", "a client that waits, sends half or reads nothing delays nobody else")
ONE_WINNER = Rule("RFC 9110 §13.1.1", "MUST NOT", "check and change are one step: of several writers with the same condition one is let through")
IDLE_MEMORY = Rule("contract", "contract", "an idle connection costs little memory: less than 64 KiB each")
UNREAD_ANSWERS = Rule("contract", "contract", "answers wait for a client that does not read them only up to a bound: then nothing more is read from it, or it is disconnected")
STREAMED = Rule("contract", "contract", "a body is passed on as it comes: memory does not grow with its length")

# Time.
HEAD_TIME = Rule("RFC 9110 §15.5.9", "contract", "a request head that is not complete after 5 s ends in 408 or a close, also when a byte comes now and then")
HEAD_PATIENCE = Rule("contract", "contract", "a request head that takes 3 s is served")
BODY_TIME = Rule("contract", "contract", "a body that keeps coming is taken, however slowly")
ANSWER_TIME = Rule("contract", "contract", "the 5 s are for the request head: an answer may take longer")

# Drain.
IN_FLIGHT = Rule("contract", "contract", "a request that has begun when SIGTERM comes is answered whole")
NO_NEW = Rule("contract", "contract", "after SIGTERM no new connection is served")
IDLE_CLOSED = Rule("contract", "contract", "within a second of SIGTERM idle connections are closed, those that were never used too")
EXIT = Rule("contract", "contract", "after SIGTERM the program exits with status 0 within 5 seconds of the last answer")
