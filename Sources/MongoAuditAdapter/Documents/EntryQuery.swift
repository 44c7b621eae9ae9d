import Audit
import SagaChoreography

/// What a filter lets through, as MongoDB is asked for it: the same as the log's SQL.
enum EntryQuery {
    static func document(_ filter: AuditFilter, in places: ClosedRange<Int64>) -> BSONDocument {
        var conditions: [BSONDocument] = [Self.places(places)]
        func add(_ name: String, _ value: BSONValue?) {
            if let value { conditions.append(BSONDocument([.init(name: name, value: value)])) }
        }
        add("actor", .id(filter.actor))
        add("action", .text(filter.action))
        add("resource", .text(filter.resource))
        add("resourceId", .text(filter.resourceID))
        add("service", .text(filter.service?.name))
        add("status", .text(filter.status?.rawValue))
        if let severity = filter.severity { add("severity", .document(["$gte": .int64(severity.rawValue)])) }
        add("correlationId", .id(filter.correlationID))
        if let from = filter.from { add("occurredAt", .document(["$gte": .int64(from.milliseconds)])) }
        if let until = filter.until { add("occurredAt", .document(["$lt": .int64(until.milliseconds)])) }
        if let text = filter.text { conditions.append(containing(text)) }
        if filter.isSecurity { conditions += security }
        return ["$and": .array(conditions.map { .document($0) })]
    }

    static func places(_ places: ClosedRange<Int64>) -> BSONDocument {
        ["sequence": .document(["$gte": .int64(places.lowerBound), "$lte": .int64(places.upperBound)])]
    }

    /// The first condition is that of an index.
    private static var security: [BSONDocument] {
        [
            ["status": EntryIndexes.notDone],
            [
                "$or": .array([
                    .document(["status": .string(AuditEntry.Status.blocked.rawValue)]),
                    .document([
                        "action": .document(["$in": .array(AuditFilter.securityActions.map { .string($0) })])
                    ]),
                ])
            ],
        ]
    }

    /// What was hashed is searched, not a copy of it: a copy could be changed without anybody noticing.
    private static func containing(_ text: String) -> BSONDocument {
        let pattern = BSONValue.document(["$regex": .string(TextPattern(text).pattern)])
        return [
            "$or": .array(
                ["details", "action", "resourceId"].map { .document(BSONDocument([.init(name: $0, value: pattern)])) })
        ]
    }

    /// How many entries of each kind there are; the day is counted towards 1970, as SQL divides.
    static func tallies(in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp) -> BSONDocument {
        let day = BSONValue.int64(86_400_000)
        let beginning = BSONValue.document([
            "$subtract": .array([
                .string("$occurredAt"), .document(["$mod": .array([.string("$occurredAt"), day])]),
            ])
        ])
        var filter = AuditFilter()
        filter.from = from
        filter.until = until
        return [
            "pipeline": .array([
                .document(["$match": .document(document(filter, in: places))]),
                .document([
                    "$group": .document([
                        "_id": .document([
                            "day": .document(["$divide": .array([beginning, day])]), "action": .string("$action"),
                            "status": .string("$status"), "severity": .string("$severity"),
                        ]),
                        "count": .document(["$sum": .int64(1)]),
                    ])
                ]),
            ])
        ]
    }

    /// - Throws: ``SagaFault`` `.permanent(.undecodable, _)`.
    static func tally(_ document: BSONDocument) throws -> AuditTally {
        let counted = FieldReader(document, of: "a tally")
        guard case .document(let kind)? = document["_id"] else { throw counted.wrong("_id") }
        let fields = FieldReader(kind, of: "a tally")
        guard let status = AuditEntry.Status(rawValue: try fields.text("status")) else { throw fields.wrong("status") }
        return AuditTally(
            day: try fields.number("day"), action: try fields.text("action"), status: status,
            severity: try fields.number("severity"), count: try counted.number("count"))
    }
}
