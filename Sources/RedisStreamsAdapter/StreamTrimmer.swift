import SagaChoreography
import Synchronization

/// Deletes what every group has acknowledged, never more, and the names of consumers that are gone: Redis holds what is in
/// flight, not the history. Any number of processes may do so.
public final class StreamTrimmer: Activity {
    /// `saga.stream-trimmer`.
    public let name = "saga.stream-trimmer"
    /// Nothing: it looks at intervals, it is never urgent.
    public var wakesOn: Set<EventType> { [] }

    /// Consumers come and go with processes.
    private static let consumerInterval = Duration.seconds(60)

    private let transport: RedisStreamsTransport
    private let clock: any SagaClock
    private let interval: Duration
    private let looksAtConsumersAt = Mutex(Timestamp(milliseconds: .min))

    /// - Parameter interval: the pause between two rounds.
    public init(_ transport: RedisStreamsTransport, clock: any SagaClock, interval: Duration = .seconds(1)) {
        self.transport = transport
        self.clock = clock
        self.interval = interval
    }

    /// Trims every stream once.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`; call again later.
    public func poll() async throws -> Progress {
        let now = clock.now()
        let layout = transport.layout
        var commands = layout.streams.map { stream in
            StreamScripts.trim(layout.key(stream), behind: layout.subscribers[stream.type] ?? [])
        }
        let includesConsumers = looksAtConsumersAt.withLock { $0 <= now }
        if includesConsumers {
            for stream in layout.streams {
                commands += (layout.subscribers[stream.type] ?? []).map { group in
                    StreamScripts.removeConsumers(
                        layout.key(stream), of: group, idle: transport.options.consumerLifetime)
                }
            }
        }
        do {
            // A stream that cannot be trimmed, because its key holds something else, keeps no other from it.
            let errors = try await transport.commands.run(commands).replies.compactMap(\.error)
            if let error = errors.first(where: { !RefusedStreams.isOfOneStream($0) }) {
                throw transport.commands.failed(error)
            }
        } catch let error as RedisAdapterError {
            throw error.fault
        }
        if includesConsumers { looksAtConsumersAt.withLock { $0 = now + Self.consumerInterval } }
        return .idle(wakeAt: now + interval)
    }
}
