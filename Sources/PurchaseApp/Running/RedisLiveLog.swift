import Foundation
import Journeys
import RedisStreamsAdapter
import SagaChoreography

/// The log of processes that share a Redis. Places are ids of entries there, so any process may go on where another one was left.
package struct RedisLiveLog: LiveLog {
    private let board: RedisBoard

    /// How many reports are kept: half a minute of four processes, some megabytes at the very most.
    private static let most = 512

    package init(_ transport: RedisStreamsTransport) {
        board = RedisBoard("live", of: transport, most: Self.most, lifetime: .seconds(60))
    }

    package func watch(for duration: Duration) async throws { try await board.mark(for: duration) }

    package func isWatched() async throws -> Bool { try await board.isMarked() }

    package func append(_ report: LiveReport) async throws { try await board.add(JSONEncoder().encode(report)) }

    package func reports(behind place: LivePlace?) async throws -> [PlacedReport] {
        let decoder = JSONDecoder()
        return try await board.notes(behind: place.map { ($0.milliseconds, $0.sequence) }).map { note in
            let place = LivePlace(milliseconds: note.milliseconds, sequence: note.sequence)
            do {
                return PlacedReport(place: place, report: try decoder.decode(LiveReport.self, from: note.content))
            } catch is DecodingError {
                // A process of another version: what it saw is not shown, and that is said.
                return PlacedReport(place: place, report: .unreadable(at: place))
            }
        }
    }
}

extension LiveReport {
    fileprivate static func unreadable(at place: LivePlace) -> LiveReport {
        let time = Timestamp(milliseconds: Int64(clamping: place.milliseconds))
        return LiveReport(since: time, at: time, rows: [], events: [], unsampled: 0, isAfterLoss: true)
    }
}
