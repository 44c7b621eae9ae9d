import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

// The first of two services: it holds a seat of the one flight there is, then sells it or gives it back.

/// A seat is set aside; who pays?
struct SeatHeld: Event {
    static let type: EventType = "seat.held"
    var booking: UUID
    var fare: Int64
    var subject: UUID? { booking }
}

/// Sold or given back: everybody may close his rows.
struct BookingClosed: Event {
    static let type: EventType = "booking.closed"
    var booking: UUID
    var subject: UUID? { booking }
}

enum SeatState: String, Sendable { case held, sold, released }

/// Begins the saga.
struct Book: Command {
    static let id: ReactionID = "seats.book"
    let booking: UUID
    let fare: Int64

    /// - Returns: whether a seat was free.
    func execute(in step: SQLStep) throws -> Decision<Bool, SeatHeld?> {
        let isFree = try step.transaction.changesOne(
            "UPDATE seats_flight SET free = free - 1, held = held + 1 WHERE free > 0")
        guard isFree else { return Decision(false, emits: nil) }
        try Seats.states.open(booking, as: .held, at: step.now, in: step.transaction)
        return Decision(true, emits: SeatHeld(booking: booking, fare: fare))
    }
}

struct SellSeat: Reaction {
    static let id: ReactionID = "seats.sell-seat"

    func react(to event: FarePaid, in step: SQLStep) throws -> Reply<BookingClosed, Never> {
        guard try Seats.leaveHeld(event.booking, to: .sold, in: step) else { return .ignore(.duplicate) }
        try step.transaction.execute("UPDATE seats_flight SET held = held - 1, sold = sold + 1")
        return .accept(BookingClosed(booking: event.booking))
    }
}

struct ReleaseSeat: Reaction {
    static let id: ReactionID = "seats.release-seat"
    /// The mistake of the tutorial: the seat is given back without looking whether it was before.
    var isCareless = false

    func react(to event: FareRefused, in step: SQLStep) throws -> Reply<BookingClosed, Never> {
        let isHeld = try Seats.leaveHeld(event.booking, to: .released, in: step)
        guard isHeld || isCareless else { return .ignore(.duplicate) }
        try step.transaction.execute("UPDATE seats_flight SET held = max(0, held - 1), free = free + 1")
        return .accept(BookingClosed(booking: event.booking))
    }
}

enum Seats {
    static let service: ServiceID = "seats"
    static let states = StateTable<SeatState>("seats_saga")

    static func participant(isCareless: Bool = false) -> SQLParticipant {
        SQLParticipant(service: service, commands: [.init(Book.self)]) {
            SellSeat()
            ReleaseSeat(isCareless: isCareless)
        }
    }

    /// Ends a held booking, once.
    static func leaveHeld(_ booking: UUID, to state: SeatState, in step: SQLStep) throws -> Bool {
        guard try states.states(of: [booking], in: step.transaction)[booking] == .held else { return false }
        try states.move(booking, from: .held, to: state, at: step.now, in: step.transaction)
        try step.transaction.execute("UPDATE seats_saga SET settled = 1 WHERE subject = \(booking)")
        return true
    }

    static let migration = Migration(
        "seats/0001",
        """
        CREATE TABLE seats_flight (seats INTEGER NOT NULL, free INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0,
            sold INTEGER NOT NULL DEFAULT 0);
        INSERT INTO seats_flight (seats, free) VALUES (5, 5);
        CREATE TABLE seats_saga (subject BLOB PRIMARY KEY, state TEXT NOT NULL, settled INTEGER NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
        """)

    static let checks = [
        InvariantCheck(
            "seats.add-up", "free, held and sold seats are all the seats",
            violations: "SELECT 'flight' AS what FROM seats_flight WHERE free + held + sold <> seats"),
        InvariantCheck(
            "seats.held-is-held", "as many seats are held as bookings hold one",
            violations: """
                SELECT 'flight' AS what FROM seats_flight
                WHERE held <> (SELECT COUNT(*) FROM seats_saga WHERE state = 'held')
                """),
    ]
}
