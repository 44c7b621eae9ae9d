import Orders
import PurchaseAPI
import PurchaseContracts
import SQLiteAdapter
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@testable import PurchaseApp

@Suite struct `A demo` {
    @Test(arguments: DemoScenario.Name.allCases)
    func `ends as announced and leaves every invariant true`(name: DemoScenario.Name) async throws {
        let player = try await Self.player()
        let timeline = try await player.play(DemoScenario(name)) { _ in }
        #expect(timeline.surprises == [])
        let report = DemoReport(timelines: [timeline], verification: try await player.verify())
        #expect(report.isGood)
        #expect(report.verification.settledOrders == 1)
        #expect(timeline.steps.map(\.at) == timeline.steps.map(\.at).sorted())
    }

    @Test func `tells each step as it happens, with states and what moved`() async throws {
        let told = Mutex<[DemoStep]>([])
        let timeline = try await Self.player().play(DemoScenario(.success)) { step in
            told.withLock { $0.append(step) }
        }
        #expect(told.withLock { $0 } == timeline.steps)
        let hold = try #require(timeline.steps.first { $0.service == "users" })
        #expect(hold.trigger == "order.created")
        #expect(hold.transition == .init(from: nil, to: "HELD"))
        #expect(hold.changes == [.walletAvailable: -18_000, .walletHeld: 18_000])
        #expect(hold.emitted == ["user.validated", "payment.reserved"])
        let pivot = try #require(timeline.steps.first { $0.emitted == ["payment.processed"] })
        #expect(pivot.gatewayCalls == [.init(.charge, 18_000, .captured)])
        #expect(pivot.transition == .init(from: "PROCESSING", to: "CAPTURED"))
        #expect(timeline.steps.allSatisfy { !$0.isCompensation })
        #expect(timeline.steps.contains { $0.messages.count == 1 })
    }

    @Test func `marks what gives back, and nothing else`() async throws {
        let timeline = try await Self.player().play(DemoScenario(.shortStock)) { _ in }
        let undone = timeline.steps.filter(\.isCompensation)
        #expect(undone.contains { $0.service == "users" && $0.changes[.walletAvailable] == 18_000 })
        #expect(undone.contains { $0.service == "inventory" && $0.changes[.slotsReserved] == -1 })
        #expect(undone.allSatisfy { $0.changes.values.reduce(0, +) <= 0 || $0.service == "users" })
        let refusal = try #require(timeline.steps.first { $0.disposition == .refused })
        #expect(refusal.refusal == Refusal(.insufficientStock, ["requested": 2, "available": 1]))
    }

    @Test func `asks a silent gateway again, and has it refund once it answers`() async throws {
        let timeline = try await Self.player().play(DemoScenario(.deadline)) { _ in }
        let calls = timeline.steps.flatMap(\.gatewayCalls)
        #expect(calls.first?.answer == .some(.none))
        let last = calls.suffix(2).map(\.answer)
        #expect(last == [.captured, .refunded])
        #expect(timeline.steps.contains { $0.trigger == "orders.deadline-worker" })
    }

    @Test func `does not let its reader's pauses pass in the story`() async throws {
        let clock = ManualClock()
        let pace = DemoPace(reading: .seconds(3600), skipsWaits: false) { clock.advance(by: $0) }
        let player = try await Self.player(pace: pace, machine: clock)
        let timeline = try await player.play(DemoScenario(.deadline)) { _ in }
        #expect(timeline.surprises == [])
        #expect(timeline.duration < 10_000)
    }

    @Test(arguments: DemoScenario.Name.allCases)
    func `ends as announced on a machine that takes a second for everything`(name: DemoScenario.Name) async throws {
        let timeline = try await Self.player(machine: SlowMachine()).play(DemoScenario(name)) { _ in }
        #expect(timeline.surprises == [])
    }

    @Test func `says so when an order does not end as announced`() async throws {
        var scenario = DemoScenario(.success)
        scenario.balance = 1
        let player = try await Self.player()
        let timeline = try await player.play(scenario) { _ in }
        #expect(
            timeline.surprises == [
                "it ended FAILED refused users.insufficient-balance, 0 paid, not COMPLETED, 18000 paid"
            ])
        #expect(!DemoReport(timelines: [timeline], verification: try await player.verify()).isGood)
    }

    @Test func `may be played again on the same store`() async throws {
        let player = try await Self.player()
        for _ in 1...3 {
            let timeline = try await player.play(DemoScenario(.success)) { _ in }
            #expect(timeline.surprises == [])
        }
    }

    private static func player(
        pace: DemoPace = .unpaced, machine: any SagaClock = ManualClock()
    ) async throws -> DemoPlayer {
        try await DemoPlayer(try SQLiteDatabase.inMemory(), language: .en, pace: pace, machine: machine)
    }
}

/// Whenever one looks, a second has passed.
private struct SlowMachine: SagaClock {
    private let clock = ManualClock()

    func now() -> Timestamp {
        clock.advance(by: .seconds(1))
        return clock.now()
    }
}
