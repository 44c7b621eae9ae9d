import PurchaseContracts
import SQLCore
import SagaChoreography

/// Issues to everyone. What a batch did and how far it has come are written in one transaction, so a job goes on where it
/// was, whatever happened.
struct IssueJobStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func job(_ id: IssueJobID) throws -> IssueJob? {
        try transaction.first("SELECT * FROM coupons_issue_jobs WHERE id = \(id)").map(IssueJob.init(row:))
    }

    /// The one that is running for a coupon; there is at most one.
    func running(for coupon: CouponID) throws -> IssueJob? {
        try transaction.first(
            "SELECT * FROM coupons_issue_jobs WHERE coupon_id = \(coupon) AND state = 'RUNNING'"
        ).map(IssueJob.init(row:))
    }

    /// The oldest one that is running.
    func nextRunning() throws -> IssueJob? {
        try transaction.first("SELECT * FROM coupons_issue_jobs WHERE state = 'RUNNING' ORDER BY id LIMIT 1")
            .map(IssueJob.init(row:))
    }

    func insert(_ id: IssueJobID, for coupon: CouponID, by actor: UserID, at now: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO coupons_issue_jobs (id, coupon_id, state, requested_by, started_at, updated_at)
            VALUES (\(id), \(coupon), 'RUNNING', \(actor), \(now.milliseconds), \(now.milliseconds))
            """)
    }

    func setTotal(_ id: IssueJobID, _ total: Int64, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE coupons_issue_jobs SET total = \(total), updated_at = \(now.milliseconds)
            WHERE id = \(id) AND total IS NULL
            """)
    }

    /// Moves a job on from where it was read.
    ///
    /// - Returns: `false` if it is no longer there: another process was first.
    func advance(_ job: IssueJob, to position: UserID, issued: Int, alreadyClaimed: Int, at now: Timestamp) throws
        -> Bool
    {
        let isThere: SQLStatement
        if let last = job.position {
            isThere = """
                UPDATE coupons_issue_jobs
                SET position = \(position), issued = issued + \(issued),
                    already_claimed = already_claimed + \(alreadyClaimed), updated_at = \(now.milliseconds)
                WHERE id = \(job.id) AND state = 'RUNNING' AND position = \(last)
                """
        } else {
            isThere = """
                UPDATE coupons_issue_jobs
                SET position = \(position), issued = issued + \(issued),
                    already_claimed = already_claimed + \(alreadyClaimed), updated_at = \(now.milliseconds)
                WHERE id = \(job.id) AND state = 'RUNNING' AND position IS NULL
                """
        }
        return try transaction.changesOne(isThere)
    }

    /// - Returns: `false` if it had ended before.
    func end(_ id: IssueJobID, as state: IssueJobState, because refusal: RefusalCode? = nil, at now: Timestamp) throws
        -> Bool
    {
        try transaction.changesOne(
            """
            UPDATE coupons_issue_jobs
            SET state = \(state.rawValue), refusal = \(refusal?.rawValue), updated_at = \(now.milliseconds),
                ended_at = \(now.milliseconds)
            WHERE id = \(id) AND state = 'RUNNING'
            """)
    }
}

extension IssueJob {
    init(row: SQLRow) throws {
        self.init(
            id: IssueJobID(try row.uuid("id")), couponID: CouponID(try row.uuid("coupon_id")),
            state: try row.value("state", as: IssueJobState.self),
            refusal: try row.isNull("refusal") ? nil : try row.value("refusal", as: RefusalCode.self),
            total: try row.optionalInt64("total"), issued: try row.int64("issued"),
            alreadyClaimed: try row.int64("already_claimed"),
            position: try row.optionalUUID("position").map(UserID.init),
            requestedBy: UserID(try row.uuid("requested_by")),
            startedAt: Timestamp(milliseconds: try row.int64("started_at")),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")),
            endedAt: try row.optionalInt64("ended_at").map(Timestamp.init(milliseconds:)))
    }
}
