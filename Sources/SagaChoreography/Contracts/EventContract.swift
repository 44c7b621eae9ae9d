import FoundationEssentials

/// What other programs may rely on about one event type: what its present version looks like, who emits it, who reacts to it.
public struct EventContract: Sendable, Hashable {
    /// Who emits an event.
    public struct Emitter: Sendable, Hashable, Codable, Comparable {
        /// The service, the `source` of the event.
        public let service: String
        /// The reaction or command.
        public let by: String

        /// Takes what its properties say.
        public init(service: String, by: String) {
            self.service = service
            self.by = by
        }

        public static func < (a: Emitter, b: Emitter) -> Bool { (a.service, a.by) < (b.service, b.by) }
    }

    /// Who reacts to an event.
    public struct Consumer: Sendable, Hashable, Codable, Comparable {
        /// The service, which is the consumer group.
        public let service: String
        /// The reaction.
        public let reaction: String
        /// The event types that it may answer with, sorted.
        public let answers: [String]
        /// The reactions that it undoes.
        public let undoes: [String]

        /// Takes what its properties say.
        public init(service: String, reaction: String, answers: [String], undoes: [String]) {
            self.service = service
            self.reaction = reaction
            self.answers = answers
            self.undoes = undoes
        }

        public static func < (a: Consumer, b: Consumer) -> Bool { (a.service, a.reaction) < (b.service, b.reaction) }
    }

    /// The event's wire name.
    public let type: EventType
    /// The version that is written now.
    public let version: Int
    /// What its data looks like.
    public let schema: DataSchema
    /// Whether it is for observers outside alone.
    public let isTerminal: Bool
    /// Who emits it, sorted.
    public let emitters: [Emitter]
    /// Who reacts to it, sorted.
    public let consumers: [Consumer]

    /// Takes what its properties say.
    public init(
        type: EventType, version: Int, schema: DataSchema, isTerminal: Bool, emitters: [Emitter], consumers: [Consumer]
    ) {
        self.type = type
        self.version = version
        self.schema = schema
        self.isTerminal = isTerminal
        self.emitters = emitters.sorted()
        self.consumers = consumers.sorted()
    }
}

/// An event type as the program has it: its contract, an example, and what it reads.
public struct ProgramEvent: Sendable {
    /// What others may rely on.
    public let contract: EventContract
    /// An event with an example in each field, in an envelope of the first emitter.
    public let example: Envelope
    private let reader: @Sendable (Envelope) throws -> Void

    /// - Throws: as ``SchemaProbe``, if the type reads in a way that cannot be followed.
    init(_ type: any Event.Type, emitters: [EventContract.Emitter], consumers: [EventContract.Consumer]) throws {
        let (schema, example) = try Self.probe(type)
        reader = Self.reader(of: type)
        contract = EventContract(
            type: type.type, version: type.version, schema: schema, isTerminal: type.isTerminal, emitters: emitters,
            consumers: consumers)
        let id = ExampleID.make(type.type.name)
        let source = emitters.min()?.service ?? "nobody"
        self.example = try Envelope.seal(
            example, id: id, source: ServiceID(source), time: .example, causationID: ExampleID.make("cause"),
            traceparent: TraceContext.beginning(with: id).traceparent)
    }

    private static func probe<E: Event>(_ type: E.Type) throws -> (DataSchema, any Event) {
        let found = try SchemaProbe.find(type)
        return (found.schema, found.example)
    }

    private static func reader<E: Event>(of type: E.Type) -> @Sendable (Envelope) throws -> Void {
        { _ = try $0.decode(E.self) }
    }

    /// Reads an envelope of this type, of whatever version.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if the program cannot.
    public func read(_ envelope: Envelope) throws {
        try reader(envelope)
    }
}

extension ProgramEvent {
    /// Every event type of a whole system, sorted.
    ///
    /// - Throws: as ``SchemaProbe``, if a type reads in a way that cannot be followed.
    public static func all<Transaction>(of participants: [Participant<Transaction>]) throws -> [ProgramEvent] {
        var types: [EventType: any Event.Type] = [:]
        for participant in participants {
            let emitted = participant.commands.flatMap(\.emits) + participant.reactions.flatMap(\.emits)
            for type in emitted + participant.reactions.map(\.input) { types[type.type] = type }
        }
        let nodes = ChoreographyGraph(participants).nodes
        return try types.values.sorted { $0.type < $1.type }.map { type in
            try ProgramEvent(
                type,
                emitters: nodes.filter { $0.emits.contains(type.type) }.map {
                    .init(service: $0.service.name, by: $0.id.name)
                },
                consumers: nodes.filter { $0.consumes == type.type }.map {
                    .init(
                        service: $0.service.name, reaction: $0.id.name, answers: $0.emits.map(\.name),
                        undoes: $0.undoes.map(\.name).sorted())
                })
        }
    }
}
