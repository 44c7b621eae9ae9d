import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Gives coupons to everyone, a batch a call. It remembers nothing itself: after a crash the job's row says where to go on,
/// and as a batch commits whole or not at all, nobody is left out and nobody served twice.
public struct IssueWorker: Activity {
    public let name = "coupons.issue-worker"
    /// Nothing: the start of a job is no event.
    public var wakesOn: Set<EventType> { [] }

    /// How long a new job waits at most.
    static let interval = Duration.seconds(1)

    private let context: ServiceContext
    private let directory: any UserDirectory
    private let batch: Int

    /// - Parameters:
    ///   - directory: who there is.
    ///   - batch: how many users one transaction serves.
    public init(_ context: ServiceContext, directory: any UserDirectory, batch: Int = 500) {
        self.context = context
        self.directory = directory
        self.batch = batch
    }

    public func poll() async throws -> Progress {
        guard let job = try await context.database.read({ try IssueJobStore($0).nextRunning() }) else {
            return .idle(wakeAt: context.clock.now() + Self.interval)
        }
        if job.total == nil {
            let total = try await directory.activeUserCount(createdUntil: job.startedAt)
            try await context.commands.run(CountIssueJob(job: job.id, total: total))
        }
        let users = try await directory.activeUsers(
            after: job.position, createdUntil: job.startedAt, limit: batch)
        try await context.commands.run(IssueBatch(job: job, users: users))
        return .worked
    }
}
