-- SPDX-License-Identifier: GPL-2.0-only
--
-- Shows fanout-tree's frames in Wireshark and tshark, over UDP and over TCP:
--
--     tshark -X lua_script:fanout-tree.lua -r FILE.pcap -Y fanout -V
--
-- Port 4001 is taken for fanout-tree (preference "fanout.ports"); on other ports the first bytes
-- tell, or "Decode As". Frames over TCP are put together from the segments that carry them.

local fanout = Proto("fanout", "fanout-tree")

local KINDS = {
    [1] = "JOIN_REQ", [2] = "JOIN_ACCEPT", [3] = "JOIN_REJECT", [4] = "KICK",
    [10] = "DATA", [11] = "END", [12] = "UNICAST", [13] = "ROUTE_QUERY", [14] = "ROUTE_REPLY",
    [15] = "PUBLISH_PROXY", [16] = "LEAVE", [17] = "UNICAST_ACK",
    [20] = "REPAIR_REQ", [21] = "FETCH_REQ", [22] = "IHAVE",
    [30] = "TRACKER_ANNOUNCE", [31] = "TRACKER_QUERY", [32] = "TRACKER_REPLY",
    [33] = "TRACKER_FEEDBACK", [34] = "PROVIDER_ANNOUNCE", [35] = "PROVIDER_QUERY",
    [36] = "PROVIDER_REPLY", [37] = "PROVIDER_SUBSCRIBE", [38] = "PROVIDER_UNSUBSCRIBE",
    [39] = "PROVIDER_NOTIFY", [40] = "PARENT_PROBE_REQ", [41] = "PARENT_PROBE_REPLY",
    [50] = "POSITION", [51] = "ANCHOR_REQ", [52] = "MOVE", [53] = "ALIVE",
}
local REASONS = { [1] = "not attached", [2] = "no capacity", [3] = "low bid" }
local EVENTS = { [1] = "joined", [2] = "dial failed", [3] = "join timeout", [4] = "join reject" }
local STATES = { [0] = "attached", [1] = "held", [2] = "dissolve" }
local TLVS = {
    [1] = "role", [2] = "position", [3] = "feasible", [4] = "has children", [5] = "need",
    [6] = "backup", [7] = "ticket", [8] = "watermark", [9] = "path delay",
}
local FRAME, SEQ, ACK, CLOSE = 1, 2, 4, 8
local MAX_FRAME = 15001000

local f = {}
local function field(name, make, label, ...)
    f[name] = make("fanout." .. name, label, ...)
