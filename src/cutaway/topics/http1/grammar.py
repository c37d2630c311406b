"""The words of HTTP/1.1: every named place on the wire, and the lines that they make.

    GET /echo/alpha HTTP/1.1\\r\\n
    ─┬─│─────┬─────│───┬────│──┬─
     │ SP    │     SP  │       line-end
     method  │         HTTP-version
             request-target

A `Shape` is one line: a regular expression whose groups tile it, a field for each. The quantifiers
that end in a plus (`*+`) never give back what they took, so that no line, however mean, takes more
than linear time to be found wrong.

Left out: what the values of header fields look like inside (dates, lists, quality values). The one
who acts on a field parses it.
"""

from __future__ import annotations

from typing import Any

from ...wire import Field, Shape


class Named(dict[bytes, str]):
    """Meanings of names that are compared without regard to case; `otherwise` for the rest."""

    def __init__(self, otherwise: str, names: dict[bytes, str]) -> None:
        super().__init__({name.lower(): means for name, means in names.items()})
        self.otherwise = otherwise

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(bytes(key).lower(), self.otherwise)


METHODS = Named(
    "what to do with the target; a method of its own making",
    {
        b"GET": "send what the target is now",
        b"HEAD": "as GET, but the answer stops behind its header fields",
        b"POST": "let the target process the content that comes along",
        b"PUT": "make the content that comes along the state of the target",
        b"DELETE": "remove the target",
        b"CONNECT": "make this connection a tunnel",
        b"OPTIONS": "say what can be done with the target",
        b"TRACE": "send back the request as it arrived",
    },
)

NAMES = Named(
    "the name of a field, in any case",
    {
        b"Accept": "the media types that the client can use",
        b"Accept-Encoding": "the content codings that the client can undo, with a weight each",
        b"Accept-Ranges": "whether parts of this can be asked for",
        b"Allow": "the methods that the target knows",
        b"Connection": "options of this connection alone: close, keep-alive, fields not to forward",
        b"Content-Encoding": "how the content was coded, to be undone by whom it is for",
        b"Content-Length": "octets of content, in decimal digits",
        b"Content-Range": "which part of the whole this content is",
        b"Content-Type": "what kind of thing the content is",
        b"Date": "when this answer was made",
        b"ETag": "the name of exactly this state of the target",
        b"Expect": "what the client waits for before it sends the content",
        b"Host": "which of this server's sites the request is for",
        b"If-Match": "do it only if the target is still in one of these states",
        b"If-Modified-Since": "send it only if it changed after this",
        b"If-None-Match": "do it only if the target is in none of these states",
        b"If-Range": "the range, if the target is still in this state, else all of it",
        b"If-Unmodified-Since": "do it only if nothing changed after this",
        b"Last-Modified": "when the target last changed",
        b"Range": "which part of the content is wanted",
        b"Server": "the software that answered",
        b"Trailer": "fields that will come behind the content",
        b"Transfer-Encoding": "how the body is framed: chunked carries its own end",
        b"User-Agent": "the software that asks",
        b"Vary": "fields of the request that the choice of this answer depended on",
    },
)

