import FoundationEssentials
import Journeys
import SagaChoreography

/// The answer to GET /admin/stream/rates.
struct LiveRatesBody: Described {
    static let schema = Schema.object(
        "LiveRates",
        [
            .required("at", .time), .required("seconds", Schema(["type": "number", "minimum": 0])),
            .required(
                "rates",
                .array(
                    of: .object(
                        "LiveRate",
                        LiveEdgeBody.properties + [
                            .required("perSecond", Schema(["type": "number", "minimum": 0]))
                        ]))),
        ])

    struct Rate: Encodable {
        let type: String
        let emitter: String
        let consumer: String?
        let count: Int
        let failed: Int
        let late: Int
        let perSecond: Double
    }

    let at: String
    /// How much time was counted.
    let seconds: Double
    let rates: [Rate]

    init(_ rates: LiveRates) {
        at = rates.at.description
        let seconds = Double(rates.covered.wholeMilliseconds) / 1000
        self.seconds = seconds
        self.rates = rates.rows.map { row in
            let edge = LiveEdgeBody(row)
            return Rate(
                type: edge.type, emitter: edge.emitter, consumer: edge.consumer, count: edge.count,
                failed: edge.failed, late: edge.late,
                perSecond: seconds > 0 ? (Double(edge.count) / seconds * 100).rounded() / 100 : 0)
        }
    }
}

/// How much went one way.
struct LiveEdgeBody: Encodable {
    static let properties: [Schema.Property] = [
        .required("type", .string), .required("emitter", .string), .optional("consumer", .string),
        .required("count", .count), .required("failed", .count), .required("late", .count),
    ]

    let type: String
    let emitter: String
    /// Missing for the emission itself.
    let consumer: String?
    let count: Int
    let failed: Int
    let late: Int

    init(_ row: LiveReport.Row) {
        type = row.edge.type.name
        emitter = row.edge.emitter.name
        consumer = row.edge.consumer?.name
        count = row.count.count
        failed = row.count.failed
        late = row.count.late
    }
}

/// What happened in a short time: the data of a `window` in a stream.
struct LiveWindowBody: Encodable {
    struct Event: Encodable {
        let id: String
        let type: String
        let emitter: String
        let consumer: String?
        let subject: String?
        let time: String
        /// Missing for the emission.
        let disposition: String?
        let attempts: Int?
        let ageMilliseconds: Int64?
        let failed: Bool
        let late: Bool

        init(_ event: LiveEvent) {
            id = event.id.uuidString.lowercased()
            type = event.edge.type.name
            emitter = event.edge.emitter.name
            consumer = event.edge.consumer?.name
            subject = event.subject?.uuidString.lowercased()
            time = event.at.description
            disposition = event.disposition?.rawValue
            attempts = event.disposition == nil ? nil : event.attempts
            ageMilliseconds = event.disposition == nil ? nil : event.age.wholeMilliseconds
            failed = event.urgency == .failed
            late = event.isLate
        }
    }

    let since: String
    let at: String
    let edges: [LiveEdgeBody]
    let events: [Event]
    /// How many of what is counted is not among the events.
    let unsampled: Int

    init(_ report: LiveReport) {
        since = report.since.description
        at = report.at.description
        edges = report.rows.map(LiveEdgeBody.init)
        events = report.events.map(Event.init)
        unsampled = report.unsampled
    }
}

/// Something was missed: the data of a `gap` in a stream.
struct LiveGapBody: Encodable {
    /// Why.
    enum Reason: String {
        /// The reader was slow, or away for too long.
        case behind
        /// What carries the reports between processes could not be reached.
        case sourceAway = "source-away"
    }

    let at: String
    let reason: String

    init(_ reason: Reason, at time: Timestamp) {
        at = time.description
        self.reason = reason.rawValue
    }
}
