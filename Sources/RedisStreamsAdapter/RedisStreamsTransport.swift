import FoundationEssentials
import SQLCore
import SagaChoreography
import Synchronization

/// Events on Redis Streams: the relay's publisher and the consumers' transport in one.
///
/// One object a process. Nothing starts before the first call; a group's reading thread starts when it first receives. Within a
/// process each group has one consumer at a time: whatever it received and did not acknowledge it receives again at once.
/// Other processes take that over after ``RedisStreamsOptions/claimAfter``. End it with ``close()``.
///
/// Redis may forget whatever it likes: the outbox sends again what was not acknowledged by every group (``EventPublisher``).
public final class RedisStreamsTransport: EventTransport, EventPublisher, EventArrivals, LocalDelivery {
    /// A transaction of the SQL port; nothing of this transport happens inside one.
    public typealias Transaction = any SQLTransaction

    private struct State {
        var readers: [ServiceID: GroupReader] = [:]
        var listeners: [ServiceID: [@Sendable (Set<EventType>) -> Void]] = [:]
        var generation: String?
        var refused = RefusedStreams()
        var isClosed = false
    }

    let commands: RedisCommands
    let layout: StreamLayout
    let options: RedisStreamsOptions
    private let subscriptions: [ServiceID: Set<EventType>]
    let consumer: String
    private let report: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - subscriptions: those of the whole system, wherever its services run: an entry is acknowledged once every subscriber
    ///     has acknowledged it, and an event that nobody subscribes to is not sent.
    ///   - report: takes one line about a connection that broke or came back, or an entry that is no event; called on threads
    ///     of the transport, so it must be quick.
    public init(
        _ endpoint: RedisEndpoint, subscriptions: [ServiceID: Set<EventType>],
        options: RedisStreamsOptions = RedisStreamsOptions(), report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.options = options
        self.subscriptions = subscriptions
        self.report = report
        commands = RedisCommands(endpoint, options)
        layout = StreamLayout(subscriptions, options)
        consumer = GroupReader.consumerName()
    }

    /// Whoever forgets ``close()`` leaves no thread behind.
    deinit {
        for reader in state.withLock({ $0.readers.values }) { reader.inbox.stop() }
    }

    /// See ``EventArrivals``: called on a thread of the transport. Nothing else wakes a consumer that found nothing.
    public func onArrival(for group: ServiceID, _ body: @escaping @Sendable (Set<EventType>) -> Void) {
        state.withLock { $0.listeners[group, default: []].append(body) }
    }

    private func ring(_ group: ServiceID, _ types: Set<EventType>) {
        for listener in state.withLock({ $0.listeners[group] ?? [] }) { listener(types) }
    }

    /// See ``EventTransport``: each type has streams of its own.
    public var handsOutByType: Bool { true }

    /// See ``EventTransport``: what has arrived by now, without waiting for more.
    public func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        guard !types.isEmpty else { return [] }
        let inbox = try reader(of: group, types).inbox
        do {
            // What could not be said is tried again before more is taken on.
            if inbox.isInDebt { try await settle(inbox, for: group) }
            return try inbox.next(types: types, limit: limit)
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    /// See ``EventTransport``: nothing, Redis is outside the transaction.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
    }

