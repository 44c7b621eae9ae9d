import Audit

/// A document, and what only one may have.
struct PlacedDocument {
    let document: BSONDocument
    let id: BSONValue
    /// `nil` where the id is the place.
    let place: Int64?

    init(_ entry: LoggedEntry) {
        document = EntryDocument.document(entry)
        id = .uuid(entry.entry.id)
        place = entry.sequence
    }

    init(_ head: KeptHead) {
        document = EntryDocument.document(head)
        id = .int64(head.sequence)
        place = nil
    }

    static func sharingAnID(with documents: some Sequence<PlacedDocument>) -> BSONDocument {
        ["_id": .document(["$in": .array(documents.map(\.id))])]
    }

    static func sharingAPlace(with documents: some Sequence<PlacedDocument>) -> BSONDocument {
        ["sequence": .document(["$in": .array(documents.compactMap { $0.place.map { .int64($0) } })])]
    }
}

/// Inserts what is not there, in order, and leaves what is there as it is.
///
/// Ordered, so that of a batch that is cut off the beginning is there. The usual batch, of which nothing is there, is one round; behind a
/// duplicate the rest is looked up, so a batch that comes again is two or three and not one for each of its entries.
struct MissingInsert {
    private let documents: [PlacedDocument]
    private let collection: String

    init(_ documents: [PlacedDocument], into collection: String) {
        self.documents = documents
        self.collection = collection
    }

    /// Blocks.
    ///
    /// - Throws: ``SagaFault``.
    func run(on connection: MongoConnection) throws {
        var rest = documents
        while !rest.isEmpty {
            guard case .duplicate(let index) = try connection.insert(rest.lazy.map(\.document), into: collection) else {
                return
            }
            // Each round ends at least one of them, whoever else writes.
            rest = try missing(among: Array(rest.dropFirst(index + 1)), on: connection)
        }
    }

    private func missing(among documents: [PlacedDocument], on connection: MongoConnection) throws -> [PlacedDocument] {
        guard !documents.isEmpty else { return [] }
        let taken: BSONDocument = [
            "$or": .array([
                .document(PlacedDocument.sharingAnID(with: documents)),
                .document(PlacedDocument.sharingAPlace(with: documents)),
            ])
        ]
        let found = try connection.find(
            taken, in: collection, ["projection": .document(["_id": .int32(1), "sequence": .int32(1)])]
        ) { (id: $0["_id"], place: $0["sequence"]?.wholeNumber) }
        let ids = Set(found.compactMap(\.id))
        let places = Set(found.compactMap(\.place))
        return documents.filter { document in
            !ids.contains(document.id) && !(document.place.map(places.contains) ?? false)
        }
    }
}
