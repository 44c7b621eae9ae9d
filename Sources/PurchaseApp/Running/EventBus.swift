import FoundationEssentials
import Journeys
import Logging
import RedisStreamsAdapter
import SQLCore
import SagaChoreography
import SagaSQL

/// What carries events in this process, as configured.
struct EventBus {
    let transport: any EventTransport<any SQLTransaction>
    /// `nil`: the outbox itself is the transport.
    let relay: PurchaseSystem.Relay?
    /// What else the transport needs to have done.
    let activities: [any Activity]
    /// The transport, if it is Redis.
    let streams: RedisStreamsTransport?
    /// Deliveries that each group has yet to handle, whichever process does.
    let lag: @Sendable () async throws -> [ServiceID: Int]
    /// The same with the age of the oldest, no more counted than anybody needs.
    let lags: @Sendable () async throws -> [ServiceID: ConsumerLag]

    /// - Parameters:
    ///   - channels: the notification channels in use.
    ///   - isAudited: whether the saga's steps are recorded.
    /// - Throws: ``SQLError``.
    init(
        _ choice: BusChoice, on database: any SQLDatabase, channels: [String], isAudited: Bool = true,
        clock: any SagaClock, ids: any IDGenerator, logger: Logger
    ) throws {
        let participants = PurchaseSystem.participants(channels: channels, isAudited: isAudited)
        switch (choice, database.dialect) {
        case (.embedded, .sqlite):
            transport = try EmbeddedTransport(database)
            relay = nil
            activities = []
            streams = nil
            lag = {
                try await database.read { try EngineChecks.unacknowledged(participants, in: $0).mapValues(Int.init) }
            }
            lags = { try await database.read { try ConsumerLag.byPosition(participants, in: $0) } }
        case (.embedded, .postgres):
            let broker = InProcessBroker(participants, generation: ids.next().uuidString)
            transport = broker
            relay = PurchaseSystem.Relay(to: broker, arrivals: broker)
            activities = []
            streams = nil
            lag = {
                Dictionary(uniqueKeysWithValues: participants.map { ($0.service, broker.backlog(of: $0.service)) })
            }
            lags = {
                Dictionary(
                    uniqueKeysWithValues: participants.map { participant in
                        let group = participant.service
                        return (group, ConsumerLag(count: broker.backlog(of: group), oldest: broker.oldest(of: group)))
                    })
            }
        case (.redis(let endpoint, let partitions, let prefix), _):
            var options = RedisStreamsOptions()
            options.partitions = partitions
            options.prefix = prefix
            let redis = RedisStreamsTransport(endpoint, participants: participants, options: options) { line in
                logger.warning("redis", metadata: [LogKey.reason: "\(line)"])
            }
            transport = redis
            relay = PurchaseSystem.Relay(to: redis, arrivals: redis, local: redis, isShared: true)
            activities = [StreamTrimmer(redis, clock: clock)]
            streams = redis
            lag = { try await redis.lag() }
            lags = {
                try await redis.backlog().mapValues { ConsumerLag(count: $0.count, oldest: $0.oldest) }
            }
        }
    }

    /// Whether other processes may handle this one's events.
    var reachesOthers: Bool { streams != nil }

    /// A process with another number of partitions than the running ones would look for the events of an order where nobody puts them.
    /// What else may be wrong with Redis may pass, and is waited for.
    ///
    /// - Throws: ``ConfigurationProblems``.
    func checkPartitions(logger: Logger) async throws {
        guard let streams else { return }
        do { try await streams.ping() } catch let error as RedisAdapterError where error.code == .otherPartitions {
            throw ConfigurationProblems([
                .init(
                    key: ConfigurationKey.eventPartitions.rawValue,
                    what: """
                        is not what the running system has: \(error.description). To change the number, end every process, \
                        empty Redis (redis-cli flushdb) and start all with the new one: what is under way is sent again
                        """)
            ])
        } catch {
            logger.warning("redis cannot be used yet", metadata: [LogKey.reason: "\(error)"])
        }
    }

    /// Gives back what this process received and did not handle.
    func close() async { await streams?.close() }
}
