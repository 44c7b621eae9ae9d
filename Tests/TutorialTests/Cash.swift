import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

// The second service: it pays fares out of one purse.

struct FarePaid: Event {
    static let type: EventType = "fare.paid"
    var booking: UUID
    var subject: UUID? { booking }
}

struct FareRefused: Event {
    static let type: EventType = "fare.refused"
    var booking: UUID
    var subject: UUID? { booking }
}

enum CashState: String, Sendable { case paid, refused }

struct PayFare: Reaction {
    static let id: ReactionID = "cash.pay-fare"

    func react(to event: SeatHeld, in step: SQLStep) throws -> Reply<FarePaid, FareRefused> {
        // The state row deduplicates: the same event may come twice.
        guard try Cash.states.states(of: [event.booking], in: step.transaction).isEmpty else {
            return .ignore(.duplicate)
        }
        let isPaid = try step.transaction.changesOne(
            "UPDATE cash_purse SET money = money - \(event.fare) WHERE money >= \(event.fare)")
        try Cash.states.open(
            event.booking, as: isPaid ? .paid : .refused, at: step.now, in: step.transaction)
        return isPaid ? .accept(FarePaid(booking: event.booking)) : .reject(FareRefused(booking: event.booking))
    }
}

enum Cash {
    static let service: ServiceID = "cash"
    static let states = StateTable<CashState>("cash_saga")

    static let participant = SQLParticipant(service: service) {
        PayFare()
        CloseState<BookingClosed>(of: service, in: "cash_saga")
    }

    static let migration = Migration(
        "cash/0001",
        """
        CREATE TABLE cash_purse (money INTEGER NOT NULL CHECK (money >= 0));
        INSERT INTO cash_purse VALUES (300);
        CREATE TABLE cash_saga (subject BLOB PRIMARY KEY, state TEXT NOT NULL, settled INTEGER NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
        """)
}
