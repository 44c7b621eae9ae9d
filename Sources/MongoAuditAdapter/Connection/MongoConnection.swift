import CMongo
import FoundationEssentials
import SagaChoreography

/// One client of the library's pool, while somebody has it. Every call blocks.
struct MongoConnection {
    private let client: OpaquePointer
    private let settings: MongoSettings

    init(_ client: OpaquePointer, _ settings: MongoSettings) {
        self.client = client
        self.settings = settings
    }

    enum Insertion: Equatable {
        case done
        /// The document at this place, and none before it, was not inserted: its id or its place is taken.
        case duplicate(at: Int)
    }

    /// Inserts in order, up to the first that is refused.
    ///
    /// - Throws: ``SagaFault``.
    func insert(_ documents: some Collection<BSONDocument>, into name: String) throws -> Insertion {
        guard !documents.isEmpty else { return .done }
        return try Self.withRaw(documents) { raws in
            try withCollection(name) { collection in
                var (raws, isDone, error) = (raws, false, bson_error_t())
                let raw = cmongo_insert(collection, &raws, raws.count, &isDone, &error)
                defer { bson_destroy(raw) }
                if isDone { return .done }
                let failure = MongoFailure(&error)
                guard failure.isDuplicate, let raw else { throw failure.fault(settings) }
                return try duplicate(try Self.document(raw))
            }
        }
    }

    /// What stood before the duplicate counts only when most servers have it, and what it is a duplicate of as well: the server waits for
    /// that before it answers, and says if it waited in vain.
    private func duplicate(_ reply: BSONDocument) throws -> Insertion {
        if case .array(let concerns)? = reply["writeConcernErrors"], !concerns.isEmpty {
            throw MongoFailure.notConfirmed(settings)
        }
        guard case .array(let errors)? = reply["writeErrors"], case .document(let first)? = errors.first,
            let index = first["index"]?.wholeNumber
        else { throw SagaFault.retryable("\(settings): a duplicate without a place") }
        return .duplicate(at: Int(index))
    }

    /// - Throws: ``SagaFault``.
    func delete(_ selector: BSONDocument, from name: String) throws {
        try Self.withRaw([selector]) { raw in
            try withCollection(name) { collection in
                var error = bson_error_t()
                guard cmongo_delete(collection, raw[0], &error) else { throw MongoFailure(&error).fault(settings) }
            }
        }
    }

    /// Ends when there are `limit` of what `read` makes something of.
    ///
    /// - Throws: ``SagaFault``; what `read` throws.
    func find<Value>(
        _ filter: BSONDocument, in name: String, _ options: BSONDocument, upTo limit: Int = .max,
        _ read: (BSONDocument) throws -> Value?
    ) throws -> [Value] {
        try Self.withRaw([filter, limited(options)]) { raw in
            try withCollection(name) { collection in
                try all(mongoc_collection_find_with_opts(collection, raw[0], raw[1], nil), upTo: limit, read)
            }
        }
    }

    /// - Throws: as ``find(_:in:_:upTo:_:)``.
    func aggregate<Value>(
        _ pipeline: BSONDocument, in name: String, _ read: (BSONDocument) throws -> Value
    ) throws -> [Value] {
        try Self.withRaw([pipeline, limited([:])]) { raw in
            try withCollection(name) { collection in
                try all(cmongo_aggregate(collection, raw[0], raw[1]), read)
            }
        }
    }

    /// - Throws: ``SagaFault``.
    func command(_ command: BSONDocument) throws {
        try Self.withRaw([command]) { raw in
            var error = bson_error_t()
            guard cmongo_write_command(client, settings.database, raw[0], &error) else {
                throw MongoFailure(&error).fault(settings)
            }
        }
    }

    /// The server, too, gives up when nobody waits for it any more.
    private func limited(_ options: BSONDocument) -> BSONDocument {
        var options = options
        options.append("maxTimeMS", .int64(Int64(MongoSettings.bounded(settings.socketTimeout))))
        return options
    }

    private func withCollection<Value>(_ name: String, _ body: (OpaquePointer) throws -> Value) throws -> Value {
        guard let collection = mongoc_client_get_collection(client, settings.database, name) else {
            throw SagaFault.unavailable("\(settings): no memory")
        }
        defer { mongoc_collection_destroy(collection) }
        return try body(collection)
    }

    private func all<Value>(
        _ cursor: OpaquePointer?, upTo limit: Int = .max, _ read: (BSONDocument) throws -> Value?
    ) throws -> [Value] {
        guard let cursor else { throw SagaFault.unavailable("\(settings): no memory") }
        defer { mongoc_cursor_destroy(cursor) }
        var values: [Value] = []
        var next: OpaquePointer?
        while values.count < limit, mongoc_cursor_next(cursor, &next) {
            guard let next else { break }
            if let value = try read(Self.document(next)) { values.append(value) }
        }
        var error = bson_error_t()
        if mongoc_cursor_error(cursor, &error) { throw MongoFailure(&error).fault(settings) }
        return values
    }

    private static func document(_ raw: OpaquePointer) throws -> BSONDocument {
        do {
            return try BSONDocument(
                bytes: UnsafeRawBufferPointer(start: bson_get_data(raw), count: cmongo_length(raw)))
        } catch let malformed as BSONMalformed {
            throw SagaFault.permanent(.undecodable, "MongoDB: \(malformed.what)")
        }
    }

    /// Lends documents to the library; they are gone afterwards.
    ///
    /// - Throws: ``SagaFault`` `.permanent(.contract, _)` if one is larger than any server takes; what `body` throws.
    private static func withRaw<Value>(
        _ documents: some Collection<BSONDocument>, _ body: ([OpaquePointer?]) throws -> Value
    ) throws -> Value {
        var raws: [OpaquePointer?] = []
        raws.reserveCapacity(documents.count)
        defer { for raw in raws { bson_destroy(raw) } }
        for document in documents {
            let bytes = document.bytes
            guard let raw = bson_new_from_data(bytes, bytes.count) else {
                throw SagaFault.permanent(.contract, "MongoDB: a document of \(bytes.count) bytes is too large")
            }
            raws.append(raw)
        }
        return try body(raws)
    }
}