end
-- the datagram's header
field("flags", ProtoField.uint8, "Flags", base.HEX)
field("flags.frame", ProtoField.bool, "Frame", 8, nil, FRAME)
field("flags.seq", ProtoField.bool, "Number", 8, nil, SEQ)
field("flags.ack", ProtoField.bool, "Acknowledgement", 8, nil, ACK)
field("flags.close", ProtoField.bool, "Close", 8, nil, CLOSE)
field("epoch", ProtoField.uint16, "Epoch")
field("number", ProtoField.uint16, "Number")
field("ack.epoch", ProtoField.uint16, "Acknowledged epoch")
field("ack.latest", ProtoField.uint16, "Acknowledged up to")
field("ack.bitmap", ProtoField.uint32, "Acknowledged before", base.HEX)
field("close.epoch", ProtoField.uint16, "Closed epoch")
-- the stream
field("length", ProtoField.uint32, "Length")
field("hello.version", ProtoField.uint8, "Version")
field("hello.key", ProtoField.bytes, "Public key")
field("hello.ip", ProtoField.ipv4, "Listens at")
field("hello.port", ProtoField.uint16, "Port")
field("hello.signature", ProtoField.bytes, "Signature")
-- the envelope
field("id", ProtoField.bytes, "Message id")
field("seq", ProtoField.uint32, "Sequence number")
field("timestamp", ProtoField.uint64, "Created (ms)")
field("session", ProtoField.uint64, "Session (ms)")
field("expires", ProtoField.uint64, "Expires (ms)")
field("priority", ProtoField.uint32, "Priority")
field("signature", ProtoField.bytes, "Signature")
field("signer", ProtoField.bytes, "Signer's key")
-- the message
field("kind", ProtoField.uint8, "Kind", base.DEC, KINDS)
field("key", ProtoField.bytes, "Channel key")
field("payload", ProtoField.bytes, "Payload")
field("reqid", ProtoField.uint32, "Request")
field("bid", ProtoField.uint32, "Bid per byte")
field("token", ProtoField.uint32, "Token")
field("level", ProtoField.uint16, "Level")
field("reason", ProtoField.uint8, "Reason", base.DEC, REASONS)
field("peer", ProtoField.string, "Peer")
field("hop", ProtoField.string, "Hop")
field("address", ProtoField.string, "Address")
field("from", ProtoField.uint32, "From")
field("to", ProtoField.uint32, "To (exclusive)")
field("last", ProtoField.uint32, "Messages of the channel")
field("wanted", ProtoField.uint32, "Wanted message")
field("ttl", ProtoField.uint32, "Valid for (ms)")
field("capacity", ProtoField.uint16, "Most children")
field("free", ProtoField.uint16, "Free slots")
field("children", ProtoField.uint16, "Children")
field("want", ProtoField.uint16, "Entries wanted")
field("seed", ProtoField.uint32, "Seed")
field("event", ProtoField.uint8, "Event", base.DEC, EVENTS)
field("probe.flags", ProtoField.uint8, "Flags", base.HEX)
field("missing", ProtoField.uint16, "Missing")
field("drops", ProtoField.uint32, "Drops")
field("serial", ProtoField.uint32, "Serial")
field("anchor", ProtoField.uint32, "Anchor")
field("state", ProtoField.uint8, "State", base.DEC, STATES)
field("within", ProtoField.uint16, "Within (ms)")
field("next", ProtoField.uint32, "First not had")
field("echo", ProtoField.uint32, "Echo")
field("delay", ProtoField.uint16, "Echo delay (ms)")
field("tlv", ProtoField.uint8, "Extension", base.DEC, TLVS)
field("tlv.value", ProtoField.bytes, "Value")
field("rest", ProtoField.bytes, "Not shown further")
for _, each in pairs(f) do
    table.insert(fanout.fields, each)
end

local broken = ProtoExpert.new("fanout.broken", "Malformed frame", expert.group.MALFORMED,
    expert.severity.ERROR)
local middle = ProtoExpert.new("fanout.middle", "No frame begins here", expert.group.SEQUENCE,
    expert.severity.NOTE)
fanout.experts = { broken, middle }

-- A place in a buffer. What does not fit raises "short", which message() catches.
local Cursor = {}
Cursor.__index = Cursor
local SHORT = "fanout: short"

local function cursor(buffer, tree)
    return setmetatable({ buffer = buffer, tree = tree, at = 0 }, Cursor)
end
function Cursor:left()
    return self.buffer:len() - self.at
end
function Cursor:take(size)
    if size > self:left() then
        error(SHORT, 0)
    end
    local range = self.buffer(self.at, size)
    self.at = self.at + size
    return range
end
function Cursor:add(name, size)
    local range = self:take(size)
    self.tree:add(f[name], range)
    return range
end
function Cursor:number(size)
    return self:take(size):uint()
end
function Cursor:rest(name)
    if self:left() > 0 then
        self:add(name, self:left())
    end
end
function Cursor:text(name)
    self:add(name, self:number(1))
end
function Cursor:list(name)
    for _ = 1, self:number(1) do
        self:text(name)
    end
end

-- /ip4/A.B.C.D/udp/PORT or /tcp/PORT as binary multiaddr
local function multiaddr(range)
    if range:len() == 9 and range(0, 1):uint() == 4 and range(5, 2):uint() == 0x9102 then
        return string.format("/ip4/%s/udp/%d", range(1, 4):ipv4(), range(7, 2):uint())
    end
    if range:len() == 8 and range(0, 1):uint() == 4 and range(5, 1):uint() == 6 then
        return string.format("/ip4/%s/tcp/%d", range(1, 4):ipv4(), range(6, 2):uint())
    end
    return tostring(range:bytes())
