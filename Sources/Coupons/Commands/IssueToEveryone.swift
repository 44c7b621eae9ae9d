import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Begins to give a coupon to everyone; ``IssueWorker`` does it. If that is under way already, it is answered as it is, so
/// that a client that asks twice starts one.
public struct IssueToEveryone: Command {
    public static let id: ReactionID = "coupons.issue-to-everyone"

    public let coupon: CouponID
    public let actor: UserID

    public init(coupon: CouponID, actor: UserID) {
        self.coupon = coupon
        self.actor = actor
    }

    /// - Throws: ``CouponsRefusal`` `.refused` (not found, inactive, expired, out of stock).
    public func execute(in step: SQLStep) throws -> Decision<IssueJob, Never> {
        guard let found = try CouponStore(step.transaction).locked(coupon) else {
            throw CouponsRefusal(.couponNotFound)
        }
        let jobs = IssueJobStore(step.transaction)
        if let running = try jobs.running(for: coupon) { return Decision(running) }
        if let refusal = found.refusalToIssue(at: step.now) { throw CouponsRefusal.refused(refusal) }
        let id = IssueJobID(step.ids.next())
        try jobs.insert(id, for: coupon, by: actor, at: step.now)
        guard let job = try jobs.job(id) else { throw SQLError(.shape, "coupons_issue_jobs: the new row is not there") }
        try AuditLog.write(
            AuditRecord(
                service: CouponsParticipant.service, action: "coupons.issue-to-everyone-started", resource: "coupon",
                resourceID: "\(coupon)", actor: actor.uuid, details: ["job": "\(id)"]), in: step)
        return Decision(job)
    }
}

/// Notes how many users a job is for.
struct CountIssueJob: Command {
    static let id: ReactionID = "coupons.count-issue-job"

    let job: IssueJobID
    let total: Int64

    func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        try IssueJobStore(step.transaction).setTotal(job, total, at: step.now)
        return Decision(())
    }
}
