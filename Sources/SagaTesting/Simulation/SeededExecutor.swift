import Synchronization

/// Runs tasks on the thread that asks for it, one job at a time; a seed says which of the ready ones is next.
final class SeededExecutor: TaskExecutor {
    private struct Ready {
        var jobs: [UnownedJob] = []
        /// Tasks that gave way: each becomes a job when its turn comes.
        var yields: [UnsafeContinuation<Void, Never>] = []
    }

    private let ready = Mutex(Ready())
    private let random: SeededRandom

    init(random: SeededRandom) { self.random = random }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        ready.withLock { $0.jobs.append(job) }
    }

    /// Suspends the calling task until its turn comes again.
    func yield() async {
        await withUnsafeContinuation { continuation in ready.withLock { $0.yields.append(continuation) } }
    }

    /// Runs one job up to its next suspension.
    ///
    /// - Returns: the number that was drawn, for the trace; `nil` if nothing is ready.
    func runNext() -> Int? {
        let (choice, job, yielded) = ready.withLock { ready -> (Int?, UnownedJob?, UnsafeContinuation<Void, Never>?) in
            let count = ready.jobs.count + ready.yields.count
            guard count > 0 else { return (nil, nil, nil) }
            let choice = count == 1 ? 0 : random.below(count)
            if choice < ready.jobs.count { return (choice, ready.jobs.takeAndFill(choice), nil) }
            return (choice, nil, ready.yields.takeAndFill(choice - ready.jobs.count))
        }
        yielded?.resume()
        job?.runSynchronously(on: asUnownedTaskExecutor())
        return choice
    }
}

extension Array {
    /// Removes an element; the last one takes its place.
    fileprivate mutating func takeAndFill(_ index: Int) -> Element {
        swapAt(index, count - 1)
        return removeLast()
    }
}
