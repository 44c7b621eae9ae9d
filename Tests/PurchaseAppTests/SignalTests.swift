import Logging
import PurchaseContracts
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import Synchronization
import Testing

@testable import PurchaseApp

@Suite struct `A signal` {
    @Test func `that is raised while nobody waits is kept, and many count as one`() async {
        let signal = Signal()
        signal.raise()
        signal.raise()
        await signal.wait()
        let ended = Mutex(false)
        let waiting = Task {
            await signal.wait()
            ended.withLock { $0 = true }
        }
        await Task.yield()
        #expect(!ended.withLock { $0 })
        signal.raise()
        await waiting.value
    }

    @Test func `with patience is raised once for all who asked meanwhile, and at once for those who have none`() async {
        let signal = Signal()
        let patient = PatientSignal(signal)
        for _ in 0..<100 { patient.raise(after: .milliseconds(50)) }
        let begin = ContinuousClock.now
        await signal.wait()
        #expect(ContinuousClock.now - begin > .milliseconds(20))
        patient.raise(after: .seconds(3600))
        patient.raise(after: .zero)
        await signal.wait()
    }

    @Test func `of what only closes rows has patience, that of a step has none`() throws {
        let system = PurchaseSystem.participants()
        let orders = try #require(system.first { $0.service == "orders" })
        let patience = Dictionary(
            uniqueKeysWithValues: orders.reactions.map { ($0.input.type, $0.patience) })
        #expect(patience[PaymentConfirmed.type] == .zero)
        let payments = try #require(system.first { $0.service == "payments" })
        let closing = payments.reactions.filter { $0.patience > .zero }
        #expect(!closing.isEmpty)
        #expect(closing.allSatisfy { $0.input.type == OrderSettled.type })
    }
}