    /// See ``EventTransport``: notes it at once, and tells Redis without letting the consumer wait, who may handle more meanwhile; what
    /// comes in between is said together. When Redis cannot be reached, this process remembers what is handled and says so later,
    /// instead of receiving it again.
    public func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        guard let inbox = state.withLock({ $0.readers[group]?.inbox }) else { return }
        inbox.handled(deliveries)
        tellHandled(inbox, group)
    }

    private func tellHandled(_ inbox: GroupInbox, _ group: ServiceID) {
        guard let debts = inbox.beginSettling() else { return }
        tell(debts, inbox, group) { [report] trouble in
            // The next one who receives hears of it, in `receive`.
            if let trouble { report("\(group): what is handled could not be said: \(trouble)") }
        }
    }

    /// Returns once Redis knows what a group handled by now.
    ///
    /// - Throws: ``RedisAdapterError`` if it could not be told; it is said later.
    func settle(_ group: ServiceID) async throws {
        guard let inbox = state.withLock({ $0.readers[group]?.inbox }) else { return }
        try await settle(inbox, for: group)
    }

    /// Tells Redis what is handled, or waits for whoever is telling it.
    ///
    /// - Throws: ``RedisAdapterError`` if that failed; it is said later.
    private func settle(_ inbox: GroupInbox, for group: ServiceID) async throws {
        await inbox.restOfSettling()
        guard let debts = inbox.beginSettling() else { return }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            tell(debts, inbox, group) { trouble in
                if let trouble { continuation.resume(throwing: trouble) } else { continuation.resume() }
            }
        }
    }

    /// Tells Redis, and then whatever else is handled by then, without a task that waits for it.
    ///
    /// - Parameter ended: gets what went wrong: it is said later.
    private func tell(
        _ debts: [Inbox.Debt], _ inbox: GroupInbox, _ group: ServiceID,
        ended: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let byStream = Dictionary(grouping: debts, by: \.place.stream)
        let acknowledgements = byStream.sorted { $0.key < $1.key }.map { stream, debts in
            var command = RedisCommand("XACK", layout.key(stream), group.name)
            for debt in debts { command.append(debt.place.id) }
            return command
        }
        commands.run(acknowledgements) { [self] result in
            do {
                // For an entry or group that Redis has lost meanwhile it answers 0: nothing is owed to that life of the data.
                if let refusal = commands.refusal(in: try result.get()) { throw refusal }
            } catch {
                inbox.failedToSettle(debts)
                return ended(error)
            }
            guard let more = inbox.settled(debts) else { return ended(nil) }
            tell(more, inbox, group, ended: ended)
        }
    }

    private func reader(of group: ServiceID, _ types: Set<EventType>) throws -> GroupReader {
        guard types.isSubset(of: subscriptions[group] ?? []) else {
            let strange = types.subtracting(subscriptions[group] ?? []).map(\.name).sorted().joined(separator: ", ")
            throw SagaFault.permanent(.contract, "'\(group)' receives types that it does not subscribe to: \(strange)")
        }
        let (reader, isNew) = try state.withLock { state in
            guard !state.isClosed else { throw SagaFault.unavailable("the transport is closed") }
            if let reader = state.readers[group] { return (reader, false) }
            let reader = GroupReader(
                group, consumer: consumer, endpoint: commands.endpoint, layout: layout, options: options,
                arrived: { [weak self] in self?.ring(group, $0) },
                owing: { [weak self] in self?.tellHandled($0, group) },
                report: report)
            state.readers[group] = reader
            return (reader, true)
        }
        reader.inbox.want(types)
        if isNew { reader.start() }
        return reader
    }

    /// See ``LocalDelivery``: to each group of which no other process has a consumer, as far as was seen at the last look for what others
    /// left, while Redis can be reached. When the entry comes that the relay makes of it, only an acknowledgement is owed.
    public func deliverLocally(_ envelopes: [Envelope]) {
        var byGroup: [ServiceID: [Envelope]] = [:]
        // Those of one type come one after another for the most part.
        var rest = envelopes[...]
        while let type = rest.first?.type {
            let run = rest.prefix { $0.type == type }
            rest = rest.dropFirst(run.count)
            for group in layout.subscribers[type] ?? [] { byGroup[group, default: []] += run }
        }
        let readers = state.withLock { $0.readers }
        for (group, envelopes) in byGroup {
            guard let types = readers[group]?.inbox.deliverLocally(envelopes), !types.isEmpty else { continue }
            ring(group, types)
        }
    }

    /// See ``LocalDelivery``.
    public func isDeliveredLocally(_ type: EventType) -> Bool {
        (layout.subscribers[type] ?? []).allSatisfy(takesLocalEvents)
    }

    func takesLocalEvents(_ group: ServiceID) -> Bool {
        state.withLock { $0.readers[group]?.inbox.takesLocalEvents } ?? false
    }

    /// See ``EventPublisher``; what nobody subscribes to is not sent and counts as acknowledged.
    public func publish(_ envelopes: [Envelope]) async throws -> [Receipt] {
        try await publishEach(envelopes).map { try $0.get() }
    }

    /// See ``EventPublisher``: a stream whose key holds something else, or that this login may not write, refuses its own entries
    /// only. What ails the whole server is thrown.
    public func publishEach(_ envelopes: [Envelope]) async throws -> [Result<Receipt, SagaFault>] {
        // Read before the entries are added, however long ago: a loss since then makes their receipts prove nothing.
        let known = state.withLock { $0.generation }
        let generation = if let known { known } else { try await self.generation() }
        let streams = envelopes.map(layout.stream(of:))
        let entries = EntryPlan(envelopes, streams, most: options.eventsPerEntry).entries
        guard !entries.isEmpty else { return envelopes.map { _ in .success(EntryReceipt.unsubscribed) } }
        let additions = entries.map { entry in
            var command = RedisCommand("XADD", layout.key(entry.stream), "*")
            EntryEvents.write(entry.events.map { envelopes[$0] }, to: &command)
            return command
        }
        do {
            let added = try await commands.run(additions).replies
            var refused: [StreamLayout.Stream: String] = [:]
            var scopes: [StreamLayout.Stream: EntryReceipt.Scope] = [:]
            var results = [Result<Receipt, SagaFault>](
                repeating: .success(EntryReceipt.unsubscribed), count: envelopes.count)
            for (entry, reply) in zip(entries, added) {
                let result: Result<Receipt, SagaFault>
                if let why = reply.error {
                    guard RefusedStreams.isOfOneStream(why) else { throw commands.failed(why) }
                    refused[entry.stream] = why
                    result = .failure(.unavailable("\(layout.key(entry.stream)): \(why.prefix(200))"))
                } else if let id = reply.bytes.flatMap({ $0.withUnsafeBytes { EntryID($0) } }) {
                    let scope = scopes[entry.stream] ?? EntryReceipt.Scope(generation: generation, stream: entry.stream)
                    scopes[entry.stream] = scope
                    result = .success(scope.receipt(of: id))
                } else {
                    throw commands.failed("no id for an entry that was added")
                }
                for index in entry.events { results[index] = result }
            }
            note(refused, Set(scopes.keys))
            return results
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    private func note(_ refused: [StreamLayout.Stream: String], _ taken: Set<StreamLayout.Stream>) {
        for line in state.withLock({ $0.refused.note(refused, taken) }) { report(line) }
    }

    /// Why the events of these types are refused while others are taken, as Redis said it last; empty if none are.
    public var refusals: [EventType: String] { state.withLock { $0.refused.byType } }

    /// See ``EventPublisher``.
    public func acknowledged(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        do {
            return try await Acknowledgements(commands: commands, layout: layout).acknowledged(receipts)
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    /// See ``EventPublisher``: what is in its stream, in this life of the data.
    public func held(_ receipts: [Receipt]) async throws -> Set<Receipt> {
        do {
            return try await Acknowledgements(commands: commands, layout: layout).held(receipts)
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    /// See ``EventPublisher``: what is in its stream as it was, in this life of the data.
    public func survivors(of entries: [(receipt: Receipt, event: UUID)]) async throws -> [Receipt: Receipt] {
        do {
            return try await Acknowledgements(commands: commands, layout: layout).survivors(of: entries)
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    /// See ``EventPublisher``: changes after FLUSHALL, with every restart of the server, and when another one takes its place.
    public func generation() async throws -> String {
        do {
            return try await readGeneration()
        } catch let error as RedisAdapterError {
            throw error.fault
        }
    }

    func readGeneration() async throws -> String {
        let answer = try await commands.run(Generation.question(layout))
        let generation = try Generation.read(answer.replies[...], runID: answer.runID, layout, commands.endpoint)
        state.withLock { $0.generation = generation }
        return generation
    }

    /// Ends the reading threads and connections. What this process received and did not handle is left to the other consumers at
    /// once, as far as Redis can be reached. Nothing can be received or published thereafter.
    public func close() async {
        let readers = state.withLock { state in
            state.isClosed = true
            return state.readers.values.sorted { $0.group < $1.group }
        }
        for reader in readers { reader.inbox.stop() }
        for reader in readers {
            await reader.inbox.end()
            do {
                try await settle(reader.inbox, for: reader.group)
                try await leave(reader)
            } catch {
                // The others take over what this process held once it has been silent for long enough.
                report("\(reader.group) leaves without a word: \(error)")
            }
        }
        await commands.close()
    }

    /// Makes what is unhandled look old, so that others claim it at their next look, and removes a consumer that holds nothing.
    private func leave(_ reader: GroupReader) async throws {
        let idle = String(options.claimAfter.wholeMilliseconds)
        let unhandled = Dictionary(grouping: reader.inbox.unhandled, by: \.stream).sorted { $0.key < $1.key }
        let releases = unhandled.map { stream, places in
            RedisCommand(
                ["XCLAIM", layout.key(stream), reader.group.name, reader.consumer, "0"] + places.map { "\($0.id)" }
                    + ["IDLE", idle, "JUSTID"])
        }
        let types = subscriptions[reader.group] ?? []
        let removals = layout.streams(of: types).map {
            StreamScripts.removeConsumers(layout.key($0), of: reader.group, idle: .zero, only: reader.consumer)
        }
        _ = try await commands.runAll(releases + removals)
    }
}

extension RedisStreamsTransport {
    /// Takes the subscriptions from the system's participants.
    public convenience init(
        _ endpoint: RedisEndpoint, participants: [Participant<any SQLTransaction>],
        options: RedisStreamsOptions = RedisStreamsOptions(), report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.init(
            endpoint,
            subscriptions: Dictionary(
                participants.map { ($0.service, $0.subscriptions) }, uniquingKeysWith: { $0.union($1) }),
            options: options, report: report)
    }
}
