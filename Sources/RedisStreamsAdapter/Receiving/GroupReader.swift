import Foundation
import SagaChoreography

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Fetches one group's deliveries into its inbox, on a thread and a connection of its own, because it waits in Redis.
final class GroupReader: Sendable {
    let group: ServiceID
    /// Unique for each start of a process: what it was given is given to nobody else until it is silent for too long.
    let consumer: String
    let inbox: GroupInbox
    private let endpoint: RedisEndpoint
    private let layout: StreamLayout
    private let options: RedisStreamsOptions
    private let arrived: @Sendable (Set<EventType>) -> Void
    private let owing: @Sendable (GroupInbox) -> Void
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - arrived: called on the reader's thread when there is something new to receive, with its types, or, without any, when
    ///     connections work again.
    ///   - owing: called on the reader's thread when what arrived is handled already, so that Redis has to hear of it.
    ///   - report: called on the reader's thread with one line about what a person should know.
    init(
        _ group: ServiceID, consumer: String, endpoint: RedisEndpoint, layout: StreamLayout,
        options: RedisStreamsOptions, arrived: @escaping @Sendable (Set<EventType>) -> Void,
        owing: @escaping @Sendable (GroupInbox) -> Void,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.group = group
        self.consumer = consumer
        self.endpoint = endpoint
        self.layout = layout
        self.options = options
        self.arrived = arrived
        self.owing = owing
        self.report = report
        inbox = GroupInbox(capacity: options.deliveriesAhead)
    }

    /// Starts the thread; it ends after ``GroupInbox/stop()``.
    func start() {
        let thread = Thread { self.run() }
        thread.name = "redis.\(group)"
        thread.start()
    }

    private func run() {
        var reconnecting = Reconnecting()
        while !inbox.isOver {
            do {
                try session { reconnecting.succeeded() }
            } catch {
                // An interrupted read is no trouble.
                if inbox.isOver { break }
                let trouble =
                    error as? RedisAdapterError
                    ?? RedisAdapterError(.failed, "Redis at \(endpoint.address): \(error)")
                if inbox.note(trouble) { report("\(group) receives nothing: \(trouble)") }
                inbox.rest(reconnecting.pause())
            }
        }
        inbox.ended()
    }

    /// Reads until it is told to stop or the connection breaks.
    private func session(begun: () -> Void) throws {
        let connection = try RedisConnection(
            endpoint, connectTimeout: options.connectTimeout, commandTimeout: options.commandTimeout)
        // Longer than a read waits in Redis for something to arrive.
        connection.limitReads(to: options.longestBlock + options.commandTimeout)
        let descriptor = connection.descriptor
        guard let types = inbox.begin(interrupt: { shutdown(descriptor, Int32(SHUT_RDWR)) }) else { return }
        // The connection lives until nobody can interrupt it any more: its descriptor may be another's thereafter.
        defer { withExtendedLifetime(connection) { inbox.endSession() } }
        do {
            try read(GroupStreams(self, connection, layout.streams(of: types)), types, begun)
        } catch {
            // More types are asked for: the interrupted read is no trouble.
            if case .restart = inbox.wish(in: types) { return }
            throw error
        }
    }

    private func read(_ streams: GroupStreams, _ types: Set<EventType>, _ begun: () -> Void) throws {
        try streams.makeGroups()
        // What was given to this consumer in an answer that got lost.
        take(try streams.own())
        inbox.note(isAlone: try streams.isAlone())
        begun()
        if inbox.note(nil) {
            report("\(group) receives again")
            arrived([])
        }
        var lookedAround = ContinuousClock.now
        while true {
            guard case .read(let room) = inbox.errand(in: types) else { return }
            if ContinuousClock.now - lookedAround >= options.claimInterval {
                lookedAround = ContinuousClock.now
                try streams.claim { found in
                    take(found)
                    return inbox.room > 0
                }
                inbox.note(isAlone: try streams.isAlone())
            } else {
                take(try streams.new(room: room))
            }
        }
    }

    private func take(_ found: GroupStreams.Found) {
        if !found.arrivals.isEmpty {
            let new = inbox.add(found.arrivals)
            if !new.isEmpty { arrived(new) }
            if inbox.isInDebt { owing(inbox) }
        }
        for place in found.unreadable {
            report("\(group): entry \(place.id) of \(layout.key(place.stream)) is no event; it stays unacknowledged")
        }
    }
}

extension GroupReader {
    /// A name that tells a person whose it is, and that no other start of a process has.
    static func consumerName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        // Without a lookup, which may take seconds.
        let host =
            gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "host"
        return "\(host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
    }

    var claimAfter: Duration { options.claimAfter }
    var longestBlock: Duration { options.longestBlock }
    /// A living consumer is not silent for longer, unless it has no room for more: it says so whenever it looks for what others left.
    var longestSilence: Duration { (options.claimInterval + options.longestBlock) * 3 + .seconds(1) }
    var generationKey: String { layout.generationKey }

    func key(_ stream: StreamLayout.Stream) -> String { layout.key(stream) }

    func failed(_ error: String) -> RedisAdapterError { .answered(error, by: endpoint) }
}
