import FoundationEssentials
import Journeys
import PurchaseContracts
import SagaChoreography

/// Writes an order's events out as they come, as server-sent events, and what they come to. While it waits it holds nothing: a slow
/// reader holds up himself alone.
struct JourneyStream: Sendable {
    /// How long it waits between two looks at the order's rows.
    static let interval = Duration.seconds(1)
    /// After so long without an event it says that it is still there.
    static let heartbeat = Duration.seconds(15)
    /// After so long without a change it looks whether something is late.
    static let judged = Duration.seconds(5)
    /// A line that readers skip.
    private static let comment = Array(":\n\n".utf8)

    let api: APIDependencies
    let order: OrderID
    let language: Language
    let isForOperators: Bool
    /// Whether somebody reads it who may; asked at each look.
    let isWanted: @Sendable () -> Bool

    private struct Told {
        var seen: SeenSteps
        var mark: JourneyMark?
        var verdict: JourneyVerdict?
        var lookedAt: Timestamp
        var spokeAt: Timestamp
    }

    /// Returns when the order is over and all is told, nobody wants it any more, or the process is to end.
    ///
    /// - Parameters:
    ///   - seen: what the reader has.
    ///   - send: takes one part after the other.
    /// - Throws: ``SQLError``; what `send` throws.
    func write(beyond seen: SeenSteps, _ send: ([UInt8]) async throws -> Void) async throws {
        // So that the reader knows that it is open.
        try await send(Self.comment)
        let now = api.clock.now()
        var told = Told(seen: seen, lookedAt: now, spokeAt: now)
        while isWanted(), !api.serving.isEnding() {
            let mark = try await api.journeys.mark(of: order)
            let now = api.clock.now()
            if mark != told.mark || now - told.lookedAt >= Self.judged {
                told.mark = mark
                told.lookedAt = now
                if try await tell(&told, send) { return }
            }
            if now - told.spokeAt >= Self.heartbeat {
                try await send(Self.comment)
                told.spokeAt = now
            }
            do {
                try await api.serving.untilEnd { [pause = api.pause] in try await pause(Self.interval) }
            } catch is CancellationError { return }
        }
    }

    /// Sends what is new.
    ///
    /// - Returns: whether the order is over.
    private func tell(_ told: inout Told, _ send: ([UInt8]) async throws -> Void) async throws -> Bool {
        guard let journey = try await api.journeys.journey(of: order) else { return true }
        var text: [UInt8] = []
        for step in journey.steps where !told.seen.has(step) {
            told.seen.add(step)
            text += try event("step", StepBody(step), id: told.seen.text)
        }
        // How long it has waited is no news.
        if told.verdict?.withoutAge != journey.verdict.withoutAge {
            told.verdict = journey.verdict
            let body = VerdictBody(
                journey.verdict, of: order.description, in: language, isForOperators: isForOperators)
            text += try event("verdict", body, id: nil)
        }
        let isOver = journey.verdict.code == .settled
        if isOver { text += Array("event: end\ndata: {}\n\n".utf8) }
        guard !text.isEmpty else { return false }
        try await send(text)
        told.spokeAt = api.clock.now()
        return isOver
    }

    private func event(_ name: String, _ body: some Encodable, id: String?) throws -> [UInt8] {
        Array((id.map { "id: \($0)\n" } ?? "").utf8) + Array("event: \(name)\ndata: ".utf8)
            + Array(try JSONText.encode(body)) + Array("\n\n".utf8)
    }
}

/// An event of an order in a stream.
private struct StepBody: Encodable {
    let id: String?
    let type: String
    let service: String
    let time: String?
    /// The id of the event that it followed from.
    let cause: String?

    init(_ step: JourneyStep) {
        id = step.event.id?.uuidString.lowercased()
        type = step.event.type.name
        service = step.service.name
        time = step.event.time?.description
        cause = step.cause?.uuidString.lowercased()
    }
}

extension JourneyVerdict {
    fileprivate var withoutAge: JourneyVerdict { without(.age) }
}
