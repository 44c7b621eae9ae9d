import FoundationEssentials
import Journeys
import SagaChoreography

/// Writes out what the whole system does, as server-sent events, four times a second. It holds a place in a list that all share: a slow
/// reader holds up himself alone, and is told what he missed.
struct LiveStream: Sendable {
    /// After so long without anything to say it says that it is still there.
    static let heartbeat = Duration.seconds(15)
    /// Whoever is behind gets so much in one event, as long as it lasts.
    private static let longest = Duration.seconds(1)
    /// A line that readers skip.
    private static let comment = Array(":\n\n".utf8)

    let view: LiveView
    let clock: any SagaClock
    let serving: Serving
    /// Lets time pass.
    let pause: @Sendable (Duration) async throws -> Void
    /// Whether somebody reads it who may; asked at each look.
    let isWanted: @Sendable () -> Bool

    private struct Place {
        /// Whether it is known where to begin.
        var isKnown: Bool
        var last: LivePlace?
        var isSourceAway = false
        var spokeAt: Timestamp
    }

    /// Returns when it is not wanted any more, or the process is to end.
    ///
    /// - Parameters:
    ///   - asked: behind which place to begin; `nil`: with what comes next.
    ///   - send: takes one part after the other.
    /// - Throws: what `send` throws.
    func write(behind asked: LivePlace?, _ send: ([UInt8]) async throws -> Void) async throws {
        // So that the reader knows that it is open.
        try await send(Self.comment)
        var place = Place(isKnown: asked != nil, last: asked, spokeAt: clock.now())
        while isWanted(), !serving.isEnding() {
            do {
                try await tell(&place, send)
                try await serving.untilEnd { [pause] in try await pause(LiveMeter.interval) }
            } catch is CancellationError { return }
        }
    }

    private func tell(_ place: inout Place, _ send: ([UInt8]) async throws -> Void) async throws {
        var text = try await look(&place) ? news(&place) : awayNews(&place)
        if text.isEmpty, clock.now() - place.spokeAt >= Self.heartbeat { text = Self.comment }
        guard !text.isEmpty else { return }
        try await send(text)
        place.spokeAt = clock.now()
    }

    /// - Returns: `false` if what there is cannot be read.
    private func look(_ place: inout Place) async throws -> Bool {
        do { try await view.look() } catch is SagaFault { return false }
        if !place.isKnown { (place.isKnown, place.last) = (true, view.end) }
        return true
    }

    private func awayNews(_ place: inout Place) throws -> [UInt8] {
        guard !place.isSourceAway else { return [] }
        place.isSourceAway = true
        return try gap(.sourceAway)
    }

    private func news(_ place: inout Place) throws -> [UInt8] {
        place.isSourceAway = false
        let found = view.reports(behind: place.last)
        var text = found.isGap ? try gap(.behind) : []
        var rest = found.reports[...]
        while let first = rest.first {
            let part = rest.prefix { $0.report.at - first.report.at < Self.longest }
            rest = rest.dropFirst(part.count)
            text += try window(part)
        }
        // Whatever the place was, it is not asked for again.
        if found.isGap || !found.reports.isEmpty { place.last = found.reports.last?.place ?? view.end }
        return text
    }

    private func window(_ part: ArraySlice<PlacedReport>) throws -> [UInt8] {
        let reports = part.map(\.report)
        guard let first = reports.first, let last = part.last else { return [] }
        let span = (reports.map(\.at).max() ?? first.at) - first.at
        // 200 events a second, of what is sent at once as of what is sent as it comes.
        let quarters = max(1, Int(span / LiveMeter.interval))
        guard let whole = LiveReport.merged(reports, limit: LiveMeter.eventsAReport * quarters) else { return [] }
        return try (whole.isAfterLoss ? gap(.sourceAway) : [])
            + event("window", LiveWindowBody(whole), id: last.place)
    }

    private func gap(_ reason: LiveGapBody.Reason) throws -> [UInt8] {
        try event("gap", LiveGapBody(reason, at: clock.now()), id: nil)
    }

    private func event(_ name: String, _ body: some Encodable, id: LivePlace?) throws -> [UInt8] {
        Array((id.map { "id: \($0)\n" } ?? "").utf8) + Array("event: \(name)\ndata: ".utf8)
            + Array(try JSONText.encode(body)) + Array("\n\n".utf8)
    }
}
