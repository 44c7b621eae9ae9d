import Foundation
import SagaChoreography
import SagaSQL

/// Dead letters and resyncs of the configured database, from the command line. Looking works beside a running server; on SQLite the
/// rest does not, for a file has one writer.
public enum DeadLetterUpkeep {
    /// A message that could not be handled.
    public struct Letter: Sendable, Codable {
        public let id: String
        public let consumer: String
        public let event: String
        public let type: String
        public let order: String?
        public let kind: String
        public let cause: String
        public let attempts: Int
        public let parkedAt: String

        init(_ message: ParkedMessage) {
            id = message.id.uuidString.lowercased()
            consumer = message.consumer.name
            event = message.eventID.uuidString.lowercased()
            type = message.type.name
            order = message.subject?.uuidString.lowercased()
            kind = message.kind.rawValue
            cause = message.cause
            attempts = message.attempts
            parkedAt = message.parkedAt.description
        }
    }

    /// Messages with one and the same cause.
    public struct Group: Sendable, Codable {
        public let consumer: String
        public let type: String
        public let kind: String
        public let cause: String
        public let count: Int64
        public let oldest: String
        public let newest: String

        init(_ group: ParkedGroup) {
            consumer = group.consumer.name
            type = group.type.name
            kind = group.kind.rawValue
            cause = group.cause
            count = group.count
            oldest = group.oldest.description
            newest = group.newest.description
        }
    }

    /// One message with everything that is known of it.
    public struct Detail: Sendable, Codable {
        public let letter: Letter
        /// As it came, in JSON.
        public let envelope: String
        /// Whether its consumer can read it as it is now.
        public let isReadable: Bool
        /// The fields that it must have had, in JSON; absent if nobody knows, and if it can be read.
        public let known: String?
        /// What was done to it before, the last first.
        public let history: [Operation]
    }

    /// What an operation would do to one message.
    public struct Planned: Sendable, Codable {
        public let letter: Letter
        /// Why the operation would leave it alone; absent if it would not.
        public let refused: String?
        /// What handling it now would come to.
        public let effect: String?
        public let emits: [String]
        public let fault: String?

        init(_ item: PlannedItem) {
            letter = Letter(item.message)
            refused = item.refusal?.summary
            switch item.effect {
            case .handled(let disposition, let types):
                (effect, emits, fault) = (disposition.rawValue, types.map(\.name), nil)
            case .faults(let text), .unreadable(let text, _): (effect, emits, fault) = ("parked", [], text)
            case .noEvent, nil: (effect, emits, fault) = (nil, [], nil)
            }
        }
    }

    /// What was asked for, and what is known of its outcome.
    public struct Operation: Sendable, Codable {
        public struct Item: Sendable, Codable {
            public let id: String
            public let consumer: String
            public let type: String
            public let order: String?
            public let state: String
            public let disposition: String?
            public let emitted: [String]
            public let detail: String?
        }

        public let id: String
        public let kind: String
        public let reason: String
        public let requestedAt: String
        /// Whether the outcome of all of it was observed.
        public let isDone: Bool
        public let items: [Item]

        init(_ operation: Intervention) {
            id = operation.id.uuidString.lowercased()
            kind = operation.kind.rawValue
            reason = operation.reason
            requestedAt = operation.requestedAt.description
            isDone = operation.isDone
            items = operation.items.map { item in
                Item(
                    id: item.id.uuidString.lowercased(), consumer: item.consumer.name, type: item.type.name,
                    order: item.subject?.uuidString.lowercased(), state: item.state.rawValue,
                    disposition: item.disposition?.rawValue, emitted: item.emitted.map(\.name), detail: item.detail)
            }
        }
    }

    /// Which messages are meant; what is `nil` does not matter.
    public struct Filter: Sendable {
        public var consumer: String?
        public var type: String?
        public var kind: String?
        public var cause: String?
        public var order: UUID?

        public init() {}

        /// The kinds there are.
        public static let kinds = ParkedMessage.Kind.allCases.map(\.rawValue)

        /// Whether nothing is given.
        public var isEverything: Bool { parked.isEverything }

        var parked: ParkedFilter {
            var filter = ParkedFilter()
            filter.consumer = consumer.map { ServiceID($0) }
            filter.type = type.map { EventType($0) }
            filter.kind = kind.flatMap { ParkedMessage.Kind(rawValue: $0) }
            filter.cause = cause
            filter.subject = order
            return filter
        }
    }

    /// Which messages an operation is about.
    public enum Selection: Sendable {
        case one(UUID)
        case matching(Filter)

        var parked: DeadLetters.Selection {
            switch self {
            case .one(let id): .one(id)
            case .matching(let filter): .matching(filter.parked)
            }
        }
    }

    /// What can be done to several messages.
    public enum Deed: Sendable {
        case replay, discard
    }

    /// Why something was not done; nothing was changed.
    public struct Refused: Error {
        public let why: String
    }
}
