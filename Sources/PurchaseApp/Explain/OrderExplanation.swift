import Audit
import Journeys
import Payments
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Why an order is where it is: what happened to it, what it waits for, since when, and what to do. From the database alone.
public struct OrderExplanation: Sendable, Codable {
    /// An event of the order.
    public struct Happening: Sendable, Codable {
        /// Missing if only what it left behind tells of it.
        public let at: String?
        public let service: String
        public let event: String
        /// Services that have not handled it yet.
        public let unhandledBy: [String]
    }

    /// A message that a service could not handle.
    public struct Trouble: Sendable, Codable {
        public let service: String
        public let event: String
        public let reason: String
        public let attempts: Int
        /// When it is tried again; absent if it was given up.
        public let retryAt: String?
    }

    public let order: String
    public let status: String
    public let cause: String?
    public let orderedAt: String
    public let deadline: String
    public let endedAt: String?
    public let isSettled: Bool
    public let happenings: [Happening]
    public let troubles: [Trouble]
    public let waitsFor: [String]
    public let waitsSince: String?
    /// What the matter is, for programs: as in the order's journey.
    public let code: String
    public let isStuck: Bool
    /// One sentence: what it waits for, and whose turn it is.
    public let verdict: String
    /// One sentence, if there is something to do.
    public let advice: String?

    init(_ journey: Journey, in language: Language) {
        order = journey.order.id.description
        status = journey.order.shown.rawValue
        cause = journey.order.cause?.rawValue
        orderedAt = journey.order.orderedAt.description
        deadline = journey.order.deadline.description
        endedAt = journey.order.endedAt?.description
        isSettled = journey.order.settledAt != nil
        happenings = Self.happenings(journey.reactions)
        troubles = journey.troubles.map { trouble in
            Trouble(
                service: trouble.consumer.name, event: trouble.type?.name ?? "unreadable", reason: trouble.reason,
                attempts: trouble.attempts, retryAt: trouble.retryAt?.description)
        }
        waitsFor = journey.expected.map(\.event.name)
        waitsSince = journey.expected.map(\.since).min()?.description
        code = journey.verdict.code.rawValue
        isStuck = journey.verdict.isStuck
        verdict = language.sentence(for: journey.verdict)
        advice = language.advice(for: journey.verdict)
    }

    private static func happenings(_ reactions: [JourneyReaction]) -> [Happening] {
        let waiting = reactions.filter { $0.disposition == .waiting || $0.disposition == .retrying }
        return reactions.flatMap { reaction in
            reaction.emitted.map { event in
                Happening(
                    at: event.time?.description, service: reaction.consumer.name, event: event.type.name,
                    unhandledBy: waiting.filter { $0.event == event }.map(\.consumer.name).sorted())
            }
        }
    }
}

/// Reads an ``OrderExplanation``; works beside a running server.
public struct OrderExplainer: Sendable {
    private let reader: JourneyReader

    /// - Parameter gateway: where the configured payment gateway keeps its book; `nil`: that is not known.
    public init(
        _ databases: ServiceDatabases, clock: any SagaClock = SystemClock(), gateway: GatewayBook? = nil,
        participants: [SQLParticipant] = PurchaseSystem.participants()
    ) {
        var lag: (@Sendable () async throws -> [ServiceID: ConsumerLag])?
        // A transport outside the database would have to be asked itself.
        let database = databases.main
        if database.dialect == .sqlite {
            lag = { try await database.read { try ConsumerLag.byPosition(participants, in: $0) } }
        }
        reader = JourneyReader(
            databases, clock: clock, participants: participants, stateTables: PurchaseSystem.stateTables,
            trail: AuditReader(databases[AuditParticipant.service]), lag: lag, gateway: gateway)
    }

    /// - Returns: `nil` if there is no such order.
    /// - Throws: ``SQLError``.
    public func explain(_ id: OrderID, in language: Language = .en) async throws -> OrderExplanation? {
        try await reader.journey(of: id).map { OrderExplanation($0, in: language) }
    }
}
