import SagaTesting
import Testing

@Suite struct TutorialTests {
    /// The first seed in which something is broken, and what; `nil`: none in so many.
    private func firstFailure(in seeds: ClosedRange<UInt64>, isCareless: Bool) async throws -> (UInt64, String)? {
        try await SimulationThread.run {
            for seed in seeds {
                do {
                    try TicketOffice(seed: seed, isCareless: isCareless).run()
                } catch { return (seed, "\(error)") }
            }
            return nil
        }
    }

    @Test func `the ticket office stands a hundred seeds of everything going wrong`() async throws {
        let failure = try await firstFailure(in: 1...100, isCareless: false)
        #expect(failure == nil)
    }

    @Test func `the planted mistake is found, and its seed finds it again`() async throws {
        let found = try #require(try await firstFailure(in: 1...100, isCareless: true))
        #expect(found.1.hasPrefix("seats."))
        let again = try await firstFailure(in: found.0...found.0, isCareless: true)
        #expect(again?.1 == found.1)
    }
}
