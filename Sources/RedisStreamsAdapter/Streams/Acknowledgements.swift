import FoundationEssentials
import SagaChoreography

/// Proves which entries every subscribing group has acknowledged.
///
/// The proof of one entry: in its own generation each group's last delivered id has reached it, and it is not among the
/// deliveries that the group has yet to acknowledge. The generation is read before and after, so that nothing in between can
/// have been another life of the data.
struct Acknowledgements {
    let commands: RedisCommands
    let layout: StreamLayout

    private static let pageLength = 1000

    /// A receipt, and what it says: it is not written anew to be given back.
    private struct Sent {
        let receipt: Receipt
        let entry: EntryReceipt
    }

    /// A group's deliveries on a stream that must be looked at one by one, because some are not acknowledged.
    private struct Question {
        let stream: StreamLayout.Stream
        let group: ServiceID
        var first: EntryID
        let last: EntryID
        /// Whether entries from `first` on were read already, so that `first` itself is known.
        var continues = false
    }

    /// - Throws: ``RedisAdapterError``.
    func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        var done: Set<Receipt> = []
        var open: [StreamLayout.Stream: [Sent]] = [:]
        // Events that share an entry share its receipt.
        for (scope, receipts) in Dictionary(grouping: Set(receipts), by: \.scope) {
            if scope == EntryReceipt.unsubscribed.scope {
                done.formUnion(receipts)
            } else if let scope = EntryReceipt.Scope(scope) {
                open[scope.stream, default: []] += receipts.map {
                    Sent(receipt: $0, entry: EntryReceipt(scope, $0))
                }
            }
        }
        guard !open.isEmpty else { return done }
        let streams = open.keys.sorted()
        let (generation, replies) = try await ask(streams.map { RedisCommand("XINFO", "GROUPS", layout.key($0)) })
        var questions: [Question] = []
        for (stream, reply) in zip(streams, replies) {
            let (delivered, asked) = compare(
                open[stream, default: []].filter { $0.entry.generation == generation }, reply, on: stream)
            open[stream] = delivered
            questions += asked
        }
        let pending = try await pending(questions, in: generation)
        for (stream, entries) in open {
            let pending = pending[stream] ?? []
            for sent in entries where !pending.contains(sent.entry.id) { done.insert(sent.receipt) }
        }
        return done
    }

    /// Those that are in their streams, in the present generation. A group that has not acknowledged one will receive it.
    ///
    /// - Throws: ``RedisAdapterError``.
    func held(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        let entries = Set(receipts).compactMap { EntryReceipt($0) }
        guard !entries.isEmpty else { return [] }
        let (generation, replies) = try await ask(
            entries.map { RedisCommand("XRANGE", layout.key($0.stream), "\($0.id)", "\($0.id)") })
        let found = zip(entries, replies).filter { $0.generation == generation && $1.elements?.isEmpty == false }
        return Set(found.map(\.0.receipt))
    }

    /// Those of former generations that are in their streams, each with its events: under the present generation's receipts.
    ///
    /// Redis comes back with a beginning of its history. An entry that is there was added in it, and what a group knows of the entry
    /// happened after that: nothing is acknowledged that the group did not handle, at most is something to be handled twice. By its
    /// id alone an entry may be another one, in a life of the data that began anew: its events tell.
    ///
    /// - Throws: ``RedisAdapterError``.
    func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt] {
        let known = Dictionary(grouping: entries, by: \.receipt).compactMap { receipt, entries in
            EntryReceipt(receipt).map { (entry: $0, events: Set(entries.map(\.event))) }
        }
        guard !known.isEmpty else { return [:] }
        let (generation, replies) = try await ask(
            known.map { RedisCommand("XRANGE", layout.key($0.entry.stream), "\($0.entry.id)", "\($0.entry.id)") })
        var survivors: [Receipt: Receipt] = [:]
        for (sent, reply) in zip(known, replies) {
            guard let found = reply.elements?.first?.elements, found.count == 2,
                sent.events.isSubset(of: EntryEvents.ids(inFields: found[1]))
            else { continue }
            survivors[sent.entry.receipt] =
                EntryReceipt(generation: generation, stream: sent.entry.stream, id: sent.entry.id).receipt
        }
        return survivors
    }

    /// Which entries every group has received, and where it must be asked whether they are acknowledged.
    private func compare(
        _ entries: [Sent], _ reply: RedisReply, on stream: StreamLayout.Stream
    ) -> ([Sent], [Question]) {
        // No subscriber any more, or no such stream or group: nothing is proven.
        guard let subscribers = layout.subscribers[stream.type], let groups = reply.elements else { return ([], []) }
        let facts = Dictionary(
            groups.map(\.fields).map { ($0["name"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        var delivered = entries
        var unacknowledged: [ServiceID] = []
        for group in subscribers {
            guard let fact = facts[group.name], let last = fact["last-delivered-id"]?.text.flatMap({ EntryID($0) })
            else {
                return ([], [])
            }
            delivered.removeAll { $0.entry.id > last }
            if fact["pending"]?.integer != 0 { unacknowledged.append(group) }
        }
        guard let first = delivered.lazy.map(\.entry.id).min(), let last = delivered.lazy.map(\.entry.id).max() else {
            return ([], [])
        }
        return (delivered, unacknowledged.map { Question(stream: stream, group: $0, first: first, last: last) })
    }

    /// The deliveries that some group has yet to acknowledge, page by page.
    private func pending(
        _ questions: [Question], in generation: String
    ) async throws -> [StreamLayout.Stream: Set<EntryID>] {
        var pending: [StreamLayout.Stream: Set<EntryID>] = [:]
        var questions = questions
        while !questions.isEmpty {
            let (present, replies) = try await ask(
                questions.map { question in
                    RedisCommand(
                        "XPENDING", layout.key(question.stream), question.group.name,
                        question.continues ? "(\(question.first)" : "\(question.first)", "\(question.last)",
                        String(Self.pageLength))
                })
            guard present == generation else { throw lost() }
            var unfinished: [Question] = []
            for (question, reply) in zip(questions, replies) {
                // The group was there a moment ago.
                guard let rows = reply.elements else { throw commands.failed(reply.error ?? "no list of deliveries") }
                let ids = rows.compactMap { $0.elements?.first?.text.flatMap { EntryID($0) } }
                pending[question.stream, default: []].formUnion(ids)
                if rows.count == Self.pageLength, let last = ids.last {
                    var next = question
                    next.first = last
                    next.continues = true
                    unfinished.append(next)
                }
            }
            questions = unfinished
        }
        return pending
    }

    /// Asks between two looks at the generation.
    ///
    /// - Throws: ``RedisAdapterError`` if it changed meanwhile.
    private func ask(_ questions: [RedisCommand]) async throws -> (generation: String, replies: ArraySlice<RedisReply>)
    {
        let answer = try await commands.run(Generation.question(layout) + questions + Generation.question(layout))
        let (count, endpoint) = (Generation.replyCount, commands.endpoint)
        let before = try Generation.read(answer.replies.prefix(count), runID: answer.runID, layout, endpoint)
        let after = try Generation.read(answer.replies.suffix(count), runID: answer.runID, layout, endpoint)
        guard before == after else { throw lost() }
        return (before, answer.replies.dropFirst(count).dropLast(count))
    }

    private func lost() -> RedisAdapterError {
        RedisAdapterError(.failed, "Redis at \(commands.endpoint.address) lost its data meanwhile")
    }
}
