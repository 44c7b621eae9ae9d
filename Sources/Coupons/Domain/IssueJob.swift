import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// What identifies an issue to everyone.
public struct IssueJobID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// An issue of a coupon to everyone, and how far it has come.
///
/// Everyone is: each user whose account is active when his turn comes and was made before the job was. Who registers while
/// it runs is not among them (he may claim), so that the job ends however fast users come.
public struct IssueJob: Sendable, Hashable {
    public let id: IssueJobID
    public let couponID: CouponID
    public let state: IssueJobState
    /// Why it was stopped.
    public let refusal: RefusalCode?
    /// Users there were when it began; `nil` as long as they are not counted. Who is deactivated meanwhile counts here and
    /// gets nothing.
    public let total: Int64?
    public let issued: Int64
    /// Users who had a copy before.
    public let alreadyClaimed: Int64
    /// The last user handled, in the order of ids.
    public let position: UserID?
    public let requestedBy: UserID
    public let startedAt: Timestamp
    public let updatedAt: Timestamp
    public let endedAt: Timestamp?
}

/// What became of an issue to everyone.
public enum IssueJobState: String, Sendable, Codable, CaseIterable {
    case running = "RUNNING"
    case completed = "COMPLETED"
    /// The coupon ran out; those who came last have none.
    case outOfStock = "OUT_OF_STOCK"
    /// The coupon was switched off, or its time has passed.
    case stopped = "STOPPED"
}
