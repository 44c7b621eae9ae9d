import FoundationEssentials
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography

/// An order in a list of sagas.
public struct SagaSummary: Sendable {
    public let order: OrderView
    public let expected: [Expectation]
    public let verdict: JourneyVerdict
    /// Since it was ordered, until it ended or now.
    public let age: Duration
}

/// Which sagas are asked for.
public enum SagaStatus: String, Sendable, CaseIterable {
    /// Somebody has to look: not over, and late, parked or worse.
    case stuck
    /// Not over.
    case running
    /// Ended undone, or being undone.
    case failed
}

/// A part of a list of sagas.
public struct SagaPage: Sendable {
    public let sagas: [SagaSummary]
    /// Where the next page goes on; `nil` at the end. A page may be short, or empty, and have one: a call looks at so many orders and no
    /// more.
    public let next: OrderID?
}

extension JourneyReader {
    /// How many orders are judged for one page at most.
    static let judgedAtMost = 500
    /// How many rows are passed for one page at most, if only some of them are wanted.
    static let passedAtMost = 5_000

    /// Sagas: those that are not over the oldest first, others the newest first.
    ///
    /// - Parameters:
    ///   - status: `nil`: all.
    ///   - last: where the page before ended.
    ///   - limit: how many at most.
    /// - Throws: ``SQLError``.
    public func sagas(_ status: SagaStatus?, after last: OrderID? = nil, limit: Int) async throws -> SagaPage {
        switch status {
        case .stuck, .running: try await open(after: last, limit: limit, isWanted: { status == .running || $0.isStuck })
        case .failed, nil: try await newest(status, before: last, limit: limit)
        }
    }

    private func open(
        after last: OrderID?, limit: Int, isWanted: (JourneyVerdict) -> Bool
    ) async throws -> SagaPage {
        var (found, place, passed, isEnd): ([Judged], OrderID?, Int, Bool) = ([], last, 0, false)
        // Who has to be looked at is mostly among the oldest: more are judged only if too few of them are wanted.
        while found.count <= limit, !isEnd, passed < Self.judgedAtMost {
            let size = min(limit + 1, Self.judgedAtMost - passed)
            let ids = try await databases[OrdersParticipant.service].read { [place] in
                try OrderQueries($0).openOrders(after: place, limit: size)
            }
            found += try await judge(try await looks(at: ids)).filter { isWanted($0.verdict) }
            passed += ids.count
            isEnd = ids.count < size
            place = ids.last ?? place
        }
        let page = found.prefix(limit)
        let next = found.count > limit ? page.last?.look.evidence.order.view.id : isEnd ? nil : place
        return SagaPage(sagas: page.map(Self.summary), next: next)
    }

    private func newest(_ status: SagaStatus?, before last: OrderID?, limit: Int) async throws -> SagaPage {
        // Without a condition one more than asked tells whether there is a next page.
        let most = status == nil ? limit + 1 : Self.passedAtMost
        let passed = try await databases[OrdersParticipant.service].read {
            try OrderQueries($0).newestOrders(before: last, limit: most)
        }
        let wanted = passed.filter { status == nil || $0.state == .failed || $0.state == .cancelled }.map(\.id)
        let page = Array(wanted.prefix(limit))
        let next = wanted.count > limit ? page.last : passed.count == most ? passed.last?.id : nil
        return SagaPage(sagas: try await judge(try await looks(at: page, isBrief: true)).map(Self.summary), next: next)
    }

    private static func summary(_ judged: Judged) -> SagaSummary {
        let order = judged.look.evidence.order.view
        return SagaSummary(
            order: order, expected: judged.expected, verdict: judged.verdict,
            age: (order.settledAt ?? judged.at) - order.orderedAt)
    }
}
