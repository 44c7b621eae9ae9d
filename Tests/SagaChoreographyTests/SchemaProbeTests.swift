import FoundationEssentials
import SagaChoreography
import Testing

private enum Colour: String, Codable, CaseIterable { case red, blue }

private struct Part: Codable, FieldsDescribing {
    var name: String
    var weight: Int64?

    static let fieldNotes = ["weight": FieldNote(minimum: 1, number: 7)]
}

private struct Built: Event {
    static let type: EventType = "thing.built"
    var saga: UUID
    var at: Timestamp
    var colour: Colour
    var parts: [Part]
    var counts: [String: Int64]
    var isDone: Bool
    var subject: UUID? { saga }
}

private struct Opaque: Event {
    static let type: EventType = "thing.opaque"
    var inner: String
    var subject: UUID? { nil }

    enum Outside: CodingKey { case outside }
    enum Inside: CodingKey { case inner }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Outside.self)
        inner = try container.nestedContainer(keyedBy: Inside.self, forKey: .outside).decode(
            String.self, forKey: .inner)
    }
}

private struct Build<E: Event>: Reaction {
    static var id: ReactionID { "works.build" }
    func react(to event: E, in step: Step<Int>) throws -> Reply<Silence, Never> { .accept(Silence()) }
}

@Suite struct SchemaProbeTests {
    private func event<E: Event>(_: E.Type) throws -> ProgramEvent {
        try #require(try ProgramEvent.all(of: [Participant<Int>(service: "works") { Build<E>() }]).first)
    }

    @Test func `the schema is what the type reads`() throws {
        let schema = try event(Built.self).contract.schema
        #expect(schema.title == "Built")
        #expect(schema.required == ["saga", "at", "colour", "parts", "counts", "isDone"])
        #expect(schema.fields?["saga"] == .uuid)
        #expect(schema.fields?["at"] == Timestamp.dataSchema)
        #expect(schema.fields?["colour"]?.known == ["blue", "red"])
        #expect(schema.fields?["counts"]?.values == [DataSchema(.integer)])
        #expect(schema.fields?["isDone"] == DataSchema(.boolean))
        let part = try #require(schema.fields?["parts"]?.elements.first)
        #expect(part.title == "Part" && part.required == ["name"])
        #expect(part.fields?["weight"]?.minimum == 1 && part.fields?["weight"]?.isNullable == true)
    }

    @Test func `the example is read, and is of the schema`() throws {
        let event = try event(Built.self)
        try event.read(event.example)
        #expect(try event.contract.schema.violations(in: event.example.data) == [])
        #expect(try event.example.decode(Built.self).parts.first?.weight == 7)
        #expect(try event.contract.schema.violations(in: event.contract.schema.exampleData()) == [])
    }

    @Test func `what is not of the schema is said, without its value`() throws {
        let schema = try event(Built.self).contract.schema
        let json = #"{"saga":"x","at":1.5,"colour":"green","parts":[{"weight":0}],"counts":{"a":"b"},"isDone":null}"#
        #expect(
            try schema.violations(in: Data(json.utf8)) == [
                "'at' is no integer", "'colour' is not one of those known", "'counts.a' is no integer",
                "'isDone' is null", "'parts[].name' is missing", "'parts[].weight' is less than 1", "'saga' is no UUID",
            ])
    }

    @Test func `a type that cannot be followed says what to do`() {
        let error = #expect(throws: DecodingError.self) { try event(Opaque.self) }
        #expect("\(String(describing: error))".contains("SchemaDescribing"))
    }
}
