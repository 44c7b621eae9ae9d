import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

struct MadeA: Event {
    static let type: EventType = "a.made"
    var saga: UUID
    var number: Int64
    var subject: UUID? { saga }
}

struct MadeB: Event {
    static let type: EventType = "b.made"
    var saga: UUID
    var subject: UUID? { saga }
}

struct Counted: Event {
    static let type: EventType = "counted"
    static let isTerminal = true
    var saga: UUID
    var subject: UUID? { saga }
}

struct Closed: Event {
    static let type: EventType = "closed"
    var saga: UUID
    var subject: UUID? { saga }
}

struct Subscribe<Input: Event>: Reaction {
    static var id: ReactionID { "toy.subscribe-\(Input.type.name)" }
    func react(to event: Input, in step: SQLStep) throws -> Reply<Silence, Never> { .accept(Silence()) }
}

/// Adds the number up; has no state row, so it needs the inbox. Refuses zero, faults as the number says.
struct Count: Reaction {
    static let id: ReactionID = "toy.count"
    static let usesInbox = true

    func react(to event: MadeA, in step: SQLStep) throws -> Reply<Counted, Never> {
        try step.transaction.execute("UPDATE toy_sum SET total = total + \(event.number)")
        switch event.number {
        case 666: throw SagaFault.retryable("a bad number")
        case 667: throw SagaFault.permanent(.undecodable, "a hopeless number")
        case 668: throw SagaFault.alarm("a number that must not be")
        case 669: throw SagaFault.unavailable("the number's store is away")
        default: return .accept(Counted(saga: event.saga))
        }
    }
}

enum Toy {
    static let participant = SQLParticipant(service: "toy") {
        Count()
        CloseState<Closed>(of: "toy", in: "toy_saga")
    }

    static let migrations = [
        Migration(
            "toy/0001",
            """
            CREATE TABLE toy_sum (total INTEGER NOT NULL);
            INSERT INTO toy_sum VALUES (0);
            CREATE TABLE toy_saga (subject BLOB PRIMARY KEY, state TEXT NOT NULL, settled INTEGER NOT NULL,
                created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
            """)
    ]

    static func total(_ transaction: any SQLTransaction) throws -> Int64 {
        try transaction.first("SELECT total FROM toy_sum")?.int64("total") ?? -1
    }
}

/// Keeps what came together: the types of each call, in order.
struct Together<Input: Event>: JointReaction {
    typealias Transaction = any SQLTransaction
    typealias Accepted = Silence
    typealias Rejected = Never

    static var id: ReactionID { "toy.together-\(Input.type.name)" }
    static var family: ReactionID { "toy.together" }

    static func react(together events: [any Event], in step: SQLStep) throws -> [Reply<Silence, Never>] {
        let types = events.map { type(of: $0).type.name }.joined(separator: " ")
        try step.transaction.execute("INSERT INTO toy_calls (types) VALUES (\(types))")
        return events.map { _ in .accept(Silence()) }
    }
}
