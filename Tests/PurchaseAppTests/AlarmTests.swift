import Dispatch
import Synchronization
import Testing

@testable import PurchaseApp

@Suite struct `An alarm` {
    private final class Owner: Sendable {}

    /// What rang, in order.
    private final class Rung: Sendable {
        let names = Mutex<[String]>([])
        let signal = Signal()

        func note(_ name: String) {
            names.withLock { $0.append(name) }
            signal.raise()
        }

        func wait(for count: Int) async {
            while names.withLock({ $0.count }) < count { await signal.wait() }
        }
    }

    /// Nothing rings while `body` sets the alarm, however long that takes on a busy machine.
    private func setting(_ alarm: Alarm, _ body: () -> Void) {
        let (owner, end) = (Owner(), DispatchSemaphore(value: 0))
        alarm.set(for: owner, after: .zero) { end.wait() }
        body()
        end.signal()
    }

    @Test func `rings for each at his time, whoever came first`() async {
        let (alarm, rung) = (Alarm(), Rung())
        let owners = (0..<3).map { _ in Owner() }
        let begin = ContinuousClock.now
        setting(alarm) {
            alarm.set(for: owners[0], at: begin + .milliseconds(90)) { rung.note("late") }
            alarm.set(for: owners[1], at: begin + .milliseconds(30)) { rung.note("early") }
            alarm.set(for: owners[2], at: begin + .milliseconds(60)) { rung.note("between") }
        }
        await rung.wait(for: 3)
        #expect(rung.names.withLock { $0 } == ["early", "between", "late"])
        #expect(ContinuousClock.now - begin >= .milliseconds(90))
    }

    @Test func `rings once for an owner, at the time that was set last, and not for one who took it back`() async {
        let (alarm, rung) = (Alarm(), Rung())
        let (patient, gone, last) = (Owner(), Owner(), Owner())
        let begin = ContinuousClock.now
        setting(alarm) {
            alarm.set(for: patient, at: begin + .milliseconds(10)) { rung.note("too early") }
            alarm.set(for: gone, at: begin + .milliseconds(10)) { rung.note("gone") }
            alarm.takeBack(of: gone)
            alarm.set(for: patient, at: begin + .milliseconds(40)) { rung.note("once") }
            alarm.set(for: last, at: begin + .milliseconds(80)) { rung.note("last") }
        }
        await rung.wait(for: 2)
        #expect(rung.names.withLock { $0 } == ["once", "last"])
    }

    @Test func `rings again after it had nothing to do, and at once for what is over`() async {
        let (alarm, rung) = (Alarm(), Rung())
        let owner = Owner()
        for round in 1...3 {
            alarm.set(for: owner, after: round == 2 ? .zero : .milliseconds(5)) { rung.note("\(round)") }
            await rung.wait(for: round)
        }
        #expect(rung.names.withLock { $0 } == ["1", "2", "3"])
    }

    @Test func `ends a wait that nobody else ends, and many waits at the same time`() async {
        let signals = (0..<50).map { _ in Signal() }
        await withTaskGroup(of: Void.self) { group in
            for (index, signal) in signals.enumerated() {
                group.addTask { await signal.wait(atMost: .milliseconds(10 + index % 7)) }
            }
        }
        let quick = Signal()
        quick.raise()
        let begin = ContinuousClock.now
        await quick.wait(atMost: .seconds(3600))
        #expect(ContinuousClock.now - begin < .seconds(1800))
    }
}
