import FoundationEssentials
import HTTPTypes
import Journeys
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@testable import PurchaseAPI

/// A part of a stream of the whole system.
private struct Part {
    let id: String?
    let name: String
    let data: JSONValue

    static func all(of text: String) throws -> [Part] {
        try text.split(separator: "\n\n").filter { $0 != ":" }.map { part in
            let lines = part.split(separator: "\n")
            func value(_ name: String) -> Substring? {
                lines.first { $0.hasPrefix(name + ": ") }?.dropFirst(name.count + 2)
            }
            return Part(
                id: value("id").map(String.init), name: String(try #require(value("event"))),
                data: try StrictJSON.parse(Array(try #require(value("data")).utf8)))
        }
    }
}

/// A stream in this harness ends after ``Pace/patience``, as if the process ended.
@Suite struct `A stream of the whole system` {
    private static let lastEventID = HTTPField.Name("Last-Event-ID")!
    private static let path = "/admin/stream"

    private func order(_ api: APIHarness, _ data: APIHarness.TestData) -> @Sendable () async throws -> Void {
        { _ = try await api.send(.post, "/orders", token: data.userToken, data.order(1)) }
    }

    /// How often each type went to a consumer; `nil`: was emitted.
    private func counts(_ parts: [Part], to consumer: String?) throws -> [String: Int64] {
        try parts.filter { $0.name == "window" }.flatMap { try $0.data.array("edges") }
            .filter { (try? $0.text("consumer")) == consumer }
            .reduce(into: [:]) { try $0[$1.text("type"), default: 0] += $1.number("count") }
    }

    @Test func `tells what is emitted and handled, counted by edge`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let known = api.observer.envelopes.count
            for time in [3, 6] { api.after(.seconds(time), order(api, data)) }
            let answer = try await api.send(.get, Self.path, token: data.adminToken)
            #expect(answer.status == .ok && answer.headers[.contentType] == "text/event-stream")
            let parts = try Part.all(of: answer.body)
            #expect(parts.allSatisfy { $0.name == "window" && $0.id != nil })
            let emitted = try counts(parts, to: nil)
            let expected: [String: Int64] = api.observer.envelopes[known...]
                .reduce(into: [:]) { $0[$1.type.name, default: 0] += 1 }
            #expect(emitted == expected && emitted["order.completed"] == 2)
            #expect(try counts(parts, to: "inventory")["payment.reserved"] == 2)
            for window in parts {
                let events = try window.data.array("events")
                let sum = try window.data.array("edges").reduce(0) { try $0 + $1.number("count") }
                #expect((1...50).contains(events.count))
                #expect(try sum == Int64(events.count) + window.data.number("unsampled"))
            }
        }
    }

    @Test func `a reader that comes back at once misses nothing and gets nothing twice`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let first = try await api.token(UserID(UUID()), [.admin])
            // Each begins when the one before has been answered.
            for time in [3, 4, 5] { api.after(.seconds(time), order(api, data)) }
            api.after(.seconds(6)) { _ = try await api.send(.post, "/auth/logout", token: first) }
            let parts = try Part.all(of: try await api.send(.get, Self.path, token: first).body)
            let ids = parts.compactMap(\.id)
            try #require(ids.count > 2)
            let answer = try await api.send(
                .get, Self.path, token: data.adminToken, headers: [Self.lastEventID: ids[0]])
            let rest = try Part.all(of: answer.body)
            #expect(rest.allSatisfy { $0.name == "window" })
            for consumer in [nil, "inventory", "orders"] {
                #expect(try counts(rest, to: consumer) == counts(Array(parts.dropFirst()), to: consumer))
            }
        }
    }

