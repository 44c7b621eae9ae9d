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

    /// Waits for two types together, for a third for long, for all others not at all.
    private struct Patient: Activity {
        let name = "test.patient"
        let wakesOn: Set<EventType> = []
        let companies: [Set<EventType>] = [["a.made", "b.made"]]
        var wait = Duration.seconds(3600)

        func patience(with type: EventType) -> Duration {
            ["a.made", "b.made", "c.made"].contains(type) ? wait : .zero
        }
        func poll() async throws -> Progress { .idle(wakeAt: nil) }
    }

    @Test func `with patience is raised once for all who asked meanwhile, and at once for those who have none`() async {
        let signal = Signal()
        let patient = PatientSignal(signal, for: Patient(wait: .milliseconds(50)))
        for _ in 0..<100 { patient.arrived(["c.made"]) }
        let begin = ContinuousClock.now
        await signal.wait()
        #expect(ContinuousClock.now - begin > .milliseconds(20))
        let other = PatientSignal(signal, for: Patient())
        other.arrived(["c.made"])
        other.arrived(["c.made", "z.made"])
        await signal.wait()
    }

    @Test func `with patience is raised for what arrives while others raise it at once`() async {
        let signal = Signal()
        let patient = PatientSignal(signal, for: Patient(wait: .milliseconds(2)))
        for _ in 0..<50 {
            await withTaskGroup(of: Void.self) { group in
                for type in ["c.made", "z.made", "c.made", "a.made"] as [EventType] {
                    group.addTask { patient.arrived([type]) }
                }
            }
            // Whatever was left of that: what comes last is waited for and no longer than its patience.
            await signal.wait()
            patient.arrived(["c.made"])
            await signal.wait()
        }
    }

    @Test func `with patience is raised for the least patient of those that wait`() async {
        let signal = Signal()
        let patient = PatientSignal(signal)
        patient.raise(after: .seconds(3600))
        patient.raise(after: .milliseconds(5))
        patient.raise(after: .seconds(1800))
        await signal.wait()
    }

    @Test func `waits for company, and with the last of it no longer`() async {
        let signal = Signal()
        let patient = PatientSignal(signal, for: Patient())
        patient.arrived(["a.made"])
        patient.arrived(["a.made", "c.made"])
        let isOver = Mutex(false)
        let waiting = Task {
            await signal.wait()
            isOver.withLock { $0 = true }
        }
        for _ in 0..<100 { await Task.yield() }
        #expect(!isOver.withLock { $0 }, "one of two is not both")
        patient.arrived(["b.made"])
        await waiting.value
    }

    @Test func `waits for company anew once somebody was woken, by whatever it was`() async {
        let signal = Signal()
        let patient = PatientSignal(signal, for: Patient())
        patient.arrived(["b.made"])
        patient.arrived(["z.made"])
        await signal.wait()
        patient.arrived(["a.made"])
        let isOver = Mutex(false)
        let waiting = Task {
            await signal.wait()
            isOver.withLock { $0 = true }
        }
        for _ in 0..<100 { await Task.yield() }
        #expect(!isOver.withLock { $0 }, "what came before was handled")
        patient.arrived(["b.made"])
        await waiting.value
    }

    @Test func `of what only closes rows has patience, and what completes an order for the rest of it`() throws {
        let system = PurchaseSystem.participants()
        let orders = try #require(system.first { $0.service == "orders" })
        let patience = Dictionary(
            uniqueKeysWithValues: orders.reactions.map { ($0.input.type, $0.patience) })
        let completing: Set<EventType> = [
            PaymentProcessed.type, PaymentConfirmed.type, InventoryConfirmed.type, ItemDeducted.type,
        ]
        for type in completing { #expect(patience[type] == .milliseconds(5)) }
        for type in orders.subscriptions.subtracting(completing) { #expect(patience[type] == .zero) }
        let payments = try #require(system.first { $0.service == "payments" })
        let closing = payments.reactions.filter { $0.patience > .zero }
        #expect(!closing.isEmpty)
        #expect(closing.allSatisfy { $0.input.type == OrderSettled.type })
    }
}
