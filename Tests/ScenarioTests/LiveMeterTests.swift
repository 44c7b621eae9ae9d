import FoundationEssentials
import SagaChoreography
import SagaTesting
import Testing

@testable import Journeys

private let clock = ManualClock()
private let ids = UUIDv7Generator(clock: clock, random: SeededRandom(seed: 7))

private func envelope(_ type: EventType = "order.created", at time: Timestamp, from source: ServiceID = "orders")
    -> Envelope
{
    Envelope(
        id: ids.next(), type: type, version: 1, source: source, subject: nil, time: time, correlationID: nil,
        causationID: nil, traceparent: nil, data: Data("{}".utf8))
}

private func report(
    _ disposition: Disposition, at time: Timestamp, of type: EventType = "order.created", by group: ServiceID = "items"
) -> DeliveryReport {
    DeliveryReport(group: group, reaction: nil, envelope: envelope(type, at: time), disposition: disposition)
}

@Suite struct `A meter of what happens` {
    private let clock = ManualClock()
    private let log: LiveMemory
    private let meter: LiveMeter
    private let reporter: LiveReporter

    init() {
        log = LiveMemory(clock: clock)
        meter = LiveMeter(
            ChoreographyGraph([Participant<Int>]()), clock: clock, random: SeededRandom(seed: 1))
        reporter = LiveReporter(meter, to: log, clock: clock)
    }

    @Test func `counts nothing while nobody watches, and stops when nobody does any more`() async throws {
        meter.committed([envelope(at: clock.now())])
        #expect(meter.cut() == nil)
        #expect(try await reporter.poll() == .idle(wakeAt: clock.now() + .seconds(1)))
        meter.committed([envelope(at: clock.now())])
        #expect(meter.cut() == nil)

        log.watch(for: .seconds(2))
        #expect(try await reporter.poll() == .idle(wakeAt: clock.now() + .milliseconds(250)))
        meter.committed([envelope(at: clock.now())])
        clock.advance(by: .milliseconds(250))
        _ = try await reporter.poll()
        #expect(log.reports(behind: nil).map(\.report.rows.count) == [1])

        clock.advance(by: .seconds(2))
        _ = try await reporter.poll()
        meter.delivered(report(.parked, at: clock.now()))
        #expect(meter.cut() == nil)
        #expect(log.reports(behind: nil).count == 1)
    }

    @Test func `counts everything by edge, what failed and what is late`() throws {
        meter.begin()
        let now = clock.now()
        meter.committed([envelope(at: now), envelope(at: now), envelope("item.reserved", at: now, from: "items")])
        clock.advance(by: .milliseconds(1001))
        for disposition: Disposition in [.applied, .duplicate] { meter.delivered(report(disposition, at: now)) }
        for disposition: Disposition in [.applied, .refused, .retrying, .parked, .ignored] {
            meter.delivered(report(disposition, at: clock.now(), by: "users"))
        }
        let cut = try #require(meter.cut())
        let rows = cut.rows.map {
            "\($0.edge.type) \($0.edge.consumer?.name ?? "") \($0.count.count) \($0.count.failed) \($0.count.late)"
        }
        #expect(
            rows == [
                "item.reserved  1 0 0", "order.created  2 0 0", "order.created items 2 0 2",
                "order.created users 5 3 0",
            ])
        #expect(cut.events.count == 10 && cut.unsampled == 0)
        #expect(cut.since == now && cut.at == clock.now())
        #expect(meter.cut()?.rows.isEmpty == true)
    }

    @Test func `keeps 50 of a quarter of a second: failures, then what is late, then some of the rest`() throws {
        meter.begin()
        let begin = clock.now()
        clock.advance(by: .seconds(5))
        for _ in 0..<500 { meter.delivered(report(.applied, at: clock.now())) }
        for _ in 0..<40 { meter.delivered(report(.applied, at: begin)) }
        for _ in 0..<30 { meter.delivered(report(.parked, at: begin)) }
        let cut = try #require(meter.cut())
        #expect(cut.events.filter { $0.urgency == .failed }.count == 30)
        #expect(cut.events.filter { $0.urgency == .late }.count == 20)
        #expect(cut.events.count == 50 && cut.unsampled == 520)
        #expect(cut.rows.map(\.count.count) == [570])
        #expect(cut.rows.map(\.count.failed) == [30] && cut.rows.map(\.count.late) == [70])
    }

    @Test func `what is ordinary is chosen evenly`() {
        var sample = LiveSample(limit: 50)
        let random = SeededRandom(seed: 3)
        let all = (0..<1000).map { LiveEvent(envelope(at: Timestamp(milliseconds: $0)), isFailure: false) }
        for event in all { sample.add(event, .ordinary, random) }
        let half = sample.events.filter { $0.at < Timestamp(milliseconds: 500) }.count
        #expect(sample.events.count == 50 && (10...40).contains(half))
        #expect(sample.events.map(\.at) == sample.events.map(\.at).sorted())
    }

    @Test func `reports of several processes become one`() throws {
        let other = LiveMeter(
            ChoreographyGraph([Participant<Int>]()), clock: clock, random: SeededRandom(seed: 2))
        for meter in [meter, other] {
            meter.begin()
            for _ in 0..<40 { meter.delivered(report(.applied, at: clock.now())) }
        }
        other.delivered(report(.refused, at: clock.now()))
        let reports = [try #require(meter.cut()), try #require(other.cut())]
        let whole = try #require(LiveReport.merged(reports, limit: 50))
        #expect(whole.rows.map(\.count.count) == [81])
        #expect(whole.events.count == 50 && whole.unsampled == 31)
        #expect(whole.events.contains { $0.urgency == .failed })
    }

    @Test func `says that a report was lost`() async throws {
        struct Away: LiveLog {
            func watch(for duration: Duration) async throws { throw SagaFault.unavailable("away") }
            func isWatched() async throws -> Bool { throw SagaFault.unavailable("away") }
            func append(_ report: LiveReport) async throws { throw SagaFault.unavailable("away") }
            func reports(behind place: LivePlace?) async throws -> [PlacedReport] {
                throw SagaFault.unavailable("away")
            }
        }
        meter.begin()
        await #expect(throws: SagaFault.self) { _ = try await LiveReporter(meter, to: Away(), clock: clock).poll() }
        #expect(meter.cut()?.isAfterLoss == true)
        #expect(meter.cut()?.isAfterLoss == false)
    }
}