    @Test func `what nobody knows any more is a gap`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .get, Self.path, token: data.adminToken, headers: [Self.lastEventID: "1-0"])
            let parts = try Part.all(of: answer.body)
            #expect(try parts.first?.name == "gap" && parts.first?.data.text("reason") == "behind")
            #expect(parts.filter { $0.name == "gap" }.count == 1)
        }
    }

    @Test(arguments: ["", "x", "1", "-1", "1-", "1-x", "1-2-3", "9999999999999999-0"])
    func `refuses what is no window's id`(id: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(
                .get, Self.path, token: try await api.token(UserID(UUID()), [.admin]), headers: [Self.lastEventID: id])
            #expect(answer.status == .badRequest && answer.code == "request.malformed-cursor")
        }
    }

    @Test func `says every 15 seconds that it is still there`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let answer = try await api.send(.get, Self.path, token: data.adminToken)
            #expect(answer.body == String(repeating: ":\n\n", count: 3))
        }
    }

    @Test func `ends when the role of its reader is taken away`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            let login = #"{"name":"Mina","password":"correct horse"}"#
            let id = try await api.send(.post, "/auth/register", login).text("user", "id")
            let roles: @Sendable (String) async throws -> Void = { roles in
                let answer = try await api.send(
                    .patch, "/admin/users/\(id)", token: data.adminToken, #"{"roles":["\#(roles)"]}"#)
                #expect(answer.status == .ok)
            }
            try await roles("admin")
            let token = try await api.send(.post, "/auth/login", login).text("token")
            let begin = api.clock.now()
            api.after(.seconds(20)) { try await roles("user") }
            #expect(try await api.send(.get, Self.path, token: token).status == .ok)
            #expect(api.clock.now() - begin < .seconds(22))
            #expect(try await api.send(.get, Self.path, token: token).status == .unauthorized)
        }
    }

    @Test func `is one of so many`() async throws {
        let one: (inout APISettings) -> Void = { $0.liveStreams = 1 }
        try await APIHarness.run(change: one) { api in
            let data = try await api.testData()
            api.after(.seconds(3)) {
                let other = try await api.send(.get, Self.path, token: data.adminToken)
                #expect(other.status == .serviceUnavailable && other.headers[.retryAfter] == "10")
            }
            for _ in 0..<2 { #expect(try await api.send(.get, Self.path, token: data.adminToken).status == .ok) }
        }
    }

    @Test func `rates have every edge of the choreography, and what went it`() async throws {
        try await APIHarness.run(isLive: true) { api in
            let data = try await api.testData()
            let path = Self.path + "/rates"
            let first = try await api.send(.get, path, token: data.adminToken)
            #expect(try first.array("rates").allSatisfy { try $0.number("count") == 0 })
            try await api.run(for: .seconds(2))
            try await order(api, data)()
            try await api.run(for: .seconds(3))
            let second = try await api.send(.get, path, token: data.adminToken)
            let rates = try second.array("rates")
            #expect(try rates.count == first.array("rates").count)
            var seen: [String] = []
            for rate in rates where try rate.text("type") == "order.created" {
                #expect(try rate.at(["perSecond"]) == .number("0.2"))
                seen.append("\((try? rate.text("consumer")) ?? "emitted"): \(try rate.number("count"))")
            }
            #expect(seen == ["emitted: 1", "users: 1"])
        }
    }
}

@Suite struct `A reader of the whole system` {
    /// Where nothing can be read for a while.
    private final class Flaky: LiveLog {
        let memory: LiveMemory
        let isAway = Mutex(false)
        init(_ memory: LiveMemory) { self.memory = memory }

        private func check() throws {
            if isAway.withLock({ $0 }) { throw SagaFault.unavailable("away") }
        }

        func watch(for duration: Duration) async throws {
            try check()
            memory.watch(for: duration)
        }

        func isWatched() async throws -> Bool {
            try check()
            return memory.isWatched()
        }

        func append(_ report: LiveReport) async throws {
            try check()
            memory.append(report)
        }

        func reports(behind place: LivePlace?) async throws -> [PlacedReport] {
            try check()
            return memory.reports(behind: place)
        }
    }

    private final class Countdown: Sendable {
        private let left: Mutex<Int>
        init(_ count: Int) { left = Mutex(count) }

        func goesOn() -> Bool {
            left.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    private let clock = ManualClock()
    private let log: Flaky
    private let view: LiveView

    init() {
        log = Flaky(LiveMemory(clock: clock))
        view = LiveView(of: log, ChoreographyGraph([Participant<Int>]()), clock: clock)
    }

    private func append() {
        log.memory.append(
            LiveReport(since: clock.now(), at: clock.now(), rows: [], events: [], unsampled: 1, isAfterLoss: false))
    }

    /// Reads for so many looks.
    private func read(_ looks: Int, _ send: (Int, [UInt8]) async throws -> Void) async throws -> [Part] {
        let left = Countdown(looks)
        let stream = LiveStream(
            view: view, clock: clock, serving: Serving(isEnding: { false }, untilEnd: { try await $0() }),
            pause: { time in
                clock.advance(by: time)
                append()
            },
            isWanted: { left.goesOn() })
        var (text, count) = ("", 0)
        try await stream.write(behind: nil) { bytes in
            text += String(decoding: bytes, as: UTF8.self)
            count += 1
            try await send(count, bytes)
        }
        return try Part.all(of: text)
    }

    @Test func `that is slow is told that he missed something, and holds nobody up`() async throws {
        let parts = try await read(12) { count, _ in
            guard count == 4 else { return }
            // While this part is on its way others look on for forty seconds.
            for _ in 0..<160 {
                clock.advance(by: .milliseconds(250))
                append()
                try await view.look()
            }
        }
        let gap = try #require(parts.firstIndex { $0.name == "gap" })
        #expect(gap == 3 && parts.filter { $0.name == "gap" }.count == 1)
        #expect(try parts[gap].data.text("reason") == "behind")
        // Half a minute is there, a second in each window; then it goes on as before.
        let unsampled = try parts[(gap + 1)...].map { try $0.data.number("unsampled") }
        #expect(unsampled.prefix(30).dropLast().allSatisfy { $0 == 4 } && unsampled.last == 1)
        #expect(Set(parts.compactMap(\.id)).count == parts.count - 1)
    }

    @Test func `is told once that nothing can be read, and goes on when it can`() async throws {
        let parts = try await read(20) { count, _ in
            if count == 3 { log.isAway.withLock { $0 = true } }
            // The gap itself.
            if count == 4 { log.isAway.withLock { $0 = false } }
        }
        #expect(parts.map(\.name).filter { $0 == "gap" }.count == 1)
        #expect(try parts[2].data.text("reason") == "source-away")
        #expect(parts.count > 15)
    }
}
