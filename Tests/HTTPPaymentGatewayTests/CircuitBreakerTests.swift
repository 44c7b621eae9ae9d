import HTTPPaymentGateway
import Payments
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `The circuit breaker` {
    private let settings = CircuitBreaker.Settings(
        window: .seconds(10), calls: 4, failures: 0.5, rest: .seconds(1), longestRest: .seconds(8))

    /// A breaker with its time and chance.
    private struct Bench {
        var breaker: CircuitBreaker
        let random = SeededRandom(seed: 3)
        var now = Timestamp(milliseconds: 1_000_000)

        init(_ settings: CircuitBreaker.Settings) { breaker = CircuitBreaker(settings) }

        /// One call that is admitted and ends at once.
        @discardableResult
        mutating func call(_ isFailure: Bool) throws -> CircuitBreaker.Change? {
            guard case .admitted(let ticket) = breaker.admit(at: now) else { throw NotAdmitted() }
            return breaker.record(ticket, isFailure: isFailure, at: now, random: random)
        }

        mutating func open() throws -> Timestamp {
            for _ in 0..<3 { #expect(try call(true) == nil) }
            guard case .opened(let until) = try call(true) else { throw NotAdmitted() }
            return until
        }
    }

    private struct NotAdmitted: Error {}

    @Test func `few failures among many answers leave it closed`() throws {
        var bench = Bench(settings)
        for index in 0..<100 { #expect(try bench.call(index % 3 == 2) == nil) }
        #expect(bench.breaker.readiness(at: bench.now) == .ready)
    }

    @Test func `few calls say nothing, whatever becomes of them`() throws {
        var bench = Bench(settings)
        for _ in 0..<3 { #expect(try bench.call(true) == nil) }
        #expect(bench.breaker.readiness(at: bench.now) == .ready)
    }

    @Test func `what failed before the window does not count`() throws {
        var bench = Bench(settings)
        for _ in 0..<3 { try bench.call(true) }
        bench.now = bench.now + .seconds(11)
        #expect(try bench.call(true) == nil)
        #expect(bench.breaker.readiness(at: bench.now) == .ready)
    }

    @Test func `failures that come back together after the answers do not open it`() throws {
        var bench = Bench(settings)
        for _ in 0..<80 { try bench.call(false) }
        bench.now = bench.now + .seconds(2)
        for _ in 0..<20 { #expect(try bench.call(true) == nil) }
    }

    @Test func `once open nobody is let through before its rest is over`() throws {
        var bench = Bench(settings)
        let until = try bench.open()
        #expect((500...1000).contains((until - bench.now).wholeMilliseconds))
        #expect(bench.breaker.admit(at: bench.now) == .refused(until: until))
        #expect(bench.breaker.readiness(at: bench.now) == .resting(until: until))
        #expect(bench.breaker.readiness(at: until) == .probing)
    }

    @Test func `one probe at a time, and its success closes it`() throws {
        var bench = Bench(settings)
        bench.now = try bench.open()
        guard case .admitted(let probe) = bench.breaker.admit(at: bench.now) else { throw NotAdmitted() }
        guard case .refused(let later) = bench.breaker.admit(at: bench.now) else { throw NotAdmitted() }
        #expect(later > bench.now)
        #expect(bench.breaker.readiness(at: bench.now) == .resting(until: later))
        #expect(bench.breaker.record(probe, isFailure: false, at: bench.now, random: bench.random) == .closed)
        #expect(bench.breaker.readiness(at: bench.now) == .ready)
        for _ in 0..<3 { #expect(try bench.call(true) == nil, "it counts anew") }
    }

    @Test func `every failed probe doubles the rest, up to the longest, with jitter`() throws {
        var bench = Bench(settings)
        bench.now = try bench.open()
        var rests: [Int64] = []
        for _ in 0..<5 {
            guard case .opened(let until) = try bench.call(true) else { throw NotAdmitted() }
            rests.append((until - bench.now).wholeMilliseconds)
            bench.now = until
        }
        for (rest, full) in zip(rests, [2000, 4000, 8000, 8000, 8000] as [Int64]) {
            #expect((full / 2...full).contains(rest), "\(rests)")
        }
        #expect(Set(rests.suffix(3)).count > 1, "\(rests)")
        #expect(try bench.call(false) == .closed)
        let until = try bench.open()
        #expect((until - bench.now) <= .seconds(1), "the rests begin anew")
    }

    @Test func `calls of before it opened no longer count, however they end`() throws {
        var bench = Bench(settings)
        guard case .admitted(let straggler) = bench.breaker.admit(at: bench.now) else { throw NotAdmitted() }
        let until = try bench.open()
        #expect(bench.breaker.record(straggler, isFailure: false, at: bench.now, random: bench.random) == nil)
        #expect(bench.breaker.readiness(at: bench.now) == .resting(until: until))
        guard case .admitted = bench.breaker.admit(at: until) else { throw NotAdmitted() }
        #expect(bench.breaker.record(straggler, isFailure: true, at: until, random: bench.random) == nil)
    }
}