end
function Cursor:addresses()
    for _ = 1, self:number(1) do
        local size = self:number(2)
        if size > 0 then
            local range = self:take(size)
            self.tree:add(f.address, range, multiaddr(range))
        end
    end
end
function Cursor:entries(each)
    for _ = 1, self:number(1) do
        self:text("peer")
        each(self)
        self:addresses()
    end
end
function Cursor:seqs()
    self:add("reqid", 4)
    for _ = 1, self:number(1) do
        self:add("wanted", 4)
    end
end

local function tlvs(c)
    while c:left() > 0 do
        c:add("tlv", 1)
        local size = c:number(1)
        if size > 0 then
            c:add("tlv.value", size)
        end
    end
end

-- The block f7 50, version, length, TLVs behind what the reference reads.
local function extension(c)
    if c:left() >= 5 and c.buffer(c.at, 2):uint() == 0xf750 then
        c:take(3)
        local range = c:take(c:number(2))
        if range:len() > 0 then
            tlvs(cursor(range:tvb(), c.tree))
        end
    end
    c:rest("rest")
end

local function nothing() end

-- What follows kind and channel key, by kind.
local BODIES = {
    [1] = function(c)
        c:add("reqid", 4)
        c:add("bid", 4)
        if c:left() >= 4 then
            c:add("token", 4)
        end
    end,
    [2] = function(c)
        c:add("reqid", 4)
        c:add("level", 2)
        c:list("hop")
        if c:left() >= 8 then
            c:add("from", 4)
            c:add("to", 4)
        end
    end,
    [3] = function(c)
        c:add("reqid", 4)
        c:add("reason", 1)
        if c:left() > 0 then
            c:entries(nothing)
        end
    end,
    [4] = nothing,
    [11] = function(c) c:add("last", 4) end,
    [13] = function(c)
        c:add("reqid", 4)
        c:text("peer")
    end,
    [14] = function(c)
        c:add("reqid", 4)
        c:list("hop")
    end,
    [15] = function(c) c:rest("payload") end,
    [16] = nothing,
    [20] = Cursor.seqs,
    [21] = Cursor.seqs,
    [22] = function(c)
        c:add("from", 4)
        c:add("to", 4)
    end,
    [30] = function(c)
        c:add("ttl", 4)
        c:add("level", 2)
        c:add("capacity", 2)
        c:add("free", 2)
        c:add("bid", 4)
        c:addresses()
    end,
    [31] = function(c)
        c:add("reqid", 4)
        c:add("want", 2)
    end,
    [32] = function(c)
        c:add("reqid", 4)
        c:entries(function(e)
            e:add("level", 2)
            e:add("free", 2)
            e:add("bid", 4)
        end)
    end,
    [33] = function(c)
        c:text("peer")
        c:add("event", 1)
        c:add("reason", 1)
    end,
    [34] = function(c)
        c:add("ttl", 4)
        c:addresses()
    end,
    [35] = function(c)
        c:add("reqid", 4)
        c:add("want", 2)
        c:add("seed", 4)
    end,
    [36] = function(c)
        c:add("reqid", 4)
        c:entries(nothing)
    end,
    [37] = function(c)
        c:add("want", 2)
        c:add("ttl", 4)
    end,
    [38] = nothing,
    [39] = function(c) c:entries(nothing) end,
    [40] = function(c) c:add("reqid", 4) end,
    [41] = function(c)
        c:add("reqid", 4)
        c:add("probe.flags", 1)
        c:add("level", 2)
        c:add("capacity", 2)
        c:add("free", 2)
        c:add("children", 2)
        c:add("to", 4)
        c:add("missing", 2)
    end,
    [50] = function(c)
        c:add("serial", 4)
        c:add("anchor", 4)
        c:add("level", 2)
        c:add("state", 1)
        c:add("within", 2)
        c:take(8 * c:number(1))
        tlvs(c)
    end,
    [51] = function(c) c:add("anchor", 4) end,
    [52] = function(c)
        c:add("reason", 1)
        c:add("within", 2)
        tlvs(c)
    end,
    [53] = function(c)
        c:add("serial", 4)
        c:add("next", 4)
        c:add("missing", 2)
        c:add("free", 2)
        c:add("echo", 4)
        c:add("delay", 2)
    end,
}

