import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization

/// A gateway for development and tests that behaves like a real one where it matters: it keeps a durable book, honours
/// idempotency keys, takes its time, and may leave its caller without an answer.
public final class SimulatedGateway: PaymentGateway {
    private let settings: Settings
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let pause: @Sendable (Duration) async throws -> Void
    private let bookings: CallBatcher<ChargeRequest, ChargeAnswer>
    /// Where the lots of this process begin.
    private let lots: UInt64
    /// How often each key was asked without an answer, so that the next call draws another lot. Only keys under way.
    private let unanswered = Mutex<[String: UInt64]>([:])

    /// - Parameters:
    ///   - database: where its book is, see ``PaymentsMigrations``.
    ///   - lots: where the lots begin that decide how a call fares on its way. If processes began alike, a call that one of
    ///     them lost would be lost by each of the others, and after each restart again.
    ///   - pause: waits; virtual in tests.
    public init(
        _ settings: Settings, database: any SQLDatabase, clock: any SagaClock, lots: UInt64 = 0,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.settings = settings
        self.database = database
        self.clock = clock
        self.lots = lots
        self.pause = pause
        bookings = CallBatcher(limit: 128) { requests in
            await Self.book(requests, in: database, settings: settings, at: clock.now())
        }
    }

    public func charge(_ request: ChargeRequest) async -> ChargeAnswer {
        await call(request.key, lost: ChargeAnswer.unknown) {
            try await self.bookings.run(request)
        }
    }

    public func refund(_ request: RefundRequest) async -> RefundAnswer {
        await call(request.key, lost: RefundAnswer.unknown) {
            try await self.giveBack(request)
        }
    }

    /// One call: the way there, the work, the way back; on either way it may be lost.
    private func call<Answer: Sendable>(
        _ key: String, lost: (String) -> Answer, work: () async throws -> Answer
    ) async -> Answer {
        let attempt = unanswered.withLock { $0[key] ?? 0 }
        let fate = settings.fate(of: key, attempt: lots &+ attempt)
        do {
            try await pause(min(fate.latency, settings.timeout))
            let answer = fate.arrives ? try await work() : lost("the request was lost")
            if fate.returns && fate.latency <= settings.timeout {
                _ = unanswered.withLock { $0.removeValue(forKey: key) }
                return answer
            }
            try await pause(max(.zero, settings.timeout - fate.latency))
            unanswered.withLock { $0[key] = attempt + 1 }
            return lost("no answer within \(settings.timeout.wholeMilliseconds) ms")
        } catch {
            return lost(String(describing: error))
        }
    }

    /// Charges of the same moment are booked in one transaction.
    private static func book(
        _ requests: [ChargeRequest], in database: any SQLDatabase, settings: Settings, at now: Timestamp
    ) async -> [Result<ChargeAnswer, any Error>] {
        do {
            let answers = try await database.write { transaction in
                try ChargeBook(transaction: transaction, settings: settings).charge(requests, at: now)
            }
            return answers.map { .success($0) }
        } catch {
            return requests.map { _ in .failure(error) }
        }
    }

    private func giveBack(_ request: RefundRequest) async throws -> RefundAnswer {
        if settings.refusesRefund(request.key) { return .refused(reason: "simulated refusal") }
        return try await database.write { transaction in
            try transaction.execute(
                """
                UPDATE gateway_charges SET refunded_amount = \(request.amount), refund_key = \(request.key)
                WHERE reference = \(request.reference) AND outcome = 'captured' AND refund_key IS NULL
                    AND amount = \(request.amount)
                """)
            guard
                let row = try transaction.first(
                    "SELECT amount, refund_key FROM gateway_charges WHERE reference = \(request.reference)")
            else { return .unknown(why: "no such charge") }
            switch try row.optionalText("refund_key") {
            case request.key: return .refunded
            case nil: return .refused(reason: "only the whole amount is given back")
            default: return .refused(reason: "given back under another key")
            }
        }
    }
}
