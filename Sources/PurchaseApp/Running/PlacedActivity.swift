import SQLCore
import SagaChoreography

/// An activity, and the database that it works on: a lease on it is worth something only there.
public struct PlacedActivity: Sendable {
    public let activity: any Activity
    public let database: any SQLDatabase

    init(_ activity: any Activity, on database: any SQLDatabase) {
        self.activity = activity
        self.database = database
    }

    /// The service whose activity it is, by its name.
    static func owner(of activity: any Activity) -> ServiceID { ServiceID(String(activity.name.prefix { $0 != "." })) }
}