STATUSES = {
    100: "Continue",
    101: "Switching Protocols",
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    307: "Temporary Redirect",
    308: "Permanent Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    416: "Range Not Satisfiable",
    417: "Expectation Failed",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    426: "Upgrade Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}

REQUEST = Field("request", "one request, from its first octet to its last", "RFC 9112 §2.1")
RESPONSE = Field("response", "one response, from its first octet to its last", "RFC 9112 §2.1")
HEAD = Field("head", "the start line and the header fields, up to the blank line", "RFC 9112 §2.1")
EMPTY_LINE = Field("empty-line", "ahead of a request: ignored", "RFC 9112 §2.2")

REQUEST_LINE = Field("request-line", "what is asked", "RFC 9112 §3")
METHOD = Field("method", METHODS, "RFC 9110 §9")
SP = Field("SP", "one space", "RFC 9112 §3")
TARGET = Field("request-target", "what it is asked of", "RFC 9112 §3.2")
VERSION = Field("HTTP-version", "the version that the sender speaks", "RFC 9112 §2.3")
LINE_END = Field("line-end", "CR LF ends the line", "RFC 9112 §2.2")

STATUS_LINE = Field("status-line", "how it went", "RFC 9112 §4")
STATUS = Field(
    "status-code", {b"%d" % code: text for code, text in STATUSES.items()}, "RFC 9110 §15"
)
REASON = Field("reason-phrase", "for people; clients ignore it", "RFC 9112 §4")

HEADERS = Field("header-section", "the header fields", "RFC 9112 §5")
NAME = Field("field-name", NAMES, "RFC 9112 §5")
COLON = Field("colon", "ends the name; white space behind it does not count", "RFC 9112 §5.1")
VALUE = Field("field-value", "without the white space around it", "RFC 9110 §5.5")
BLANK = Field("blank-line", "the head ends here", "RFC 9112 §2.1")

BODY = Field("body", "the content", "RFC 9112 §6")
LENGTH = Field("Content-Length", "octets of content", "RFC 9110 §8.6")
CODING = Field("Transfer-Encoding", "how the body is framed", "RFC 9112 §6.1")

CHUNK = Field("chunk", "a piece of the body, with its size in front", "RFC 9112 §7.1")
SIZE = Field("chunk-size", "octets in this chunk, in hexadecimal; 0 is the last", "RFC 9112 §7.1")
EXTENSION = Field("chunk-ext", "remarks on this chunk; ignored", "RFC 9112 §7.1.1")
CHUNK_END = Field("chunk-end", "CR LF behind the data; not part of the body", "RFC 9112 §7.1")
TRAILERS = Field("trailer-section", "fields known only behind the content", "RFC 9112 §7.1.2")
LAST = Field("end-of-body", "a blank line ends the chunked body", "RFC 9112 §7.1")

# tchar of RFC 9110 §5.6.2.
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
# HTAB, SP, VCHAR and obs-text: everything but control characters.
TEXT = rb"[^\x00-\x08\x0a-\x1f\x7f]"
# A value ends with its last octet that is no white space. Visible ASCII is the common case, and one
# range is found twice as fast as a set.
CONTENT = rb"[ -~]*(?<! )|%s*(?<![ \t])|" % TEXT
# Groups that repeat are not possessive: Python before 3.11.5 loses its place in those. Each round of
# one begins with an octet that the round before cannot hold, so they are linear all the same.
QUOTED = rb'"[^\x00-\x08\x0a-\x1f\x7f"\\]*+(?:\\[^\x00-\x08\x0a-\x1f\x7f][^\x00-\x08\x0a-\x1f\x7f"\\]*+)*"'
CHUNK_EXT = rb"(?:[ \t]*+;[ \t]*+%s(?:[ \t]*+=[ \t]*+(?:%s|%s))?)*" % (TOKEN, TOKEN, QUOTED)

REQUEST_LINE_SHAPE = Shape(
    rb"(%s)( )([!-~]++)( )(HTTP/[0-9]\.[0-9])(\r\n)" % TOKEN,
    *(METHOD, SP, TARGET, SP, VERSION, LINE_END),
    keep=(1, 3, 5),
    whole=REQUEST_LINE,
)
STATUS_LINE_SHAPE = Shape(
    rb"(HTTP/[0-9]\.[0-9])( )([0-9]{3})( )(%s*+)(\r\n)" % TEXT,
    *(VERSION, SP, STATUS, SP, REASON, LINE_END),
    keep=(1, 3, 5),
    whole=STATUS_LINE,
)
FIELD_LINE_SHAPE = Shape(
    rb"(%s)(:[ \t]*+)(%s)([ \t]*+\r\n)" % (TOKEN, CONTENT),
    *(NAME, COLON, VALUE, LINE_END),
    keep=(1, 3),
)
CHUNK_LINE_SHAPE = Shape(
    rb"([0-9A-Fa-f]{1,16}+)(%s)(\r\n)" % CHUNK_EXT, SIZE, EXTENSION, LINE_END, keep=(1, 2)
)
LAST_SHAPE = Shape(rb"(\r\n)", LAST)
CHUNK_END_SHAPE = Shape(rb"(\r\n)", CHUNK_END)
EMPTY_LINES_SHAPE = Shape(rb"((?:\r\n)++)", EMPTY_LINE)
