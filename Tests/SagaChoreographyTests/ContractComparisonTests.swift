import FoundationEssentials
import SagaChoreography
import Testing

/// Each kind of difference, on made-up contracts.
@Suite struct ContractComparisonTests {
    private static let type: EventType = "seat.taken"

    private static let schema: DataSchema = {
        var count = DataSchema(.integer)
        (count.minimum, count.maximum) = (0, 100)
        var way = DataSchema(.string)
        way.known = ["phone", "web"]
        var note = DataSchema(.string)
        note.isNullable = true
        var rows = DataSchema(.array)
        rows.elements = [.object(["name": DataSchema(.string)])]
        var prices = DataSchema(.object)
        prices.values = [DataSchema(.integer)]
        var guest = DataSchema(nil)
        guest.shapes = [.object(["known": .uuid]), .object(["new": DataSchema(.string)])]
        var schema = DataSchema.object([
            "seat": .uuid, "count": count, "way": way, "note": note, "rows": rows, "prices": prices, "guest": guest,
        ])
        schema.required.remove("note")
        return schema
    }()

    private static func contract(
        _ version: Int = 1, emittedBy: [String] = ["desk.take-seat"],
        consumers: [EventContract.Consumer] = [consumer()], _ change: (inout DataSchema) -> Void = { _ in }
    ) -> EventContract {
        var schema = schema
        change(&schema)
        return EventContract(
            type: type, version: version, schema: schema, isTerminal: false,
            emitters: emittedBy.map { .init(service: "desk", by: $0) }, consumers: consumers)
    }

    private static func consumer(
        answers: [String] = ["seat.paid"], undoes: [String] = ["till.charge"]
    ) -> EventContract.Consumer {
        .init(service: "till", reaction: "till.refund", answers: answers, undoes: undoes)
    }

    private func findings(
        _ old: [EventContract] = [contract()], to new: [EventContract], reads: Set<Int> = []
    ) -> [ContractFinding] {
        ContractComparison(of: ContractBook(old), with: ContractBook(new)) {
            reads.contains($0.number) ? nil : "there is none"
        }.findings
    }

    private func place(_ path: String, _ version: Int = 1) -> ContractFinding.Place {
        .init(version: .init(Self.type, version), path: path)
    }

    private func expect(
        _ finding: ContractFinding, isBreaking: Bool, at location: Testing.SourceLocation = #_sourceLocation,
        when change: @escaping (inout DataSchema) -> Void
    ) {
        let found = findings(to: [Self.contract(1, change)])
        #expect(found == [finding], sourceLocation: location)
        #expect(finding.isBreaking == isBreaking, sourceLocation: location)
        #expect(finding.description.contains("seat.taken v1"), sourceLocation: location)
    }

    @Test func `contracts that are the same differ in nothing`() { #expect(findings(to: [Self.contract()]) == []) }

    @Test func `a removed field is named, wherever it is`() {
        expect(.fieldRemoved(place("seat"), wasRequired: true), isBreaking: true) {
            $0.fields?["seat"] = nil
            $0.required.remove("seat")
        }
        expect(.fieldRemoved(place("note"), wasRequired: false), isBreaking: true) { $0.fields?["note"] = nil }
        expect(.fieldRemoved(place("rows[].name"), wasRequired: true), isBreaking: true) {
            $0.fields?["rows"]?.elements = [.object([:])]
        }
    }

    @Test func `a renamed field is one removed and one added`() {
        let found = findings(
            to: [
                Self.contract {
                    let seat = $0.fields?.removeValue(forKey: "seat")
                    $0.fields?["place"] = seat
                    $0.required.remove("seat")
                    $0.required.insert("place")
                }
            ])
        #expect(Set(found) == [.fieldRemoved(place("seat"), wasRequired: true), .requiredFieldAdded(place("place"))])
    }

    @Test func `a field that becomes required, or is no longer, breaks; a new optional one does not`() {
        expect(.fieldNowRequired(place("note")), isBreaking: true) { $0.required.insert("note") }
        expect(.fieldNoLongerRequired(place("count")), isBreaking: true) { $0.required.remove("count") }
        expect(.requiredFieldAdded(place("guests")), isBreaking: true) {
            $0.fields?["guests"] = DataSchema(.integer)
            $0.required.insert("guests")
        }
        expect(.fieldAdded(place("guests")), isBreaking: false) { $0.fields?["guests"] = DataSchema(.integer) }
    }

    @Test func `a changed type breaks`() {
        expect(.typeChanged(place("count"), from: "integer", to: "string"), isBreaking: true) {
            $0.fields?["count"] = DataSchema(.string)
        }
        expect(.typeChanged(place("prices"), from: "map", to: "object"), isBreaking: true) {
            $0.fields?["prices"] = .object([:])
        }
        expect(.typeChanged(place("prices.*"), from: "integer", to: "number"), isBreaking: true) {
            $0.fields?["prices"]?.values = [DataSchema(.number)]
        }
    }

    @Test func `a narrower range breaks, and so does a wider one, which readers never met`() {
        expect(.narrowed(place("count"), what: "the least number", from: "0", to: "1"), isBreaking: true) {
            $0.fields?["count"]?.minimum = 1
        }
        expect(.narrowed(place("count"), what: "the greatest number", from: "100", to: "10"), isBreaking: true) {
            $0.fields?["count"]?.maximum = 10
        }
        expect(.widened(place("count"), what: "the greatest number", from: "100", to: "none"), isBreaking: true) {
            $0.fields?["count"]?.maximum = nil
        }
        expect(.narrowed(place("note"), what: "null", from: "taken", to: "refused"), isBreaking: true) {
            $0.fields?["note"]?.isNullable = false
        }
        expect(.narrowed(place("seat"), what: "the pattern", from: "any", to: "^a"), isBreaking: true) {
            $0.fields?["seat"]?.pattern = "^a"
        }
        expect(.widened(place("seat"), what: "the format", from: "uuid", to: "any"), isBreaking: true) {
            $0.fields?["seat"]?.format = nil
        }
    }

    @Test func `a known string that goes breaks, one that comes does not; a shape breaks either way`() {
        expect(.narrowed(place("way"), what: "what is known", from: "phone, web", to: "web"), isBreaking: true) {
            $0.fields?["way"]?.known = ["web"]
        }
        expect(.narrowed(place("note"), what: "what is known", from: "any", to: "short"), isBreaking: true) {
            $0.fields?["note"]?.known = ["short"]
        }
        expect(.knownAdded(place("way"), from: "phone, web", to: "desk, phone, web"), isBreaking: false) {
            $0.fields?["way"]?.known = ["desk", "phone", "web"]
        }
        expect(.widened(place("way"), what: "what is known", from: "phone, web", to: "any"), isBreaking: true) {
            $0.fields?["way"]?.known = nil
        }
        expect(.narrowed(place("guest"), what: "the shape 'new'", from: "taken", to: "refused"), isBreaking: true) {
            $0.fields?["guest"]?.shapes.removeLast()
        }
        expect(.widened(place("guest"), what: "the shape 'nobody'", from: "refused", to: "taken"), isBreaking: true) {
            $0.fields?["guest"]?.shapes.append(.object(["nobody": DataSchema(.boolean)]))
        }
    }

    @Test func `another unit breaks, another wording does not`() {
        expect(.unitChanged(place("count"), from: "none", to: "seats"), isBreaking: true) {
            $0.fields?["count"]?.unit = "seats"
        }
        expect(.reworded(place("count")), isBreaking: false) { $0.fields?["count"]?.title = "Seats" }
    }

    @Test func `an event that goes, or goes back to an older version, breaks`() {
        #expect(findings(to: []) == [.eventRemoved(Self.type)])
        #expect(
            findings([Self.contract(3)], to: [Self.contract(2)]) == [
                .versionLowered(Self.type, published: 3, program: 2)
            ])
        #expect(findings([], to: [Self.contract()]) == [.eventAdded(Self.type)])
    }

