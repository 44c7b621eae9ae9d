import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Jobs that one process at a time does for all of them.
enum ScheduledJobs {
    static let names: Set<String> = [
        "orders.deadline-worker", "orders.resync-worker", "coupons.issue-worker", "coupons.expiry-worker",
        "coupons.expiry-warning-worker", "users.access-pruner", "payments.gateway-event-pruner", "saga.outbox-pruner",
        "saga.outbox-adoption", "saga.stream-trimmer", "audit.change-recorder",
        "audit.retention-worker", "audit.store-feeder", "audit.log-relief",
    ]

    /// The same activities, those that are such jobs under a lease.
    ///
    /// - Parameter services: what this process does. Only processes that do the same prune the same.
    static func leased(
        _ activities: [any Activity], of services: ServiceChoice, on database: any SQLDatabase, ids: any IDGenerator,
        clock: any SagaClock
    ) -> [any Activity] {
        let holder = ids.next()
        return activities.map { activity in
            guard names.contains(activity.name) else { return activity }
            let lease = activity.name == "saga.outbox-pruner" ? "\(activity.name) of \(services.name)" : activity.name
            return LeasedActivity(activity, lease: lease, on: database, holder: holder, clock: clock)
        }
    }
}
