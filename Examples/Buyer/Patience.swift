/// How long to wait before asking again: longer each time, never at the same time as everybody else, and not for ever.
struct Patience {
    private static let longest = Duration.seconds(5)
    private var next = Duration.milliseconds(200)
    private var left = Duration.seconds(300)

    /// - Parameter seconds: what the server asks for.
    /// - Throws: ``NobodyAnswers`` when it is over; `CancellationError`.
    mutating func wait(atLeast seconds: Int64? = nil) async throws {
        guard left > .zero else { throw NobodyAnswers() }
        let pause = max(.seconds(seconds ?? 0), next * Double.random(in: 0.5...1))
        left -= pause
        next = min(next * 2, Self.longest)
        try await Task.sleep(for: pause)
    }
}

/// Nobody answered for five minutes.
struct NobodyAnswers: Error {}
