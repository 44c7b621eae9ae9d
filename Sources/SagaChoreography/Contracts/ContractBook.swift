import FoundationEssentials

/// The contracts of all events, with every version that was ever published. Its file is a JSON Schema: it describes an envelope, and for
/// each value of `dataschema` the data in it.
public struct ContractBook: Sendable, Hashable {
    /// What the data of a version of an event looks like.
    public struct Version: Hashable, Sendable, Comparable {
        /// The event's wire name.
        public let type: EventType
        /// From 1.
        public let number: Int

        /// Takes what its properties say.
        public init(_ type: EventType, _ number: Int) {
            self.type = type
            self.number = number
        }

        public static func < (a: Version, b: Version) -> Bool { (a.type, a.number) < (b.type, b.number) }
        /// Its name in an envelope's `dataschema`.
        public var uri: String { "\(Envelope.schemaPrefix)\(type):\(number)" }
    }

    /// The schema of each version.
    public var schemas: [Version: DataSchema]
    /// The present contract of each type.
    public var contracts: [EventType: EventContract]

    /// A book of the present versions alone.
    public init(_ contracts: [EventContract]) {
        self.contracts = Dictionary(contracts.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
        schemas = Dictionary(
            contracts.map { (Version($0.type, $0.version), $0.schema) }, uniquingKeysWith: { first, _ in first })
    }

    /// The published versions of a type, the oldest first.
    public func versions(of type: EventType) -> [Version] { schemas.keys.filter { $0.type == type }.sorted() }

    /// Types with the versions of each, sorted.
    public var types: [EventType] { Set(schemas.keys.map(\.type)).sorted() }
}

/// A file that is no book of contracts.
public struct MalformedContracts: Error, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String
}

extension ContractBook {
    private struct Relations: Codable {
        let version: Int
        let isTerminal: Bool
        let emitters: [EventContract.Emitter]
        let consumers: [EventContract.Consumer]
    }

    /// What of a file says something about the events; the rest follows from it.
    private struct Read: Decodable {
        let definitions: [String: DataSchema]
        let relations: [String: Relations]

        enum CodingKeys: String, CodingKey {
            case definitions = "$defs"
            case relations = "x-events"
        }
    }

    /// Reads a file.
    ///
    /// - Throws: `DecodingError`, ``MalformedContracts``.
    public init(json: Data) throws {
        let read = try JSONDecoder().decode(Read.self, from: json)
        schemas = [:]
        contracts = [:]
        for (name, schema) in read.definitions {
            guard let colon = name.lastIndex(of: ":"), let number = Int(name[name.index(after: colon)...]), number > 0
            else { throw MalformedContracts(description: "'\(name)' is not the name of an event and its version") }
            schemas[Version(EventType(String(name[..<colon])), number)] = schema
        }
        for (name, relations) in read.relations {
            let type = EventType(name)
            guard let schema = schemas[Version(type, relations.version)] else {
                throw MalformedContracts(description: "\(name) v\(relations.version) has no schema")
            }
            contracts[type] = EventContract(
                type: type, version: relations.version, schema: schema, isTerminal: relations.isTerminal,
                emitters: relations.emitters, consumers: relations.consumers)
        }
    }

    /// The file: a JSON Schema of an envelope and its data.
    ///
    /// - Throws: what the encoder throws.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let relations = contracts.map { type, contract in
            (
                type.name,
                Relations(
                    version: contract.version, isTerminal: contract.isTerminal, emitters: contract.emitters,
                    consumers: contract.consumers)
            )
        }
        return try encoder.encode(
            EnvelopeSchema(
                schemas: schemas, relations: Dictionary(relations, uniquingKeysWith: { first, _ in first })))
    }

    /// The whole file as it is written.
    private struct EnvelopeSchema: Encodable {
        let schemas: [Version: DataSchema]
        let relations: [String: Relations]

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(_ name: String) { stringValue = name }
            init?(stringValue: String) { self.init(stringValue) }
            init?(intValue: Int) { nil }
        }

        private struct Reference: Encodable {
            let target: String
            enum CodingKeys: String, CodingKey { case target = "$ref" }
        }

        /// If the data is of this version, it looks like that.
        private struct Choice: Encodable {
            private struct Condition: Encodable {
                struct Properties: Encodable {
                    struct Constant: Encodable { let const: String }
                    let dataschema: Constant
                }
                let properties: Properties
            }
            private struct Consequence: Encodable {
                struct Properties: Encodable { let data: Reference }
                let properties: Properties
            }
            private let condition: Condition
            private let consequence: Consequence

            private enum CodingKeys: String, CodingKey {
                case condition = "if"
                case consequence = "then"
            }

            init(_ version: Version) {
                condition = Condition(properties: .init(dataschema: .init(const: version.uri)))
                consequence = Consequence(properties: .init(data: Reference(target: version.uri)))
            }
        }

        /// A version's schema under its own name.
        private struct Definition: Encodable {
            let version: Version
            let schema: DataSchema

            func encode(to encoder: any Encoder) throws {
                try schema.encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(version.uri, forKey: Key("$id"))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode("https://json-schema.org/draft/2020-12/schema", forKey: Key("$schema"))
            try container.encode("urn:purchase-saga:events", forKey: Key("$id"))
            try container.encode("An event of Purchase Saga, CloudEvents 1.0", forKey: Key("title"))
            let attributes = Self.attributes(schemas.keys.sorted())
            try container.encode("object", forKey: Key("type"))
            try container.encode(attributes.fields, forKey: Key("properties"))
            try container.encode(attributes.required.sorted(), forKey: Key("required"))
            try container.encode(schemas.keys.sorted().map(Choice.init), forKey: Key("allOf"))
            let definitions = schemas.map { ("\($0.type):\($0.number)", Definition(version: $0, schema: $1)) }
            try container.encode(
                Dictionary(definitions, uniquingKeysWith: { first, _ in first }), forKey: Key("$defs"))
            try container.encode(relations, forKey: Key("x-events"))
        }

        /// The envelope itself.
        private static func attributes(_ versions: [Version]) -> DataSchema {
            func text(_ change: (inout DataSchema) -> Void = { _ in }) -> DataSchema {
                var schema = DataSchema(.string)
                change(&schema)
                return schema
            }
            var envelope = DataSchema.object([
                "specversion": text { $0.known = ["1.0"] }, "id": .uuid,
                "type": text { $0.known = Set(versions.map(\.type.name)).sorted() },
                "source": text { $0.pattern = "^/[a-z]+$" }, "subject": .uuid, "time": text { $0.format = "date-time" },
                "datacontenttype": text { $0.known = ["application/json"] },
                "dataschema": text { $0.known = versions.map(\.uri) }, "correlationid": .uuid, "causationid": .uuid,
                "traceparent": text { $0.pattern = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$" },
                "data": DataSchema(.object),
            ])
            envelope.required.subtract(["subject", "correlationid", "causationid", "traceparent"])
            return envelope
        }
    }
}
