/// Waits for a task, but not beyond a limit. The task itself goes on: what waits for a server cannot be ended.
///
/// - Returns: `nil` if it takes longer.
func result<Value: Sendable>(
    of task: Task<Value, any Error>, within limit: Duration
) async -> Result<Value, any Error>? {
    let (results, continuation) = AsyncStream<Result<Value, any Error>?>.makeStream()
    Task { continuation.yield(await task.result) }
    let timer = Task {
        do { try await Task.sleep(for: limit) } catch { return }  // cancelled: the task was first
        continuation.yield(nil)
    }
    defer { timer.cancel() }
    for await result in results { return result }
    return nil
}