local function message(c, pinfo)
    local kind = c:add("kind", 1):uint()
    local name = KINDS[kind] or ("kind " .. kind)
    c.tree:append_text(": " .. name)
    pinfo.cols.info:append(" " .. name)
    if kind == 10 then
        c:rest("payload")
        return
    end
    c:add("key", 32)
    if BODIES[kind] then
        BODIES[kind](c)
        extension(c)
    else
        c:rest("rest")
    end
end

-- A flag that says whether something follows.
local function option(c)
    local flag = c:number(1)
    if flag > 1 then
        error(SHORT, 0)
    end
    return flag == 1
end

local function signatures(c)
    c:take(1)
    for _ = 1, c:number(1) do
        c:take(1)
        c.tree:add_le(f.signature, c:take(c:take(4):le_uint()))
        local key = c:number(1)
        c:add("signer", key == 0 and 32 or 33)
        c:take(1)
    end
end

local function envelope(c, pinfo)
    c:take(2)
    local id = c:add("id", 32)
    if id(0, 4):string() == "FOUT" then
        c.tree:add(f.seq, id(4, 4))
    end
    for _, name in ipairs({ "timestamp", "session", "expires" }) do
        c.tree:add_le(f[name], c:take(8))
    end
    if option(c) then
        c.tree:add_le(f.priority, c:take(4))
    end
    -- Other peers than this module's may ask for an answer or write another mode.
    if option(c) or option(c) or (option(c) and c:number(1) ~= 4) then
        c:rest("rest")
        return
    end
    if option(c) then
        signatures(c)
    end
    if option(c) then
        local size = c:take(4):le_uint()
        message(cursor(c:take(size):tvb(), c.tree), pinfo)
    end
end

-- Show what a reader reads; what is cut off is said so. @return nothing
local function guarded(tree, range, reader, ...)
    local ok, why = pcall(reader, ...)
    if not ok then
        if why ~= SHORT then
            error(why, 0)
        end
        tree:add_proto_expert_info(broken)
    end
end

local function frame(range, pinfo, tree)
    local subtree = tree:add(fanout, range, "fanout-tree frame")
    guarded(subtree, range, envelope, cursor(range:tvb(), subtree), pinfo)
end

-- ---- over UDP ----

local HEADERS = { [1] = 2, [3] = 6, [4] = 10, [5] = 10, [7] = 14, [8] = 4 }

local function is_datagram(buffer)
    if buffer:len() < 4 or buffer(0, 1):uint() ~= 0xfa then
        return false
    end
    local flags = buffer(1, 1):uint()
    local header = HEADERS[flags]
    if not header then
        return false
    end
    if flags % 2 == 0 then
        return buffer:len() == header
    end
    return buffer:len() > header + 1 and buffer(header, 2):uint() == 0
end

local function datagram(buffer, pinfo, tree)
    pinfo.cols.protocol = "fanout-tree"
    pinfo.cols.info = "fanout-tree:"
    local flags = buffer(1, 1):uint()
    local header = HEADERS[flags]
    local subtree = tree:add(fanout, buffer(0, header), "fanout-tree datagram")
    local c = cursor(buffer, subtree)
    c:take(1)
    local range = c:add("flags", 1)
    for _, name in ipairs({ "frame", "seq", "ack", "close" }) do
        subtree:add(f["flags." .. name], range)
    end
    if flags % 4 >= SEQ then
        c:add("epoch", 2)
        c:add("number", 2)
    end
    if flags % 8 >= ACK then
        c:add("ack.epoch", 2)
        c:add("ack.latest", 2)
        c:add("ack.bitmap", 4)
        pinfo.cols.info:append(" ack")
    end
    if flags >= CLOSE then
        c:add("close.epoch", 2)
        pinfo.cols.info:append(" close")
    end
    if flags % 2 == FRAME then
        frame(buffer(header), pinfo, tree)
    end