    @Test func `a new version may be anything, if every older one is read`() throws {
        let second = Self.contract(2) { $0 = .object(["place": DataSchema(.string)]) }
        let missing = ContractFinding.upcasterMissing(Self.type, from: 1, to: 2, why: "there is none")
        let added = ContractFinding.versionAdded(.init(Self.type, 2))
        #expect(findings(to: [second]) == [missing, added])
        #expect(missing.description.contains("seat.taken: no upcaster from v1 to v2"))
        #expect(findings(to: [second], reads: [1]) == [added])

        let third = Self.contract(3) { $0 = .object(["seats": DataSchema(.integer)]) }
        let comparison = ContractComparison(of: ContractBook([Self.contract()]), with: ContractBook([second])) { _ in
            nil
        }
        let both = try comparison.merged()
        #expect(both.versions(of: Self.type).map(\.number) == [1, 2])
        #expect(both.schemas[.init(Self.type, 1)] == Self.contract().schema)
        let later = ContractComparison(of: both, with: ContractBook([third])) { $0.number == 2 ? nil : "forgotten" }
        #expect(
            later.findings == [
                .upcasterMissing(Self.type, from: 1, to: 3, why: "forgotten"), .versionAdded(.init(Self.type, 3)),
            ])
    }

    @Test func `an emitter, consumer, answer or compensation that goes is named`() {
        let two = Self.contract(emittedBy: ["desk.take-seat", "desk.keep-seat"])
        let emitter = EventContract.Emitter(service: "desk", by: "desk.keep-seat")
        #expect(findings([two], to: [Self.contract()]) == [.emitterRemoved(Self.type, emitter)])
        #expect(findings(to: [Self.contract(consumers: [])]) == [.consumerRemoved(Self.type, Self.consumer())])
        #expect(
            ContractFinding.consumerRemoved(Self.type, Self.consumer()).description.hasPrefix(
                "seat.taken: till no longer reacts to it (till.refund, which undoes till.charge)."))
        let mute = Self.contract(consumers: [Self.consumer(answers: [])])
        #expect(findings(to: [mute]) == [.answerRemoved(Self.type, Self.consumer(), answer: "seat.paid")])
        let keeping = Self.contract(consumers: [Self.consumer(undoes: [])])
        #expect(findings(to: [keeping]) == [.compensationRemoved(Self.type, Self.consumer(), step: "till.charge")])
        #expect(findings([Self.contract()], to: [two]) == [.relationsGrown(Self.type)])
    }

    @Test func `what breaks is not published, and what was published stays`() throws {
        let published = ContractBook([Self.contract()])
        let broken = ContractBook([Self.contract { $0.fields?["seat"] = nil }])
        #expect(throws: BrokenContracts.self) {
            try ContractComparison(of: published, with: broken) { _ in nil }.merged()
        }
        let grown = ContractBook([Self.contract { $0.fields?["guests"] = DataSchema(.integer) }])
        #expect(try ContractComparison(of: published, with: grown) { _ in nil }.merged() == grown)
        #expect(try ContractBook(json: grown.json()) == grown)
    }
}
