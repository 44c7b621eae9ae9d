import Synchronization

/// Lets calls that come at the same time be worked on together, as a database groups commits: whoever comes first works for all
/// that wait when he begins, then hands over to the next. A lone call is worked on at once.
public final class CallBatcher<Input: Sendable, Output: Sendable>: Sendable {
    /// One result for each input, in order.
    public typealias Work = @Sendable ([Input]) async -> [Result<Output, any Error>]

    private enum Turn {
        case lead
        case answered(Result<Output, any Error>)
    }

    private struct Waiting {
        let input: Input
        let continuation: CheckedContinuation<Turn, Never>
    }

    private struct State {
        var hasLeader = false
        var waiting: [Waiting] = []
    }

    private let limit: Int
    private let work: Work
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: how many calls are worked on together at most.
    ///   - work: does it; gives one result for each input, in order.
    public init(limit: Int, work: @escaping Work) {
        self.limit = limit
        self.work = work
    }

    /// Has the input worked on, alone or with others.
    ///
    /// - Throws: the input's own error.
    public func run(_ input: Input) async throws -> Output {
        let turn = await withCheckedContinuation { continuation in
            let leads = state.withLock { state in
                if state.hasLeader {
                    state.waiting.append(Waiting(input: input, continuation: continuation))
                    return false
                }
                state.hasLeader = true
                return true
            }
            if leads { continuation.resume(returning: .lead) }
        }
        switch turn {
        case .answered(let result): return try result.get()
        case .lead: return try await lead(input)
        }
    }

    private func lead(_ own: Input) async throws -> Output {
        let followers = state.withLock { state in
            let followers = Array(state.waiting.prefix(limit - 1))
            state.waiting.removeFirst(followers.count)
            return followers
        }
        let results = await work([own] + followers.map { $0.input })
        precondition(results.count == followers.count + 1, "\(results.count) results for \(followers.count + 1) calls")
        for (follower, result) in zip(followers, results.dropFirst()) {
            follower.continuation.resume(returning: .answered(result))
        }
        let next = state.withLock { state in
            state.hasLeader = !state.waiting.isEmpty
            return state.hasLeader ? state.waiting.removeFirst() : nil
        }
        next?.continuation.resume(returning: .lead)
        return try results[0].get()
    }
}