@Suite struct `A view of what happens` {
    private let clock = ManualClock()
    private let log: LiveMemory
    private let view: LiveView

    init() {
        log = LiveMemory(clock: clock)
        view = LiveView(of: log, ChoreographyGraph([Participant<Int>]()), clock: clock)
    }

    private func append(_ count: Int = 1) {
        let meter = LiveMeter(
            ChoreographyGraph([Participant<Int>]()), clock: clock, random: SeededRandom(seed: 2))
        meter.begin()
        for _ in 0..<count { meter.delivered(report(.applied, at: clock.now())) }
        if let report = meter.cut() { log.append(report) }
    }

    @Test func `lets everybody go on from his place, and tells who missed something`() async throws {
        try await view.look()
        #expect(view.end == nil && log.isWatched())
        for _ in 0..<4 {
            clock.advance(by: .seconds(10))
            append()
            try await view.look()
        }
        let all = view.reports(behind: nil)
        // The first one is more than half a minute old.
        #expect(all.isGap == false && all.reports.count == 4)
        clock.advance(by: .seconds(10))
        try await view.look()
        let places = all.reports.map(\.place)
        #expect(view.reports(behind: nil).isGap)
        #expect(view.reports(behind: places[0]).isGap == false)
        #expect(view.reports(behind: places[1]).reports.map(\.place) == [places[2], places[3]])
        clock.advance(by: .seconds(11))
        try await view.look()
        #expect(view.reports(behind: places[0]).isGap)
        #expect(view.reports(behind: places[3]).isGap == false)
        #expect(view.reports(behind: LivePlace(milliseconds: 1, sequence: 0)).isGap)
        #expect(view.reports(behind: LivePlace(milliseconds: 999_999_999_999_999, sequence: 0)).isGap)
    }

    @Test func `is no larger for many reports`() async throws {
        for _ in 0..<3 {
            for _ in 0..<400 { append() }
            clock.advance(by: .milliseconds(250))
            try await view.look()
        }
        #expect(view.reports(behind: nil).reports.count == LiveView.most)
        #expect(view.reports(behind: nil).isGap)
    }

    @Test func `forgets what was reported before a time in which nobody watched`() async throws {
        try await view.look()
        append()
        clock.advance(by: .seconds(1))
        try await view.look()
        let place = view.end
        clock.advance(by: .seconds(41))
        try await view.look()
        #expect(view.end == nil)
        #expect(view.reports(behind: place).isGap)
    }

    @Test func `another view goes on where one was left`() async throws {
        try await view.look()
        append()
        append()
        clock.advance(by: .seconds(1))
        try await view.look()
        let first = try #require(view.reports(behind: nil).reports.first?.place)
        let other = LiveView(of: log, ChoreographyGraph([Participant<Int>]()), clock: clock)
        clock.advance(by: .seconds(10))
        try await other.look()
        let found = other.reports(behind: first)
        #expect(found.reports.count == 1 && !found.isGap)
        // One that looked a moment before somebody else read on.
        append()
        let third = LiveView(of: log, ChoreographyGraph([Participant<Int>]()), clock: clock)
        try await third.look()
        let newest = try #require(third.end)
        clock.advance(by: .milliseconds(100))
        try await other.look()
        let early = other.reports(behind: newest)
        #expect(early.reports.isEmpty && !early.isGap)
        append()
        clock.advance(by: .seconds(1))
        try await other.look()
        let late = other.reports(behind: newest)
        #expect(late.reports.count == 1 && !late.isGap)
    }

    @Test func `rates are those of the last ten seconds, or of the time that was watched`() async throws {
        try await view.look()
        #expect(view.rates().covered == .zero && view.rates().rows.isEmpty)
        clock.advance(by: .seconds(4))
        append(8)
        try await view.look()
        #expect(view.rates().covered == .seconds(4))
        #expect(view.rates().rows.map(\.count.count) == [8])
        clock.advance(by: .seconds(9))
        append(2)
        try await view.look()
        #expect(view.rates().covered == .seconds(10))
        #expect(view.rates().rows.map(\.count.count) == [10])
        clock.advance(by: .seconds(2))
        try await view.look()
        #expect(view.rates().rows.map(\.count.count) == [2])
    }
}
