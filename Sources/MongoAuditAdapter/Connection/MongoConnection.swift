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
        var held: [RawDocument] = []
        held.reserveCapacity(documents.count)
        for document in documents { held.append(try RawDocument(document)) }
        var pointers: [OpaquePointer?] = held.map { $0.pointer }
        return try withExtendedLifetime(held) {
            try withCollection(name) { collection in
                var (isDone, error) = (false, bson_error_t())
                let raw = cmongo_insert(collection, &pointers, pointers.count, &isDone, &error)
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
        let selector = try RawDocument(selector)
        try withCollection(name) { collection in
            var error = bson_error_t()
            guard cmongo_delete(collection, selector.pointer, &error) else {
                throw MongoFailure(&error).fault(settings)
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
        let (filter, options) = (try RawDocument(filter), try RawDocument(limited(options)))
        return try withCollection(name) { collection in
            try all(
                mongoc_collection_find_with_opts(collection, filter.pointer, options.pointer, nil), upTo: limit, read)
        }
    }

    /// - Throws: as ``find(_:in:_:upTo:_:)``.
    func aggregate<Value>(
        _ pipeline: BSONDocument, in name: String, _ read: (BSONDocument) throws -> Value
    ) throws -> [Value] {
        let (pipeline, options) = (try RawDocument(pipeline), try RawDocument(limited([:])))
        return try withCollection(name) { collection in
            try all(cmongo_aggregate(collection, pipeline.pointer, options.pointer), read)
        }
    }

    /// - Throws: ``SagaFault``.
    func command(_ command: BSONDocument) throws {
        let command = try RawDocument(command)
        var error = bson_error_t()
        guard cmongo_write_command(client, settings.database, command.pointer, &error) else {
            throw MongoFailure(&error).fault(settings)
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
}

/// A document where the library reads it.
private final class RawDocument {
    let pointer: OpaquePointer

    /// - Throws: ``SagaFault`` `.permanent(.contract, _)` if it is larger than any server takes.
    init(_ document: BSONDocument) throws {
        let bytes = document.bytes
        guard let pointer = bson_new_from_data(bytes, bytes.count) else {
            throw SagaFault.permanent(.contract, "MongoDB: a document of \(bytes.count) bytes is too large")
        }
        self.pointer = pointer
    }

    deinit { bson_destroy(pointer) }
}
