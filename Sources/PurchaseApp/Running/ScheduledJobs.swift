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
        _ placed: [PlacedActivity], of services: ServiceChoice, ids: any IDGenerator,
        clock: any SagaClock
    ) -> [any Activity] {
        let holder = ids.next()
        return placed.map { placed in
            let activity = placed.activity
            guard names.contains(activity.name) else { return activity }
            let lease = activity.name == "saga.outbox-pruner" ? "\(activity.name) of \(services.name)" : activity.name
            return LeasedActivity(activity, lease: lease, on: placed.database, holder: holder, clock: clock)
        }
    }
}
