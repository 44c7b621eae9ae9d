import Testing

@testable import RedisStreamsAdapter

@Suite struct GenerationTests {
    private static let layout = StreamLayout(subscriptions, .inTests(partitions: 2))

    private func generation(
        id: String = "a1", partitions: String = "2", runID: String = "0123456789abcdef", role: String = "master",
        replication: String = "fedcba9876543210", failing: Bool = false
    ) throws -> String {
        let made: RedisReply = failing ? .error("OOM command not allowed") : .integer(0)
        return try Generation.read(
            [
                made, made, .array([.text(id), .text(partitions)]),
                .text("# Replication\r\nrole:\(role)\r\nmaster_replid:\(replication)\r\n"),
            ], runID: runID, Self.layout, RedisEndpoint())
    }

    @Test func `another id, life of the server or primary is another generation each`() throws {
        let generations = [
            try generation(), try generation(id: "a2"), try generation(runID: "1123456789abcdef"),
            try generation(replication: "0edcba9876543210"),
        ]
        #expect(Set(generations).count == 4)
        #expect(try generation() == "a1-0123456789ab-fedcba987654")
        #expect(try generation(failing: true) == generation())
    }

    @Test func `a replica is refused`() throws {
        let error = try #require(throws: RedisAdapterError.self) { try generation(role: "slave") }
        #expect(error.description.contains("is a replica"))
    }

    @Test func `an answer without a generation is no generation`() throws {
        let replies: [RedisReply] = [.error("OOM"), .error("OOM"), .array([.null, .null]), .text("role:master")]
        let error = try #require(throws: RedisAdapterError.self) {
            try Generation.read(replies[...], runID: "r", Self.layout, RedisEndpoint())
        }
        #expect(error.code == .failed)
    }
}
