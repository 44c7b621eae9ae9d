import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// One batch of an issue to everyone: copies, their count, the job's position and one event commit together.
struct IssueBatch: Command {
    static let id: ReactionID = "coupons.issue-batch"

    /// As it was read when `users` were looked up.
    let job: IssueJob
    /// The next users behind the job's position, ascending; none if there are no more.
    let users: [UserID]

    func execute(in step: SQLStep) throws -> Decision<Void, IssueNotice> {
        let jobs = IssueJobStore(step.transaction)
        // The coupon's row first, as whoever issues copies does.
        guard let coupon = try CouponStore(step.transaction).locked(job.couponID) else {
            throw SQLError(.shape, "coupons_issue_jobs: its coupon is not there")
        }
        guard let now = try jobs.job(job.id), now.state == .running, now.position == job.position else {
            return Decision(())
        }
        guard !users.isEmpty else {
            try end(.completed, in: step)
            return Decision(())
        }
        if let refusal = coupon.refusalToIssue(at: step.now), refusal.code != .couponOutOfStock {
            try end(.stopped, because: refusal.code, in: step)
            return Decision(())
        }
        let issue = try CouponIssuing(step).issue(coupon, toAll: users, .everyone)
        // Where the coupon ran out, the job stands behind the last user it had an answer for.
        let unserved = Set(issue.unserved)
        let handled = users.prefix { !unserved.contains($0) }
        if let last = handled.last {
            let owners = handled.count { issue.owners.contains($0) }
            guard
                try jobs.advance(job, to: last, issued: issue.copies.count, alreadyClaimed: owners, at: step.now)
            else { throw SQLError(.busy, "coupons_issue_jobs: another process was first") }
        }
        if !unserved.isEmpty { try end(.outOfStock, in: step) }
        return Decision((), emits: issue.notice)
    }

    private func end(_ state: IssueJobState, because refusal: RefusalCode? = nil, in step: SQLStep) throws {
        let jobs = IssueJobStore(step.transaction)
        guard try jobs.end(job.id, as: state, because: refusal, at: step.now), let ended = try jobs.job(job.id) else {
            return
        }
        try AuditLog.write(
            AuditRecord(
                service: CouponsParticipant.service, action: "coupons.issue-to-everyone-ended", resource: "coupon",
                resourceID: "\(job.couponID)", actor: job.requestedBy.uuid,
                status: state == .completed ? .success : .failed,
                details: [
                    "job": "\(job.id)", "state": state.rawValue, "refusal": refusal?.rawValue ?? "",
                    "issued": "\(ended.issued)", "alreadyClaimed": "\(ended.alreadyClaimed)",
                ]), in: step)
    }
}
