/// Where entries and heads lie, and what leads to entries.
enum EntryIndexes {
    static let entries = "audit_entries"
    static let heads = "audit_heads"

    static let severe = BSONValue.document(["$gte": .int64(4)])
    /// `blocked` and `failed` come before `success`; an index's condition may say no more than less and greater.
    static let notDone = BSONValue.document(["$lt": .string("success")])

    /// Makes those that are not there, and the collection. Two indexes may not have the same keys, so the partial ones have the field of
    /// their condition behind the place.
    static let creation: BSONDocument = [
        "createIndexes": .string(entries),
        "indexes": .array([
            index("by_place", ["sequence"], isUnique: true),
            index(
                "by_order", ["correlationId", "sequence"], where: "correlationId", .document(["$exists": .bool(true)])),
            index("by_actor", ["actor", "sequence"], where: "actor", .document(["$exists": .bool(true)])),
            index("by_resource", ["resourceId", "sequence"]),
            index("severe", ["sequence", "severity"], where: "severity", severe),
            index("not_done", ["sequence", "status"], where: "status", notDone),
        ]),
    ]

    private static func index(
        _ name: String, _ keys: [String], isUnique: Bool = false, where field: String? = nil,
        _ condition: BSONValue? = nil
    ) -> BSONValue {
        var index: BSONDocument = [
            "name": .string(name),
            "key": .document(BSONDocument(keys.map { .init(name: $0, value: .int32(1)) })),
        ]
        if isUnique { index.append("unique", .bool(true)) }
        if let field, let condition {
            index.append("partialFilterExpression", .document(BSONDocument([.init(name: field, value: condition)])))
        }
        return .document(index)
    }
}