end

-- ---- over TCP ----

-- @return bytes of the length at a place, and the length; nothing when it is cut off or too large
local function prefix(buffer, at)
    local size, factor = 0, 1
    for i = 0, math.min(4, buffer:len() - at) - 1 do
        local byte = buffer(at + i, 1):uint()
        size = size + byte % 128 * factor
        factor = factor * 128
        if byte < 128 then
            return i + 1, size
        end
    end
end

local function is_hello(buffer, at)
    return buffer:len() >= at + 2 and buffer(at, 2):uint() == 0xfa01
end

local function hello(range, pinfo, tree)
    local subtree = tree:add(fanout, range, "fanout-tree hello")
    pinfo.cols.info:append(" hello")
    guarded(subtree, range, function(c)
        c:take(1)
        c:add("hello.version", 1)
        c:add("hello.key", 32)
        c:take(1)
        c:add("hello.ip", 4)
        c:take(1)
        c:add("hello.port", 2)
        c:add("hello.signature", 64)
    end, cursor(range:tvb(), subtree))
end

local function stream(buffer, pinfo, tree)
    local at = 0
    pinfo.cols.protocol = "fanout-tree"
    pinfo.cols.info = "fanout-tree:"
    while at < buffer:len() do
        local head, size = prefix(buffer, at)
        if not head and buffer:len() - at < 4 then
            pinfo.desegment_offset = at
            pinfo.desegment_len = DESEGMENT_ONE_MORE_SEGMENT
            return
        end
        local there = head and buffer:len() - at - head or 0
        local begins = there < 2 or is_hello(buffer, at + head) or buffer(at + head, 2):uint() == 0
        if not head or size == 0 or size > MAX_FRAME or not begins then
            tree:add(fanout, buffer(at), "fanout-tree stream"):add_proto_expert_info(middle)
            return
        end
        if there < size then
            pinfo.desegment_offset = at
            pinfo.desegment_len = size - there
            return
        end
        tree:add(f.length, buffer(at, head), size)
        local range = buffer(at + head, size)
        if is_hello(buffer, at + head) then
            hello(range, pinfo, tree)
        else
            frame(range, pinfo, tree)
        end
        at = at + head + size
    end
end

-- ---- who calls ----

function fanout.dissector(buffer, pinfo, tree)
    if pinfo.port_type == 2 then -- TCP
        stream(buffer, pinfo, tree)
        return buffer:len()
    end
    if not is_datagram(buffer) then
        return 0
    end
    datagram(buffer, pinfo, tree)
    return buffer:len()
end

fanout:register_heuristic("udp", function(buffer, pinfo, tree)
    if not is_datagram(buffer) then
        return false
    end
    datagram(buffer, pinfo, tree)
    return true
end)

fanout:register_heuristic("tcp", function(buffer, pinfo, tree)
    local head, size = prefix(buffer, 0)
    if size ~= 106 or not is_hello(buffer, head) then
        return false
    end
    pinfo.conversation = fanout
    stream(buffer, pinfo, tree)
    return true
end)

fanout.prefs.ports = Pref.range("Ports", "4001", "UDP and TCP ports of fanout-tree", 65535)
local ports = "4001"
local function listen(range)
    for _, name in ipairs({ "udp.port", "tcp.port" }) do
        local found = DissectorTable.get(name)
        found:remove(ports, fanout)
        found:add(range, fanout)
    end
    ports = range
end
function fanout.prefs_changed()
    listen(fanout.prefs.ports)
end
listen(ports)
