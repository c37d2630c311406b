"""What a cache has to do, one requirement a line: section, level, sentence.

    INCR_RANGE = Rule("Valkey commands §INCR", "MUST", "a counter is a signed integer of 64 bits …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.
The documents know no MUST; where one of them says plainly what a command does, that is meant. Level
"contract" marks what the program under test is asked for beyond them; the section beside it is where
they speak of the matter.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule

# fmt: off
# The protocol.
ARRAY = Rule("RESP §Sending commands to a Valkey server", "MUST", "a command is an array of bulk strings, and is answered with one value")
INLINE = Rule("RESP §Inline commands", "MUST", "what does not begin with * is a line, whose words are separated by spaces")
MANY_COMMANDS = Rule("RESP §Multiple commands and pipelining", "MUST", "a client can use the same connection for one command after the other")
NAME_CASE = Rule("RESP §Sending commands to a Valkey server", "contract", "names of commands and of options are read without regard to case")
UNKNOWN = Rule("RESP §Simple errors", "MUST", "a command that does not exist is answered with an error that begins with ERR, and the connection goes on")
NEXT_CLIENT = Rule("RESP §Network layer", "contract", "when a client has gone, the next one is served")
STREAM = Rule("RESP §Bulk strings", "MUST", "a command ends where its lengths say, however its octets arrive")
REST_IS_NEXT = Rule("RESP §Multiple commands and pipelining", "MUST", "what stands behind a command belongs to the next one")
PIPELINE = Rule("RESP §Multiple commands and pipelining", "MUST", "commands that come together are all answered, in their order")
BINARY_SAFE = Rule("RESP §Bulk strings", "MUST", "a bulk string is octets of any kind, and comes back as it went")
LENGTH = Rule("RESP §Bulk strings", "MUST", "a bulk string has as many octets as its length says, whatever they look like")
EMPTY = Rule("RESP §Bulk strings", "MUST", "the empty string is $0 with nothing in it, and not the null bulk string")
ERROR_LINE = Rule("RESP §Simple errors", "MUST", "an error is one line: there is no CR and no LF in it")
ARITY = Rule("RESP §Simple errors", "MUST", "a command with too few or too many arguments is answered with an error, and does nothing")
SYNTAX = Rule("RESP §Simple errors", "MUST", "a command with an option that is not known, or with two that exclude each other, is answered with an error, and does nothing")
OPTIONS = Rule("Valkey commands §SET", "contract", "options come in any order, and in any case")
OCTETS = Rule("RESP §Bulk strings", "MUST", "keys and values are octets of any kind, and two that differ in one octet are two")
PING = Rule("Valkey commands §PING", "MUST", "PING is answered with the simple string PONG, and with an argument by that argument as a bulk string")
ECHO = Rule("Valkey commands §ECHO", "MUST", "ECHO is answered with its argument as a bulk string")

# Strings.
SET = Rule("Valkey commands §SET", "MUST", "SET keeps a value under a key, and replaces whatever was there, of any kind")
MISSING = Rule("RESP §Null bulk strings", "MUST", "GET of a key that does not exist is answered with the null bulk string, $-1")
KEY_CASE = Rule("RESP §Bulk strings", "MUST", "keys that differ in capital and small letters are two keys")
DEL = Rule("Valkey commands §DEL", "MUST", "DEL is answered with the number of keys that it removed; a key that does not exist is passed over")
EXISTS = Rule("Valkey commands §EXISTS", "MUST", "EXISTS is answered with how many of the named keys exist, one that is named twice counting twice")
MGET = Rule("Valkey commands §MGET", "MUST", "MGET is answered with an item for each key, in their order, null where there is no string")
SET_NX = Rule("Valkey commands §SET", "MUST", "with NX, SET writes only where the key does not exist, and else is answered with null")
SET_XX = Rule("Valkey commands §SET", "MUST", "with XX, SET writes only where the key exists, and else is answered with null")
SET_GET = Rule("Valkey commands §SET", "MUST", "with GET, SET is answered with what was there before, or null, and not with OK")
GETDEL = Rule("Valkey commands §GETDEL", "MUST", "GETDEL is answered with the value, and the key is gone")

# Counters.
INCR = Rule("Valkey commands §INCR", "MUST", "the number under a key is changed, a missing one counting as 0, and the new number is the answer")
INCR_RANGE = Rule("Valkey commands §INCR", "MUST", "a counter is a signed integer of 64 bits, exact to the last unit; what would pass its ends is an error and changes nothing")
NOT_INTEGER = Rule("Valkey commands §INCR", "MUST", "what cannot be read as an integer of 64 bits is an error, and nothing changes")
APPEND = Rule("Valkey commands §APPEND", "MUST", "APPEND adds to the end of the value, a missing one being empty, and is answered with its new length")
STRLEN = Rule("Valkey commands §STRLEN", "MUST", "STRLEN is the number of octets, 0 where there is nothing")

# Lifetimes.
SET_EX = Rule("Valkey commands §SET", "MUST", "EX gives a lifetime in seconds, PX one in milliseconds")
EX_POSITIVE = Rule("Valkey commands §SET", "MUST", "the lifetime that SET is given is a positive integer; any other is refused, and nothing is written")
EXPIRE = Rule("Valkey commands §EXPIRE", "MUST", "EXPIRE sets the lifetime, in place of the one that was, and is answered with 1, or 0 where there is no key")
TTL = Rule("Valkey commands §TTL", "MUST", "the time left is an integer; -1 says that the key has no lifetime, -2 that it does not exist")
EXPIRETIME = Rule("Valkey commands §EXPIRETIME", "MUST", "the moment at which a key ends is kept as it was given, in Unix time")
LAZY = Rule("Valkey commands §EXPIRE", "MUST", "after its lifetime a key does not exist, for no command but DBSIZE, which may count it a while longer")
ACTIVE = Rule("Valkey commands §EXPIRE", "contract", "keys that ended are given back though nobody asks for them: within 2 s at most one in five is still counted")
PERSIST = Rule("Valkey commands §PERSIST", "MUST", "PERSIST takes the lifetime away, and is answered with 1, or 0 where there was none")
REPLACED = Rule("Valkey commands §EXPIRE", "MUST", "a lifetime is cleared by what deletes or overwrites the value, and by nothing else")
CHANGED = Rule("Valkey commands §EXPIRE", "MUST", "what changes a value without replacing it leaves its lifetime untouched")
KEEPTTL = Rule("Valkey commands §SET", "MUST", "with KEEPTTL the new value keeps the lifetime of the old one")
EXPIRE_PAST = Rule("Valkey commands §EXPIRE", "MUST", "a lifetime that is not positive, or a moment in the past, removes the key at once")

# Many clients.
AT_ONCE = Rule("RESP §Network layer", "contract", "many clients are served at the same time")
ONE_STORE = Rule("RESP §Request-Response model", "contract", "all clients see the same data, each command as soon as it is answered")
ATOMIC = Rule("Valkey commands §INCR", "MUST", "a command is one step: of what two clients count at the same time nothing is lost")
NO_WAITING = Rule("RESP §Request-Response model", "contract", "no client waits for another one, whatever that one does or leaves undone")
FORGOTTEN = Rule("RESP §Network layer", "contract", "a client that has gone leaves nothing open behind")
IDLE_MEMORY = Rule("contract", "contract", "an idle connection costs at most 64 KiB of memory")

# What clients ask first.
HELLO = Rule("Valkey commands §HELLO", "MUST", "HELLO is answered with what server and connection are; only with a version that is spoken, and options that are known, does it change the connection")
HELLO_3 = Rule("Valkey commands §HELLO", "MUST", "HELLO 3 switches the connection to RESP3, and its own answer is the first one in it")
HELLO_OWN = Rule("Valkey commands §HELLO", "MUST", "connections start in RESP2, and one that switches does so for itself alone")
NOPROTO = Rule("RESP §Client handshake", "MUST", "a version that the server does not speak is answered with the error NOPROTO, and the connection stays as it is")
RESP3_NULL = Rule("RESP §Nulls", "MUST", "in RESP3 nothing is _, in place of both nulls of RESP2")
RESP3_MAP = Rule("RESP §Maps", "MUST", "in RESP3 names with values are a map, in RESP2 a flat array")
RESP3_SET = Rule("RESP §Sets", "MUST", "in RESP3 members without an order are a set, in RESP2 an array")
RESP3_DOUBLE = Rule("RESP §Doubles", "MUST", "in RESP3 a score is a double, in RESP2 a bulk string")
CLIENT_ID = Rule("Valkey commands §CLIENT ID", "MUST", "a connection has a number, which stays the same and is no other connection's")
CLIENT_NAME = Rule("Valkey commands §CLIENT SETNAME", "MUST", "a connection has no name at first; it alone is given one without spaces, or none again by the empty text")
CLIENT_SETINFO = Rule("Valkey commands §CLIENT SETINFO", "MUST", "LIB-NAME and LIB-VER are taken with OK; another attribute, or a value with a space, is an error")
SUBCOMMAND = Rule("RESP §Simple errors", "MUST", "a second word that does not exist is answered with an error, and the connection goes on")
COMMAND = Rule("Valkey commands §COMMAND", "contract", "COMMAND is answered with an array and COMMAND COUNT with a number; how much they tell is free")
COMMAND_DOCS = Rule("Valkey commands §COMMAND DOCS", "MUST", "COMMAND DOCS is answered with a map from command to documentation, in which one that does not exist is missing")
SELECT = Rule("Valkey commands §SELECT", "contract", "database 0 can be selected; what is no database is answered with an error")
INFO = Rule("Valkey commands §INFO", "MUST", "INFO is a text of lines that end with CR LF: a name, a colon and a value, or a section behind #")
QUIT = Rule("Valkey commands §QUIT", "MUST", "QUIT is answered, behind all that is still to be answered, and the connection is closed")

# Keys.
TYPE = Rule("Valkey commands §TYPE", "MUST", "TYPE is the name of the kind as a simple string, or none")
RENAME = Rule("Valkey commands §RENAME", "MUST", "RENAME moves a value with its lifetime, and replaces what was there")
RENAME_MISSING = Rule("Valkey commands §RENAME", "MUST", "RENAME of a key that does not exist is an error, and changes nothing")
KEYS = Rule("Valkey commands §KEYS", "MUST", "KEYS is answered with every key that the pattern matches as a whole, and with no other")
SCAN = Rule("Valkey commands §SCAN", "MUST", "SCAN is answered with a cursor and an array of keys; from the cursor 0 until it is 0 again every key is told")
SCAN_MATCH = Rule("Valkey commands §SCAN", "MUST", "with MATCH only keys that match are told, with TYPE only those of that kind")
SCAN_GUARANTEE = Rule("Valkey commands §SCAN", "MUST", "a key that is there from the start of an iteration to its end is told at least once, whatever comes and goes meanwhile")
SCAN_SYNTAX = Rule("RESP §Simple errors", "MUST", "a command with an option that is not known, or without its value, is answered with an error")
DBSIZE = Rule("Valkey commands §DBSIZE", "MUST", "DBSIZE is the number of keys")
FLUSH = Rule("Valkey commands §FLUSHALL", "MUST", "FLUSHALL removes every key")
WRONGTYPE = Rule("RESP §Simple errors", "MUST", "a command on a key that holds another kind of value is answered with WRONGTYPE, and changes nothing")
NO_EMPTY = Rule("Valkey lists §Automatic creation and removal of keys", "MUST", "a key whose last item was removed does not exist")

# Lists.
PUSH = Rule("Valkey commands §LPUSH", "MUST", "items are pushed one after the other, from the left of the command to its right, and the new length is the answer")
POP = Rule("Valkey commands §LPOP", "MUST", "LPOP takes from the front and RPOP from behind; with a count, up to so many, in the order in which they are taken")
POP_MISSING = Rule("Valkey commands §LPOP", "MUST", "where there is no list, one item is the null bulk string, a count of items the null array, a range the empty array")
LRANGE = Rule("Valkey commands §LRANGE", "MUST", "a range has both its ends; -1 is the last item, -2 the one before it")
LRANGE_OUT = Rule("Valkey commands §LRANGE", "MUST", "indexes out of range are no error: the range is cut to what is there, and may be empty")
LINDEX = Rule("Valkey commands §LINDEX", "MUST", "LINDEX is the item at an index from either end, null where there is none")
LSET = Rule("Valkey commands §LSET", "MUST", "LSET replaces the item at an index; where there is none, it is an error")
LREM = Rule("Valkey commands §LREM", "MUST", "LREM removes items that are equal, so many from the front, or from behind with a negative count, or all with 0, and counts them")
LTRIM = Rule("Valkey commands §LTRIM", "MUST", "LTRIM keeps the items of a range; where that is empty, the key is removed")

# Hashes.
HSET = Rule("Valkey commands §HSET", "MUST", "HSET writes all its fields, and is answered with how many of them are new")
HGET = Rule("Valkey commands §HGET", "MUST", "HGET is the value of a field, null where there is none")
HMGET = Rule("Valkey commands §HMGET", "MUST", "HMGET is answered with an item for each field, in their order, null where there is none")
HGETALL = Rule("Valkey commands §HGETALL", "MUST", "HGETALL is every field with its value behind it, and nothing where there is no hash")
HVALS = Rule("Valkey commands §HVALS", "MUST", "HVALS is the value of every field, each as often as a field has it")
HDEL = Rule("Valkey commands §HDEL", "MUST", "HDEL is answered with how many fields it removed; a hash without fields does not exist")
HINCRBY = Rule("Valkey commands §HINCRBY", "MUST", "HINCRBY counts in a field, a missing one being 0, within signed integers of 64 bits; else it is an error and changes nothing")

# Sets.
SADD = Rule("Valkey commands §SADD", "MUST", "a member is in a set once, and SADD is answered with how many of its members are new")
SISMEMBER = Rule("Valkey commands §SISMEMBER", "MUST", "SISMEMBER is 1 for a member, and 0 for any other and where there is no set")
SREM = Rule("Valkey commands §SREM", "MUST", "SREM is answered with how many members it removed; a set without members does not exist")
SMEMBERS = Rule("Valkey commands §SMEMBERS", "MUST", "SMEMBERS is every member, in any order")
SINTER = Rule("Valkey commands §SINTER", "MUST", "the intersection has the members of all sets, and a key that does not exist is an empty set")
SUNION = Rule("Valkey commands §SUNION", "MUST", "the union has the members of any set, each once")
SDIFF = Rule("Valkey commands §SDIFF", "MUST", "the difference has the members of the first set that are in none of the others")
SPOP = Rule("Valkey commands §SPOP", "MUST", "SPOP removes the members that it is answered with, one as a bulk string, up to a count of them as an array")

# Sorted sets.
ZADD = Rule("Valkey commands §ZADD", "MUST", "ZADD adds members or moves them to their new score, and is answered with how many are new")
ZADD_OPTIONS = Rule("Valkey commands §ZADD", "MUST", "NX only adds, XX only changes, GT and LT change in one direction; those that exclude each other, and INCR with two members, are refused")
ZADD_CH = Rule("Valkey commands §ZADD", "MUST", "with CH the answer is how many members are new or have another score than before")
ZINCRBY = Rule("Valkey commands §ZINCRBY", "MUST", "a score is added to, a missing one being 0, and the new score is the answer; null where an option forbade it")
ZORDER = Rule("Valkey commands §ZADD", "MUST", "members are in the order of their scores as numbers, and those with one score in the order of their octets")
ZSCORE_VALUE = Rule("Valkey commands §ZADD", "MUST", "a score is a double, also an infinite one, and integers up to 2**53 are exact; what is no number is refused")
ZSCORE = Rule("Valkey commands §ZSCORE", "MUST", "the score of what is no member is null, and so is its rank")
ZRANK = Rule("Valkey commands §ZRANK", "MUST", "the rank counts from 0 at the lowest score, the reverse one from 0 at the highest")
ZRANGE = Rule("Valkey commands §ZRANGE", "MUST", "a range of ranks has both its ends, -1 being the last, and is cut to what is there; WITHSCORES puts its score behind each member")
ZRANGE_REV = Rule("Valkey commands §ZRANGE", "MUST", "REV reverses the order: rank 0 is the highest score, and a range of scores is given from its larger end")
ZRANGE_BYSCORE = Rule("Valkey commands §ZRANGE", "MUST", "a range of scores has both its ends, but for one that ( stands before; -inf and +inf leave a side open")
ZRANGE_LIMIT = Rule("Valkey commands §ZRANGE", "MUST", "LIMIT skips so many members of the range and tells up to a count of them, all with a negative count")
ZRANGE_SYNTAX = Rule("Valkey commands §ZRANGE", "MUST", "an end that is no number, an option that is not known, and LIMIT without BYSCORE are answered with an error")
ZCOUNT = Rule("Valkey commands §ZCOUNT", "MUST", "ZCOUNT is how many members have a score in the range")
ZREM = Rule("Valkey commands §ZREM", "MUST", "what removes members is answered with how many it removed; a sorted set without members does not exist")

# Memory and what has to go.
MEMORY_COUNTED = Rule("Valkey key eviction §Maxmemory configuration directive", "contract", "used_memory is at least the octets of keys and of values, and at most 1024 more for each key with a value of 1024 octets")
MEMORY_GIVEN_BACK = Rule("Valkey key eviction §How the eviction process works", "contract", "what is removed no longer counts as used memory")
NO_LIMIT = Rule("Valkey key eviction §Maxmemory configuration directive", "MUST", "maxmemory 0 is no limit, and it is the value at the start")
CONFIG_SET = Rule("Valkey commands §CONFIG SET", "MUST", "CONFIG SET changes a setting of the running server, and CONFIG GET tells the new value")
CONFIG_REFUSED = Rule("Valkey commands §CONFIG SET", "MUST", "a value that a setting cannot have is answered with an error, and the setting stays as it was")
NOEVICTION = Rule("Valkey key eviction §Eviction policies", "MUST", "with noeviction, over the limit, a write that adds is refused with OOM, and nothing is removed")
OOM_READS = Rule("Valkey key eviction §Eviction policies", "contract", "over the limit, what reads or removes goes on, and there is room again when enough was removed")
EVICTS = Rule("Valkey key eviction §How the eviction process works", "MUST", "over the limit a write first removes keys, until the memory is within the limit again")
EVICTED_KEYS = Rule("Valkey key eviction §Monitor eviction", "contract", "evicted_keys of INFO stats counts each key that was removed to make room")
LOWERED = Rule("Valkey key eviction §How the eviction process works", "contract", "a limit that is set below what is used removes keys, at the latest with the next write")
ONLY_VOLATILE = Rule("Valkey key eviction §Eviction policies", "MUST", "volatile-ttl removes only keys that have a lifetime; where none has one, a write that adds is refused with OOM")
LRU = Rule("Valkey key eviction §Approximated LRU algorithm", "MUST", "allkeys-lru removes what was not used for the longest time, reads counting as use, exactly or by samples")
LFU = Rule("Valkey key eviction §The LFU mode", "MUST", "allkeys-lfu removes what is used least often, and keeps what is used often, exactly or by samples")
RANDOM = Rule("Valkey key eviction §Eviction policies", "MUST", "allkeys-random removes any keys, whenever they came or were used")
SOONEST = Rule("Valkey key eviction §Eviction policies", "MUST", "volatile-ttl removes the keys whose lifetime ends soonest, and what happened to them since they were set does not matter")

# Transactions.
MULTI = Rule("Valkey transactions §Usage", "MUST", "behind MULTI commands are queued, each answered with QUEUED, and not executed")
EXEC = Rule("Valkey transactions §Usage", "MUST", "EXEC executes what was queued, in order, and is answered with an array of the answers")
EXEC_ALONE = Rule("Valkey commands §EXEC", "MUST", "EXEC and DISCARD without MULTI are errors")
DISCARD = Rule("Valkey transactions §Discarding the command queue", "MUST", "DISCARD forgets what was queued, and the connection is back to normal")
EXECABORT = Rule("Valkey transactions §Errors inside a transaction", "MUST", "when a command could not be queued, EXEC is answered with EXECABORT, and nothing is executed")
NO_ROLLBACK = Rule("Valkey transactions §What about rollbacks?", "MUST", "a command that fails while EXEC executes leaves the others as they are, ahead of it and behind it")
ISOLATED = Rule("Valkey transactions §Transactions", "MUST", "other clients see all of a transaction or nothing of it")
LOST_CLIENT = Rule("Valkey transactions §Transactions", "MUST", "a client that is lost ahead of EXEC has done nothing")
WATCH = Rule("Valkey transactions §WATCH explained", "MUST", "when a watched key was changed before EXEC, by anybody, EXEC is answered with null and executes nothing")
WATCH_UNCHANGED = Rule("Valkey transactions §WATCH explained", "MUST", "when no watched key was changed since WATCH, EXEC executes; reading is no change")
WATCH_EXPIRES = Rule("Valkey transactions §WATCH explained", "MUST", "the end of its lifetime changes a watched key")
UNWATCHED = Rule("Valkey transactions §WATCH explained", "MUST", "EXEC, whatever comes of it, DISCARD, UNWATCH and the end of the connection forget what was watched")
NOT_NESTED = Rule("Valkey commands §MULTI", "MUST", "MULTI and WATCH behind MULTI are errors, and the transaction is not executed twice or in part")
EXEC_NULL_3 = Rule("Valkey commands §EXEC", "MUST", "the null of an EXEC that was called off is a null array in RESP2, and _ in RESP3")

# Publish and subscribe.
SUBSCRIBE = Rule("Valkey Pub/Sub §Format of pushed messages", "MUST", "SUBSCRIBE is answered once for each channel, with the number of subscriptions that the client has by then")
UNSUBSCRIBE = Rule("Valkey commands §UNSUBSCRIBE", "MUST", "UNSUBSCRIBE is answered once for each channel, with what is left; without channels it is all of them, and without any left one answer names nothing")
MESSAGE = Rule("Valkey Pub/Sub §Format of pushed messages", "MUST", "each subscriber of a channel gets message, the channel and what was published, octet for octet")
RECEIVERS = Rule("Valkey commands §PUBLISH", "MUST", "PUBLISH is answered with the number of clients and patterns that the message went to")
MESSAGE_ORDER = Rule("Valkey Pub/Sub §Delivery semantics", "contract", "messages arrive once each, in the order in which they were published, and none from before the subscription")
PATTERN = Rule("Valkey commands §PSUBSCRIBE", "MUST", "a pattern has * for any octets, ? for one, [] for one of some, and \\ ahead of one that means itself")
PMESSAGE = Rule("Valkey Pub/Sub §Format of pushed messages", "MUST", "a message by pattern is pmessage, the pattern, the channel and what was published")
BOTH_MATCH = Rule("Valkey Pub/Sub §Messages matching both a pattern and a channel subscription", "MUST", "a client that is subscribed to the channel and to a pattern of it gets the message twice")
COUNT_OF_BOTH = Rule("Valkey Pub/Sub §The meaning of the subscription count with pattern matching", "MUST", "the count in an answer is that of channels and patterns together")
SUBSCRIBED_ONLY = Rule("Valkey commands §SUBSCRIBE", "MUST", "in RESP2 a client with subscriptions may subscribe, unsubscribe, PING and QUIT; other commands are errors, and do nothing")
SUBSCRIBED_PING = Rule("Valkey commands §PING", "MUST", "PING of a client with subscriptions is answered in RESP2 with an array of pong and the argument")
NORMAL_AGAIN = Rule("Valkey Pub/Sub §Format of pushed messages", "MUST", "with the last subscription gone a client may send any command again")
PUSHES = Rule("RESP §Pushes", "MUST", "in RESP3 messages are pushes, beside replies, and a client with subscriptions may send any command")
PUBSUB = Rule("Valkey commands §PUBSUB CHANNELS", "MUST", "PUBSUB tells the channels with subscribers, how many each has, and the number of patterns; patterns are no subscribers of a channel")
DEAF = Rule("contract", "contract", "a subscriber that does not read holds up neither who publishes nor other subscribers")
SUBSCRIBER_GONE = Rule("Valkey commands §PUBLISH", "contract", "a subscriber whose connection has ended counts no more")

# Durability.
SURVIVES = Rule("Valkey persistence §Append-only file", "contract", "with APPENDONLY=yes, what was acknowledged is there after SIGKILL and a new start")
SURVIVES_ONCE = Rule("Valkey persistence §Append-only file", "contract", "after a new start every write is there once: in its order, and not twice")
SURVIVES_CHOICE = Rule("Valkey persistence §Append-only file", "contract", "what a server chose by lot, it has chosen: after a new start the same members are there")
SURVIVES_MOMENT = Rule("Valkey commands §EXPIRE", "contract", "a lifetime survives as the moment at which it ends, however long the server was down")
SURVIVES_END = Rule("Valkey commands §EXPIRE", "contract", "the end of a lifetime survives, too: what was made under that key later is there as it was made")
SURVIVES_EXEC = Rule("Valkey transactions §Transactions", "contract", "of a transaction everything survives or nothing")
UNDER_LOAD = Rule("Valkey persistence §How durable is the append only file?", "contract", "every write that was acknowledged to any client before SIGKILL is there after a new start")
TORN_TAIL = Rule("Valkey persistence §What should I do if my AOF gets truncated?", "contract", "a file whose end is torn is read up to its last whole command, and the server starts")
BEHIND_TORN = Rule("Valkey persistence §What should I do if my AOF gets truncated?", "contract", "what is written behind a torn end survives too: the torn octets are no part of it")
STOPPED = Rule("Valkey commands §SHUTDOWN", "contract", "with APPENDONLY=yes, everything is there after SIGTERM and a new start, whatever APPENDFSYNC says")

# Flushing.
FLUSH_ALWAYS = Rule("Valkey persistence §How durable is the append only file?", "contract", "with always, what was written is flushed before the acknowledgement leaves")
FLUSH_EVERYSEC = Rule("Valkey persistence §How durable is the append only file?", "contract", "with everysec, what was written is flushed at most two seconds after the acknowledgement")

# Limits.
INLINE_TAKEN = Rule("RESP §Inline commands", "contract", "an inline command of 1024 octets is taken")
INLINE_TOO_LONG = Rule("RESP §Inline commands", "contract", "an inline command without an end in 64 KiB plus 1024 octets is a protocol error")
COUNT_LIMITS = Rule("RESP §Sending commands to a Valkey server", "contract", "a count above 2147483647, or one that is no number, is a protocol error")
LENGTH_LIMITS = Rule("RESP §Bulk strings", "contract", "a length in a command below 0 or above 536870912, or one that is no number, is a protocol error")
ONLY_BULK = Rule("RESP §Sending commands to a Valkey server", "MUST", "a command is an array of bulk strings and of nothing else, so that it has no depth")
PROTOCOL_ERROR = Rule("RESP §Simple errors", "contract", "a protocol error is answered with one error that begins ERR Protocol error, and with a close; what went ahead is answered first")
NO_COMMAND = Rule("RESP §Sending commands to a Valkey server", "contract", "a count of 0 or -1 is no command, and is passed over without an answer")
MANY_WORDS = Rule("RESP §Arrays", "contract", "a command of 262144 arguments is taken")
ANNOUNCED = Rule("RESP §Bulk strings", "contract", "a length that is announced costs no memory before its octets come")
UNFINISHED = Rule("contract", "contract", "100 clients that leave a command unfinished cost no more than what they sent and 64 KiB each")
NEVER_READS = Rule("contract", "contract", "a client that asks and never reads does not grow the server by more than 64 MiB before its connection ends")
DEAF_SUBSCRIBER = Rule("contract", "contract", "a subscriber that never reads does not grow the server by more than 64 MiB before its connection ends")
ANY_OCTETS = Rule("contract", "contract", "no octets that a client sends end the server, or keep it from others")

# Drain.
EXIT = Rule("contract", "contract", "after SIGTERM the program exits with status 0 within 5 seconds")
ANSWERS_FIRST = Rule("contract", "contract", "whole commands that the program has read before SIGTERM are answered")
NO_NEW = Rule("contract", "contract", "after SIGTERM no new connection is taken")

# Strangers.
REDIS_CLI = Rule("contract", "contract", "redis-cli, unchanged, works")
REDIS_BENCHMARK = Rule("contract", "contract", "redis-benchmark, unchanged, gets an answer to every command")
# fmt: on
