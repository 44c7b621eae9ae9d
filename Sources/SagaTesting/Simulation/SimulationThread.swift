import Foundation

/// Where simulations run: a thread of their own, because they run other tasks' jobs on the thread that they are called on, which
/// must not be in the middle of a task itself.
public enum SimulationThread {
    /// Runs `body` on a new thread and waits for it.
    ///
    /// - Throws: what `body` throws.
    public static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
            thread.name = "simulation"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
