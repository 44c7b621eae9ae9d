import SagaChoreography

/// One group's commands on its streams, over the reader's connection, for one session.
final class GroupStreams {
    /// What an answer brought.
    struct Found {
        var arrivals: [Inbox.Arrival] = []
        /// Entries that are no events.
        var unreadable: [Inbox.Place] = []
        /// The last entry of each stream in the answer.
        var last: [StreamLayout.Stream: String] = [:]
    }

    private static let page = 16
    /// Behind all entries but the very last that there can be.
    private static let end = "\(UInt64.max)-0"
    /// The next answer may bring entries that are fuller than those of the last.
    private static let leastDensity = 8

    private let reader: GroupReader
    private let connection: RedisConnection
    private let streams: [StreamLayout.Stream]
    private let keys: [String]
    private let streamOfKey: [String: StreamLayout.Stream]
    /// Reported once a session.
    private var knownUnreadable: Set<Inbox.Place> = []
    /// About how many events the fullest of the next entries has, by those of the last answers.
    private var density = EntryEvents.most

    init(_ reader: GroupReader, _ connection: RedisConnection, _ streams: [StreamLayout.Stream]) {
        self.reader = reader
        self.connection = connection
        self.streams = streams
        keys = streams.map(reader.key)
        streamOfKey = Dictionary(uniqueKeysWithValues: zip(keys, streams))
    }

    /// Makes what is missing.
    func makeGroups() throws {
        let command = StreamScripts.makeGroups(keys, of: reader.group, generationKey: reader.generationKey)
        if let error = try connection.run([command]).first?.error { throw reader.failed(error) }
    }

    /// New entries; waits for some.
    ///
    /// Redis counts by stream, and most of a group's streams are mostly empty: if the room were shared out among all of them, one long
    /// queue would come in many small answers. So each may fill it, up to ``RedisStreamsOptions/longestAnswer``.
    func new(room: Int) throws -> Found {
        let perStream = max(1, min(room, RedisStreamsOptions.longestAnswer) / density)
        let found = try readGroup(perStream, block: reader.longestBlock, from: keys.map { _ in ">" })
        if let fullest = found.arrivals.lazy.map(\.events.count).max() {
            density = max(fullest, density / 2, Self.leastDensity)
        }
        return found
    }

    /// Whether no other consumer of the group shows signs of life. They all read the same streams, so one of those tells.
    ///
    /// Shows that this one lives as well: before Redis 7.2 a read that waits for new entries is no sign of life, one of what is pending is. It asks
    /// for what is behind every entry: what it were given would count as taken anew, and be claimed by nobody.
    func isAlone() throws -> Bool {
        guard let key = keys.first else { return false }
        let silence = reader.longestSilence.wholeMilliseconds
        connection.send(
            RedisCommand(
                "XREADGROUP", "GROUP", reader.group.name, reader.consumer, "COUNT", "1", "STREAMS", key, Self.end))
        connection.send(RedisCommand("XINFO", "CONSUMERS", key, reader.group.name))
        // Nothing, or a loss, which is noticed elsewhere.
        try connection.reply { _ in }
        return try connection.reply { reply in
            // Nothing is known after a loss.
            guard reply.error == nil else { return false }
            return RedisReply(reply).elements?.map(\.fields).allSatisfy { consumer in
                consumer["name"]?.text == reader.consumer || (consumer["idle"]?.integer ?? 0) > silence
            } ?? false
        }
    }

    /// Everything that this consumer has been given and has not acknowledged.
    func own() throws -> Found {
        var all = Found()
        var from = streams.map { _ in "0" }
        while true {
            let found = try readGroup(Self.page, block: nil, from: from)
            all.arrivals += found.arrivals
            all.unreadable += found.unreadable
            if found.last.isEmpty { return all }
            from = zip(streams, from).map { found.last[$0] ?? $1 }
        }
    }

    /// Takes over what was given to consumers that have been silent for too long, page by page.
    ///
    /// - Parameter wantsMore: takes a page.
    func claim(_ wantsMore: (Found) -> Bool) throws {
        var cursors = streams.map { ($0, "0-0") }
        while !cursors.isEmpty {
            for (stream, cursor) in cursors {
                connection.send(
                    RedisCommand(
                        "XAUTOCLAIM", reader.key(stream), reader.group.name, reader.consumer,
                        String(reader.claimAfter.wholeMilliseconds), cursor, "COUNT", String(Self.page)))
            }
            var found = Found()
            var unfinished: [(StreamLayout.Stream, String)] = []
            var isLost = false
            // Every answer is read, whatever one of them says: the next command's comes behind them.
            for (stream, _) in cursors {
                try connection.reply { reply in
                    if let error = reply.error {
                        guard Self.isLoss(error) else { throw reader.failed(error) }
                        isLost = true
                        return
                    }
                    let parts = reply.elements
                    guard parts.count >= 2 else { throw reader.failed("no list of claimed entries") }
                    add(parts[1], of: stream, to: &found)
                    if parts[0].text != "0-0" { unfinished.append((stream, parts[0].text)) }
                }
            }
            if isLost { try makeGroups() }
            guard wantsMore(found) else { return }
            cursors = unfinished
        }
    }

    private func readGroup(_ count: Int, block: Duration?, from: [String]) throws -> Found {
        guard !keys.isEmpty else { throw reader.failed("there is no stream to read") }
        var words = ["XREADGROUP", "GROUP", reader.group.name, reader.consumer, "COUNT", String(count)]
        if let block { words += ["BLOCK", String(block.wholeMilliseconds)] }
        connection.send(RedisCommand(words + ["STREAMS"] + keys + from))
        var found = Found()
        let error = try connection.reply { reply -> String? in
            for part in reply.elements {
                let pair = part.elements
                guard pair.count == 2, let stream = streamOfKey[pair[0].text] else { continue }
                add(pair[1], of: stream, to: &found)
            }
            return reply.error
        }
        guard let error else { return found }
        guard Self.isLoss(error) else { throw reader.failed(error) }
        try makeGroups()
        return Found()
    }

    /// Streams or groups are gone: after FLUSHALL, a restart without data, or a person's command.
    private static func isLoss(_ error: String) -> Bool { error.hasPrefix("NOGROUP") || error.hasPrefix("UNBLOCKED") }

    private func add(_ entries: ReplyView, of stream: StreamLayout.Stream, to found: inout Found) {
        for index in 0..<entries.count {
            let entry = entries[index]
            // An entry that was deleted while it was pending comes without fields.
            guard entry.count == 2, let id = EntryID(entry[0].bytes) else { continue }
            if index == entries.count - 1 { found.last[stream] = entry[0].text }
            guard entry[1].isArray else { continue }
            let place = Inbox.Place(stream: stream, id: id)
            if let events = EntryEvents.read(fields: entry[1], type: stream.type, isKnown: reader.inbox.knows) {
                found.arrivals.append(.init(place: place, events: events))
            } else if knownUnreadable.insert(place).inserted {
                found.unreadable.append(place)
            }
        }
    }
}
