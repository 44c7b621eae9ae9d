import FoundationEssentials
import SagaChoreography
import SagaTesting
import TestServers
import Testing

@testable import RedisStreamsAdapter

@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct BoardTests {
    @Test func `notes are read in order from any place by anybody, and the oldest ones go`() async throws {
        try await withTransport { server, transport in
            let board = RedisBoard("live", of: transport, most: 150, lifetime: .seconds(60))
            #expect(try await board.notes(behind: nil).isEmpty)
            for number in 0..<200 { try await board.add(Data("\(number)".utf8)) }
            let other = server.transport()
            let notes = try await RedisBoard("live", of: other, most: 150, lifetime: .seconds(60)).notes(behind: nil)
            #expect(notes.map { String(decoding: $0.content, as: UTF8.self) } == (50..<200).map(String.init))
            let place = notes[147]
            #expect(try await board.notes(behind: (place.milliseconds, place.sequence)) == Array(notes[148...]))
            #expect(try Int(server.call("PTTL", "test:live")) ?? 0 > 0)
            // It is no stream of events.
            _ = try await StreamTrimmer(transport, clock: ManualClock()).poll()
            #expect(try await board.notes(behind: nil).count == 150)
            await other.close()
        }
    }

    @Test func `a mark is there for a while`() async throws {
        try await withTransport { server, transport in
            let board = RedisBoard("live", of: transport, most: 10, lifetime: .seconds(60))
            #expect(try await board.isMarked() == false)
            try await board.mark(for: .seconds(60))
            #expect(try await board.isMarked())
            #expect(try (1...60_000).contains(Int(server.call("PTTL", "test:live:read")) ?? 0))
        }
    }
}
